"""The supervisor's day."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from counters import services
from counters.models import CounterSession, Visit
from counters.selectors import today as day
from counters.selectors.books import due_books, late_books
from counters.selectors.queue import queue
from counters.views.access import ABOVE, SUPERVISOR, Desk, act, officer_view, owned_by, show
from offices.selectors import can

HERE = "counters:today"
AT_RISK_SHOWN = 5


@officer_view(acts=SUPERVISOR, reads=ABOVE)
def today(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show who waits, what is at risk, and which counters work."""
    office, now = desk.office, desk.now
    risks = day.at_risk(office, now=now)
    exceptions = day.out_of_order(office, now=now)
    context = {
        "title": _("Hari ini"),
        "figures": day.figures(office, now=now),
        "risks": risks[:AT_RISK_SHOWN],
        "more_risks": max(len(risks) - AT_RISK_SHOWN, 0),
        "exception": exceptions[0] if exceptions else None,
        "exceptions": len(exceptions),
        "left_over": day.left_over(office, now=now),
        "late_books": late_books(office, desk.day).count(),
        "due_books": due_books(office, desk.day).count(),
        "waiting": day.waiting_line(office, now=now),
        "hours": day.by_hour(office, now=now),
        "counters": day.counter_rows(office, now=now),
        "queue": queue(office, now=now),
        "may_act": can(desk.user, office=office, roles=SUPERVISOR, now=now),
    }
    return show(request, desk, "counters/today.html", context)


@require_POST
@officer_view(acts=SUPERVISOR, owner=owned_by(CounterSession, "session_id"))
def free_counter(request: HttpRequest, desk: Desk, session_id: int) -> HttpResponse:
    """Close a counter that its officer forgot."""
    return act(
        request,
        desk,
        HERE,
        lambda: services.free_counter(session_id=session_id, now=desk.now),
        said=_("Loket ditutup."),
    )


@require_POST
@officer_view(acts=SUPERVISOR, owner=owned_by(Visit, "visit_id"))
def end_left_over(request: HttpRequest, desk: Desk, visit_id: int) -> HttpResponse:
    """End a visit of an earlier day that nobody ended: the person had gone."""
    return act(
        request,
        desk,
        HERE,
        lambda: services.leave(
            visit_id=visit_id, reason=_("sisa hari sebelumnya"), by=desk.user, now=desk.now
        ),
        said=_("Tercatat pergi."),
    )
