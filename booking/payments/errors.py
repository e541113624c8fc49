"""Errors of payments."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NothingToPay(DomainError):
    """The bill is paid, is void or has no price yet."""

    code = "nothing_to_pay"
    http_status = 409
    message = _("Tidak ada yang perlu dibayar untuk jadwal ini sekarang.")
