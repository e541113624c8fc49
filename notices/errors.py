"""Errors of links in messages."""

from django.utils.translation import gettext_lazy as _

from core.errors import NotFound


class LinkNotValid(NotFound):
    """The link is forged, changed, or for another purpose: all give the same answer."""

    code = "link_not_valid"
    message = _(
        "Tautan ini tidak berlaku. Buka tautan dalam pesan kami yang terbaru, atau masuk ke akun Anda."
    )


class LinkExpired(LinkNotValid):
    """The link is genuine, but its time is over. Only its holder can learn this."""

    code = "link_expired"
    http_status = 410
    message = _(
        "Tautan ini sudah kedaluwarsa pada %(when)s. Buka tautan dalam pesan kami yang terbaru, atau masuk ke akun Anda: yang masih dapat dijawab ada di sana."
    )


class LinkNeeded(NotFound):
    """The page is open only in the browser that has just opened the link, and to the signed-in owner."""

    code = "link_needed"
    message = _(
        "Buka lagi tautan dalam pesan kami, atau masuk ke akun Anda. Setelah tautan dibuka, halaman ini berlaku 30 menit di peramban yang sama."
    )
