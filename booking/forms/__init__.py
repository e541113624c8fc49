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
from booking.forms.brokers import (
    AppealForm,
    ContestForm,
    DeskContestForm,
    NoteForm,
    ReasonForm,
    ReleaseForm,
)
from booking.forms.closures import ClosureForm, ReopenForm
from booking.forms.waiting import WaitingForm

__all__ = [
    "FINES",
    "OLDEST_YEARS",
    "AppealForm",
    "ApplicationForm",
    "CancelForm",
    "ClosureForm",
    "ContestForm",
    "DayMonthYear",
    "DayMonthYearField",
    "DeskContestForm",
    "NoteForm",
    "PersonForm",
    "ReasonForm",
    "ReleaseForm",
    "ReopenForm",
    "WaitingForm",
    "capfirst_lazy",
    "tell",
]
