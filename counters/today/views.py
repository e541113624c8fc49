"""The supervisor's page of the day."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from counters.queue.selectors import queue
from counters.stations import services as stations_services
from counters.today import selectors
from counters.today.todo import todo_of
from counters.visits.models import CounterSession
from offices.officer import OfficerContext, act, officer_view, owned_by, show
from offices.permissions import Right

HERE = "counters:today"


@officer_view(reads=Right.READ_TODAY)
def today(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the queue, visits at risk and the counters."""
    office, now = officer.office, officer.now
    figures = selectors.figures(office, now=now)
    hours = selectors.by_hour(office, now=now)
    may_act = officer.has_right(Right.CLOSE_DAY)
    context: dict[str, Any] = {
        "title": _("Hari ini"),
        "flow": _flow(figures),
        "todo": todo_of(office, now=now, may_act=may_act, query=officer.query),
        "waiting": selectors.waiting_line(office, now=now),
        "hours": hours,
        "hour_rows": selectors.hour_rows(hours),
        "counters": selectors.counter_rows(office, now=now),
        "queue": queue(office, now=now),
        "may_act": may_act,
        "may_manage_kiosks": officer.has_right(Right.MANAGE_KIOSKS),
    }
    return show(request, officer, "counters/today/today.html", context)


def _flow(figures: selectors.Day) -> dict[str, Any]:
    came = (
        _("tiba, termasuk %(n)d tanpa jadwal") % {"n": figures.direct}
        if figures.direct
        else _("tiba")
    )
    return {
        "figures": [
            (_("kuota"), figures.planned),
            (_("dipesan"), figures.booked),
            (came, figures.arrived),
            (_("menunggu"), figures.waiting),
            (_("sedang dilayani"), figures.serving),
            (_("selesai"), figures.done),
        ],
        "done": figures.done,
        "serving": figures.serving,
        "waiting": figures.waiting,
        "missing": figures.expected,
        "sentence": figures.sentence,
    }


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
