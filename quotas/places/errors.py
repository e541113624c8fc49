"""Errors of taking and freeing places."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class SlotFull(DomainError):
    """No place of the slot can be booked now. Some may be in their cooldown, so the text does not say that all are taken."""

    code = "full"
    http_status = 409
    message = _(
        "Saat ini tidak ada tempat yang dapat dipesan pada sesi ini; tempat yang dibatalkan masuk ke daftar tunggu. Pilih sesi lain."
    )


class NotYetOpen(DomainError):
    """The window of the slot opens later."""

    code = "not_yet_open"
    http_status = 409
    message = _("Sesi ini belum dibuka. Lihat waktu pembukaannya di kalender kantor.")


class WindowClosed(DomainError):
    """The window of the slot has closed, or the slot was withdrawn."""

    code = "window_closed"
    http_status = 409
    message = _("Pemesanan untuk sesi ini sudah ditutup. Pilih hari lain di kalender kantor.")


class PlaceNotHeld(DomainError):
    """The holder does not hold this place any more."""

    code = "place_not_held"
    http_status = 409
    message = _(
        "Tempat ini bukan milik Anda lagi. Muat ulang halaman untuk melihat keadaan terbaru."
    )
