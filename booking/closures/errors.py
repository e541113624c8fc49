"""Rules about moved bookings that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class AlreadyAnswered(DomainError):
    """The offer to choose another hour free of charge was used before."""

    code = "already_answered"
    http_status = 409
    message = _(
        "Anda sudah menjawab pemindahan ini. Jadwal Anda yang sekarang ada di tiket; "
        "dari sana jadwal dapat diubah atau dibatalkan seperti biasa."
    )
