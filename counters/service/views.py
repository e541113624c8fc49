"""Screens of the counter."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.people.labels import masked
from core.errors import DomainError, InvalidInput
from core.forms import parsed_ids, posted_text
from counters.estimates.selectors import late_without_reason
from counters.gate import services as gate_services
from counters.queue import services as queue_services
from counters.queue.selectors import queue
from counters.service import services
from counters.service.selectors import (
    console_of,
    finished_today,
    free_counters,
    lane_counts,
    open_session,
    queue_for,
    session_visit,
)
from counters.stations import services as stations_services
from counters.visits.errors import CounterClosed, VisitElsewhere
from counters.visits.models import AT_A_COUNTER, CounterSession, Visit, VisitStatus
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import Counter
from offices.officer import REFUSED, OfficerContext, act, back, officer_view, owned_by, show
from offices.outages.selectors import concerning, open_outages, since_text
from offices.permissions import Right
from offices.reasons.models import Reason
from offices.reasons.selectors import reasons_on

QUEUE_SHOWN = 5
HERE = "counters:counter"
OF_VISIT = owned_by(Visit, "visit_id")
# Actions that need a form first; it replaces the buttons.
ASKS = {
    VisitStatus.CALLED: ("skip", "leave", "refuse"),
    VisitStatus.SERVING: ("incomplete", "rework", "pass_on", "refuse"),
}


@officer_view(writes=Right.SERVE_COUNTER)
def counter(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the officer's counter, or the list of counters if none is open."""
    return _screen(request, officer, ask=request.GET.get("ask", ""))


@require_POST
@officer_view(writes=Right.SERVE_COUNTER, owner=owned_by(Counter, "counter_id", "hall__office_id"))
def counter_take(request: HttpRequest, officer: OfficerContext, counter_id: int) -> HttpResponse:
    """Open a counter."""
    return act(
        request,
        officer,
        HERE,
        lambda: stations_services.take_counter(
            counter_id=counter_id, by=officer.user, now=officer.now
        ),
    )


@require_POST
@officer_view(writes=Right.SERVE_COUNTER)
def counter_do(request: HttpRequest, officer: OfficerContext, verb: str) -> HttpResponse:
    """Pause, resume or leave the counter, or call the next visit."""
    verbs: dict[str, Callable[[int], Any]] = {
        "pause": lambda pk: stations_services.pause_counter(
            session_id=pk, by=officer.user, now=officer.now
        ),
        "resume": lambda pk: stations_services.resume_counter(
            session_id=pk, by=officer.user, now=officer.now
        ),
        "leave": lambda pk: stations_services.leave_counter(
            session_id=pk, by=officer.user, now=officer.now
        ),
        "next": lambda pk: _call_next(request, officer, pk),
    }
    return act(request, officer, HERE, lambda: verbs[verb](_session(officer).pk))


@officer_view(writes=Right.CALL_OUT_OF_ORDER)
def counter_out_of_order(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Call a visit out of order, with a recorded reason."""
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _call_out_of_order(request, officer)
        except DomainError as refused:
            if refused.http_status in REFUSED:
                raise
            error = refused
        else:
            return back(officer, HERE)
    context: dict[str, Any] = {
        "title": _("Panggil di luar urutan"),
        "rows": queue(officer.office, now=officer.now),
        "error": error,
        "error_field": next(iter(error.fields), "") if error else "",
        "chosen": request.POST.get("visit", ""),
        "reasons": reasons_on(Reason.Use.OUT_OF_ORDER, officer.day),
        "reason": posted_text(request, "reason"),
        "note": posted_text(request, "note"),
    }
    return show(
        request,
        officer,
        "counters/service/out_of_order.html",
        context,
        status=error.http_status if error else 200,
    )


@require_POST
@officer_view(writes=Right.SERVE_COUNTER, owner=OF_VISIT)
def counter_visit(
    request: HttpRequest, officer: OfficerContext, visit_id: int, verb: str
) -> HttpResponse:
    """Run one action on the visit at the counter."""
    session = _session(officer)
    to: dict[str, Any] = {
        "visit_id": visit_id,
        "session_id": session.pk,
        "by": officer.user,
        "now": officer.now,
    }
    text = posted_text(request, "text")
    verbs: dict[str, Callable[[], Any]] = {
        "start": lambda: services.start_service(**to),
        "recall": lambda: queue_services.recall(**to),
        "skip": lambda: queue_services.skip(reason=text, **to),
        "leave": lambda: _leave(visit_id, session, officer, text),
        "incomplete": lambda: services.mark_incomplete(missing=text, **to),
        "pass_on": lambda: services.pass_on(reason=text, **to),
        "refuse": lambda: _refuse(visit_id, session, officer, text),
        "rework": lambda: services.start_stage(stage=request.POST.get("stage", ""), **to),
    }
    try:
        verbs[verb]()
    except InvalidInput as error:
        return _screen(request, officer, ask=verb, error=error, typed=text)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        messages.error(request, str(error))
    return back(officer, HERE)


@require_POST
@officer_view(writes=Right.SERVE_COUNTER, owner=OF_VISIT)
def counter_work(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Save notes and documents, then finish the stage or the visit, or show the next form."""
    session = _session(officer)
    to: dict[str, Any] = {
        "visit_id": visit_id,
        "session_id": session.pk,
        "by": officer.user,
        "now": officer.now,
    }
    go = request.POST.get("go", "finish")

    def work() -> None:
        services.save_work(
            visit_id=visit_id,
            session_id=session.pk,
            by=officer.user,
            now=officer.now,
            notes=posted_text(request, "notes", has_lines=True),
            documents_checked=request.POST.getlist("documents"),
        )
        if go == "finish":
            services.finish_stage(**to)
        elif go == "end":
            services.finish_visit(**to)
            messages.success(request, _("Kunjungan selesai."))
        elif go == "pause":
            stations_services.pause_counter(session_id=session.pk, by=officer.user, now=officer.now)

    answer = act(request, officer, HERE, work)
    if go in ASKS[VisitStatus.SERVING]:
        answer["Location"] += f"{'&' if officer.query else '?'}ask={go}"
    return answer


def _session(officer: OfficerContext) -> CounterSession:
    session = open_session(officer.user, officer.office)
    if session is None:
        raise CounterClosed
    return session


def _call_next(request: HttpRequest, officer: OfficerContext, session_id: int) -> None:
    if queue_services.call_next(session_id=session_id, by=officer.user, now=officer.now) is None:
        messages.info(request, _("Tidak ada yang menunggu untuk loket ini."))


def _call_out_of_order(request: HttpRequest, officer: OfficerContext) -> None:
    [visit_id] = parsed_ids([request.POST.get("visit", "")])
    if not visit_id:
        text = _("Pilih siapa yang dipanggil.")
        raise InvalidInput(text, fields={"visit": [text]})
    queue_services.call_visit(
        visit_id=visit_id,
        session_id=_session(officer).pk,
        reason=posted_text(request, "reason"),
        note=posted_text(request, "note"),
        by=officer.user,
        now=officer.now,
    )


def _leave(visit_id: int, session: CounterSession, officer: OfficerContext, reason: str) -> None:
    if not session.visits.filter(pk=visit_id, status=VisitStatus.CALLED).exists():
        raise VisitElsewhere
    queue_services.leave(visit_id=visit_id, reason=reason, by=officer.user, now=officer.now)


def _refuse(visit_id: int, session: CounterSession, officer: OfficerContext, reason: str) -> None:
    if not session.visits.filter(pk=visit_id, status__in=AT_A_COUNTER).exists():
        raise VisitElsewhere
    gate_services.refuse_visit(visit_id=visit_id, reason=reason, by=officer.user, now=officer.now)


def _screen(
    request: HttpRequest,
    officer: OfficerContext,
    *,
    ask: str = "",
    error: DomainError | None = None,
    typed: str = "",
) -> HttpResponse:
    session = open_session(officer.user, officer.office)
    status = error.http_status if error else 200
    if session is None:
        counters = free_counters(officer.office)
        first = next((row for row in counters if row["session"] is None), None)
        if first is not None:
            first["is_first"] = True
        choice = {"title": _("Pilih loket"), "counters": counters}
        return show(request, officer, "counters/service/choose_counter.html", choice, status=status)
    rows = queue_for(session, now=officer.now)
    visit = session_visit(session)
    console = console_of(visit, counter=session.counter, now=officer.now) if visit else None
    context: dict[str, Any] = {
        "title": str(session.counter),
        "session": session,
        "finished": finished_today(session, now=officer.now),
        "queue": rows[:QUEUE_SHOWN],
        "more": max(len(rows) - QUEUE_SHOWN, 0),
        "next_row": rows[0] if rows else None,
        "day_rule": day_rule_on(officer.office, officer.day),
        "late_visit": late_without_reason(officer.office, now=officer.now, session=session).first(),
        "late_reasons": reasons_on(Reason.Use.LATE_VISIT, officer.day),
        "lanes": lane_counts(rows),
        "outages": [
            {"row": row, "since": since_text(row, officer.office, now=officer.now)}
            for row in concerning(session.counter, open_outages(officer.office))
        ],
        "visit": visit,
        "console": console,
        "identity": masked(visit.booking.applicant) if visit else "",
        "clock": console.clock if console else None,
        "stages": console.stages if console else [],
        "ask": ask if visit and ask in ASKS.get(VisitStatus(visit.status), ()) else "",
        "error": error,
        "typed": typed,
    }
    return show(request, officer, "counters/service/counter.html", context, status=status)
