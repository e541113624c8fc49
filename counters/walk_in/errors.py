"""Errors of admitting people without a booking."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OfficialGuestNeedsSupervisor(DomainError):
    """Only a supervisor admits an official guest to the priority lane."""

    code = "official_guest_needs_supervisor"
    http_status = 409
    message = _(
        "Tamu dinas hanya diterima oleh pengawas, dan jumlahnya diumumkan. Panggil pengawas untuk memasukkannya."
    )
