"""The supervisor's page of the day."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError, InvalidInput
from core.forms import posted_text
from core.web import count_refusal
from counters.queue import services as queue_services
from counters.queue.selectors import queue
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.today import selectors
from counters.today.todo import todo_of
from counters.visits.models import CounterSession, Visit, VisitStatus
from offices.officer import OfficerContext, act, back, officer_view, owned_by, show
from offices.permissions import Right

HERE = "counters:today"
SERVED_BY_SOMEBODY = (VisitStatus.SERVING, VisitStatus.PARKED)


@officer_view(reads=Right.READ_TODAY)
def today(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the queue, visits at risk and the counters."""
    office, now = officer.office, officer.now
    figures = selectors.figures(office, now=now)
    hours = selectors.by_hour(office, now=now)
    may_act = officer.has_right(Right.END_LEFT_OVER_VISIT)
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


@officer_view(writes=Right.END_LEFT_OVER_VISIT, owner=owned_by(Visit, "visit_id"))
def end_left_over(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """End an open visit of an earlier day; a person who was being served gets a message."""
    visit = get_object_or_404(Visit.objects.select_related("ticket"), pk=visit_id)
    typed = posted_text(request, "text")
    was_served = visit.status in SERVED_BY_SOMEBODY
    status, error = 200, ""
    if request.method != "POST":
        if not was_served:
            return back(officer, HERE)
    else:
        try:
            _end_left_over(visit, officer, reason=typed)
        except InvalidInput as wrong:
            status, error = wrong.http_status, str(wrong)
        except DomainError as wrong:
            count_refusal(wrong)
            messages.error(request, str(wrong))
            return back(officer, HERE)
        else:
            messages.success(
                request, _("Kunjungan diakhiri.") if was_served else _("Tercatat pergi.")
            )
            return back(officer, HERE)
    context = {"title": _("Sisa hari sebelumnya"), "visit": visit, "typed": typed, "error": error}
    return show(request, officer, "counters/today/left_over.html", context, status=status)


def _end_left_over(visit: Visit, officer: OfficerContext, *, reason: str) -> None:
    if visit.status in SERVED_BY_SOMEBODY:
        service_services.end_left_over(
            visit_id=visit.pk, reason=reason, by=officer.user, now=officer.now
        )
    else:
        left = reason or _("sisa hari sebelumnya")
        queue_services.leave(visit_id=visit.pk, reason=left, by=officer.user, now=officer.now)
