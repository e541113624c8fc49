"""The supervisor's page of the day."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from counters.stations import services as stations_services
from counters.today import selectors
from counters.today.facts import DayFacts
from counters.today.ranking import ranked_offices
from counters.today.todo import todo_of
from counters.visits.models import CounterSession
from offices.officer import OfficerContext, act, officer_view, owned_by, show
from offices.permissions import Right

HERE = "counters:today"


@officer_view(reads=Right.READ_TODAY)
def today(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the queue, visits at risk and the counters."""
    office, now = officer.office, officer.now
    facts = DayFacts(office, now=now)
    figures = selectors.figures(facts)
    hours = selectors.by_hour(facts)
    may_act = officer.has_right(Right.CLOSE_DAY)
    context: dict[str, Any] = {
        "title": _("Hari ini"),
        "flow": _flow(figures),
        "todo": todo_of(office, now=now, may_act=may_act, query=officer.query, facts=facts),
        "waiting": selectors.waiting_line(facts),
        "hours": hours,
        "hour_rows": selectors.hour_rows(hours),
        "halls": selectors.hall_figures(facts),
        "day": figures,
        "counters": selectors.counter_rows(facts),
        "queue": facts.prediction.queue,
        "may_act": may_act,
        "may_manage_kiosks": officer.has_right(Right.MANAGE_KIOSKS),
    }
    return show(request, officer, "counters/today/today.html", context)


def _flow(figures: selectors.Day) -> dict[str, Any]:
    came = _("tiba, dan %(n)d langsung") % {"n": figures.direct} if figures.direct else _("tiba")
    shown = [
        (_("rencana"), figures.planned),
        (_("dipesan"), figures.booked),
        (came, figures.arrived),
        (_("menunggu"), figures.waiting),
        (_("sedang dilayani"), figures.serving),
        (_("selesai"), figures.served),
    ]
    return {
        "figures": shown,
        "done": figures.served,
        "serving": figures.serving,
        "waiting": figures.waiting,
        "missing": figures.expected,
        "sentence": figures.sentence,
    }


@officer_view(reads=Right.READ_TODAY)
def offices(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Rank the offices that the officer may read by how much they need help."""
    rows = ranked_offices([officer.office, *officer.others], now=officer.now)
    context = {"title": _("Kantor hari ini"), "rows": rows}
    return show(request, officer, "counters/today/offices.html", context)


@require_POST
@officer_view(writes=Right.FREE_COUNTER, owner=owned_by(CounterSession, "session_id"))
def free_counter(request: HttpRequest, officer: OfficerContext, session_id: int) -> HttpResponse:
    """Close a counter that its officer forgot to close."""
    return act(
        request,
        officer,
        HERE,
        lambda: stations_services.free_counter(
            session_id=session_id, by=officer.user, now=officer.now
        ),
        success=_("Loket ditutup."),
    )
