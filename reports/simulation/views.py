"""The supervisor's page of the simulation."""

from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.simulation import tables
from reports.simulation.changes import apply_changes
from reports.simulation.forms import SimulationForm
from reports.simulation.selectors import read_day

TOMORROW: Final = timedelta(days=1)


@officer_view(reads=Right.READ_LOAD)
def simulation_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show a form, and what a day with its values would be like."""
    sent = request.GET.dict()
    sent.setdefault("day", (officer.day + TOMORROW).isoformat())
    form = SimulationForm(sent, today=officer.day)
    context: dict[str, Any] = {"title": _("Simulasi hari"), "form": form, "result": None}
    if form.is_valid():
        context |= _result(officer, form)
    status = 400 if form.errors else 200
    return show(request, officer, "reports/simulation/simulation.html", context, status=status)


def _result(officer: OfficerContext, form: SimulationForm) -> dict[str, Any]:
    day = form.cleaned_data["day"]
    planned = read_day(officer.office, day, now=officer.now)
    if planned is None:
        return {"day": day, "is_closed": True}
    try:
        simulated = apply_changes(planned, form.changes())
    except InvalidInput as error:
        form.add_error(None, str(error))
        return {}
    result = tables.quick_result(simulated)
    return {
        "day": day,
        "result": result,
        "sentences": tables.sentences(result),
        "visit_chart": tables.visit_chart(result.day),
        "visit_rows": tables.visit_rows(result.day),
        "hour_chart": tables.hour_chart(result.day),
        "hour_rows": tables.hour_rows(result.day),
    }
