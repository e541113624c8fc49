"""The screen of uncollected passports."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from counters.production.selectors import collection_rule_on
from counters.uncollected import selectors
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right

SHOWN = 100


@officer_view(reads=Right.HAND_OVER_PASSPORTS)
def uncollected(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List ready passports by age, with the day on which each is cancelled."""
    rows = selectors.waiting_books(officer.office, now=officer.now)
    rule = collection_rule_on(officer.office, officer.day)
    context: dict[str, Any] = {
        "title": _("Belum diambil"),
        "rows": rows[:SHOWN],
        "count": len(rows),
        "cancelled": selectors.cancelled_books(officer.office),
        "days": ", ".join(map(str, sorted(rule.reminder_days))),
        "months": rule.cancelled_after_months,
        "today": officer.day,
    }
    return show(request, officer, "counters/uncollected/uncollected.html", context)
