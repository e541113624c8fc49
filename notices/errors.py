"""Errors of links in messages."""

from django.utils.translation import gettext_lazy as _

from core.errors import NotFound


class LinkNotValid(NotFound):
    """The link is forged, too old, or for another purpose: all give the same answer."""

    code = "link_not_valid"
    message = _(
        "Tautan ini tidak berlaku. Buka tautan dalam pesan kami yang terbaru, atau masuk ke akun Anda."
    )


class LinkNeeded(NotFound):
    """The page is open only in the browser that has just opened the link, and to the signed-in owner."""

    code = "link_needed"
    message = _(
        "Buka lagi tautan dalam pesan kami, atau masuk ke akun Anda. Setelah tautan dibuka, halaman ini berlaku 30 menit di peramban yang sama."
    )
