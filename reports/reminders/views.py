"""The supervisor's page that compares the wordings of reminders."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.reminders.models import ReminderWording
from core.languages import localized
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.load.forms import period_form, usual_span
from reports.reminders.selectors import Outcome, differ, outcomes

USUAL_DAYS: Final = 90


@officer_view(reads=Right.READ_REPORTS)
def reminders_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show for each wording how many reminded people did not come."""
    form = period_form(request.GET, officer, usual=usual_span(officer.day, USUAL_DAYS))
    context: dict[str, Any] = {
        "title": _("Pengingat"),
        "form": form,
        "office": officer.office,
        "has_choice": bool(officer.others),
        "is_valid": form.is_valid(),
    }
    if context["is_valid"]:
        span = form.cleaned_data["first"], form.cleaned_data["last"]
        results = outcomes(officer.office, *span, now=officer.now)
        context |= {"rows": [_row(outcome) for outcome in results], "differ": differ(results)}
    return show(request, officer, "reports/reminders/reminders.html", context)


def _row(outcome: Outcome) -> dict[str, Any]:
    wording = ReminderWording.objects.filter(code=outcome.code).order_by("-valid_from").first()
    low, high = outcome.interval or (None, None)
    return {
        "outcome": outcome,
        "text": localized(wording, "text") if wording else "",
        "low": low,
        "high": high,
    }
