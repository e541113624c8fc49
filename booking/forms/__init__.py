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
    "capfirst_lazy",
    "tell",
]
