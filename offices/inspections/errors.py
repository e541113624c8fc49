"""Errors of inspections."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class WrongStep(DomainError):
    """The finding is not in a state that allows this step: somebody else was first, or it is closed."""

    code = "wrong_step"
    http_status = 409
    message = _("Temuan ini baru saja berubah. Baca keadaannya yang terbaru.")
