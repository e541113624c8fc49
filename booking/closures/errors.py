"""Errors about moved bookings."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AlreadyAnswered(DomainError):
    """The free choice of another slot was already used."""

    code = "already_answered"
    http_status = 409
    message = _(
        "Anda sudah menjawab pemindahan ini. Jadwal Anda yang sekarang ada di tiket; "
        "dari sana jadwal dapat diubah atau dibatalkan seperti biasa."
    )


class NoEveningPlace(DomainError):
    """No place after closing time is free today."""

    code = "no_evening_place"
    http_status = 409
    message = _("Tidak ada tempat malam yang kosong. Tambahkan tempat malam, atau pilih besok.")
