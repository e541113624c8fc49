"""Errors of taking and freeing places."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class SlotFull(DomainError):
    """Every place of the slot is held by someone else."""

    code = "full"
    http_status = 409
    message = _("Sesi ini baru saja penuh. Pilih sesi lain di bawah ini.")


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
