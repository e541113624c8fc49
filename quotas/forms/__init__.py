"""What readers of the calendar may ask, and what supervisors fill in."""

from quotas.forms.queries import CalendarQuery, SlotsQuery, calendar_query, slots_query
from quotas.forms.returns import ReturnForm
from quotas.forms.rules import (
    AddPlacesForm,
    EndRollOverForm,
    QuotaForm,
    ReleaseForm,
    RollOverForm,
)

__all__ = [
    "AddPlacesForm",
    "CalendarQuery",
    "EndRollOverForm",
    "QuotaForm",
    "ReleaseForm",
    "ReturnForm",
    "RollOverForm",
    "SlotsQuery",
    "calendar_query",
    "slots_query",
]
