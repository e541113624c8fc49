"""Errors of waiting rooms."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NotLetIn(DomainError):
    """The window has a waiting room, and it is not this account's turn."""

    code = "not_admitted"
    http_status = 403
    message = _(
        "Pembukaan kuota ini memakai ruang tunggu dan giliran Anda belum tiba. Masuk ke ruang tunggu; urutan Anda tersimpan, dan halamannya memberi tahu saat giliran Anda tiba."
    )


class RoomNotOpen(DomainError):
    """The room has not opened yet: it opens half an hour before the window."""

    code = "room_not_open"
    http_status = 409
    message = _("Ruang tunggu belum dibuka. Ruang tunggu dibuka setengah jam sebelum pemesanan.")
