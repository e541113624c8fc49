"""Errors of pickup."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class NoDriveThru(DomainError):
    """The office has no drive-thru on this day."""

    code = "no_drive_thru"
    http_status = 409
    message = _("Kantor ini tidak melayani drive-thru hari ini. Serahkan paspor di loket.")
