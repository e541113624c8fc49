"""Errors of complaints."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ComplaintAnswered(DomainError):
    """Another officer has answered."""

    code = "complaint_answered"
    http_status = 409
    message = _("Pengaduan ini sudah dijawab.")
