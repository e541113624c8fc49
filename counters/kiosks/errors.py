"""Errors of kiosks."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class WrongPairingCode(DomainError):
    """The code is unknown, used, expired, revoked or of another office: one answer for all."""

    code = "wrong_pairing_code"
    http_status = 400
    message = _(
        "Kode perangkat ini tidak berlaku. Minta kode baru kepada supervisor; setiap kode berlaku 15 menit dan hanya sekali."
    )


class KioskNotPaired(DomainError):
    """No token, or one that no kiosk has."""

    code = "kiosk_not_paired"
    http_status = 401
    message = _("Perangkat ini belum dipasangkan. Masukkan kode dari supervisor kantor ini.")


class KioskRevoked(DomainError):
    """A supervisor has revoked this device."""

    code = "kiosk_revoked"
    http_status = 403
    message = _(
        "Perangkat ini sudah dicabut oleh supervisor. Minta kode baru untuk memakainya lagi."
    )


class UnknownTicket(DomainError):
    """No booking of this kiosk's office has this code."""

    code = "unknown_ticket"
    http_status = 404
    message = _(
        "Kode ini tidak dikenal di kantor ini. Periksa setiap karakter, atau tunjukkan tiket Anda di gerbang."
    )


class TicketEnded(DomainError):
    """The booking was cancelled, moved away or has expired."""

    code = "booking_ended"
    http_status = 409
    message = _("Jadwal ini sudah tidak berlaku (%(status)s). Bicaralah dengan petugas di gerbang.")


class TicketForAnotherDay(DomainError):
    """The booking is for another day."""

    code = "wrong_day"
    http_status = 409
    message = _("Jadwal Anda untuk %(when)s, bukan hari ini.")


class TooManyWrongCodes(DomainError):
    """The kiosk has read too many unknown codes in a short time."""

    code = "slow_down"
    http_status = 429
    message = _(
        "Terlalu banyak kode yang salah. Tunggu %(minutes)d menit, atau tunjukkan tiket Anda di gerbang."
    )
