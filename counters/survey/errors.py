"""Errors of the survey."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class SurveyAnswered(DomainError):
    """The invitation has been used."""

    code = "survey_answered"
    http_status = 409
    message = _("Survei untuk kunjungan ini sudah diisi. Terima kasih.")
