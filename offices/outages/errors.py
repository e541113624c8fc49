"""Errors of outages."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OutageStands(DomainError):
    """The device or counter already has an open outage."""

    code = "outage_stands"
    http_status = 409
    message = _("%(thing)s sudah tercatat rusak sejak %(since)s. Tidak perlu dicatat lagi.")


class OutageOver(DomainError):
    """The outage has already been ended."""

    code = "outage_over"
    http_status = 409
    message = _("Gangguan ini sudah diakhiri. Berikut keadaan terbarunya.")
