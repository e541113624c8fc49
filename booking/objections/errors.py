"""Errors of objections."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ObjectionMade(DomainError):
    """An objection exists already."""

    code = "objection_made"
    http_status = 409
    message = _("Keberatan ini sudah diajukan. Jawabannya dikirim lewat surel.")


class NoObjection(DomainError):
    """There is nothing to object to."""

    code = "no_objection"
    http_status = 409
    message = _("Di sini tidak ada keputusan yang dapat diajukan keberatannya.")


class ObjectionDecided(DomainError):
    """Another officer has decided."""

    code = "objection_decided"
    http_status = 409
    message = _("Keberatan ini sudah dijawab.")
