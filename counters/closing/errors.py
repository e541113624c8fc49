"""Errors of closing the day."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class DayNotOver(DomainError):
    """The day's closing begins later."""

    code = "day_not_over"
    http_status = 409
    message = _("Ini baru dapat dipakai mulai pukul %(time)s.")


class DecisionNotPossible(DomainError):
    """This way is not open to this visit."""

    code = "decision_not_possible"
    http_status = 409
    message = _("Pilihan ini tidak berlaku untuk kunjungan ini. Pilih yang lain.")
