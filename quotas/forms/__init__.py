"""What readers of the calendar may ask, and what supervisors fill in."""

from quotas.forms.queries import CalendarQuery, SlotsQuery, calendar_query, slots_query
from quotas.forms.returns import ReturnForm
from quotas.forms.rules import (
    AddPlacesForm,
    DecreeForm,
    EndRollOverForm,
    QuotaForm,
    ReleaseForm,
    RollOverForm,
    RuleForm,
)

__all__ = [
    "AddPlacesForm",
    "CalendarQuery",
    "DecreeForm",
    "EndRollOverForm",
    "QuotaForm",
    "ReleaseForm",
    "ReturnForm",
    "RollOverForm",
    "RuleForm",
    "SlotsQuery",
    "calendar_query",
    "slots_query",
]
