from booking.forms.applicants import (
    FINES,
    OLDEST_YEARS,
    ApplicationForm,
    CancelForm,
    DayMonthYear,
    DayMonthYearField,
    PersonForm,
    capfirst_lazy,
    tell,
)
from booking.forms.closures import ClosureForm, ReopenForm
from booking.forms.waiting import WaitingForm

__all__ = [
    "FINES",
    "OLDEST_YEARS",
    "ApplicationForm",
    "CancelForm",
    "ClosureForm",
    "DayMonthYear",
    "DayMonthYearField",
    "PersonForm",
    "ReopenForm",
    "WaitingForm",
    "capfirst_lazy",
    "tell",
]
