"""Rules about outages that can be broken."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class OutageStands(DomainError):
    """A device is out of order once at a time."""

    code = "outage_stands"
    http_status = 409
    message = _("%(thing)s sudah tercatat rusak sejak %(since)s. Tidak perlu dicatat lagi.")


class OutageOver(DomainError):
    """Somebody else has noted that it works again."""

    code = "outage_over"
    http_status = 409
    message = _("Gangguan ini sudah diakhiri. Berikut keadaan terbarunya.")
