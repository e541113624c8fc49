"""Screens of the counter."""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.applications.choices import answer_choices
from booking.applications.documents import circumstances_of
from booking.people.labels import masked
from core.errors import DomainError, InvalidInput
from core.formats import hour_zone
from core.forms import parsed_ids, posted_text
from core.web import count_refusal
from counters.estimates.selectors import late_without_reason
from counters.gate import services as gate_services
from counters.queue import services as queue_services
from counters.queue.selectors import queue, queue_at
from counters.service import conversion, services, transfers
from counters.service.forms import counter_of, version_of, work_of
from counters.service.selectors import (
    APPLICATION_FIELDS,
    Console,
    answer_rows,
    console_of,
    finished_today,
    free_counters,
    lane_counts,
    last_finished,
    open_session,
    receipt_of,
    visits_at,
)
from counters.stations import services as stations_services
from counters.visits.errors import CounterClosed, StageChanged, VisitElsewhere
from counters.visits.models import IN_SERVICE, CounterSession, Visit, VisitStatus
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
# Actions that need a form first; it replaces the visit's form.
ASKS: Final = {
    VisitStatus.CALLED: ("leave", "refuse"),
    VisitStatus.SERVING: ("incomplete", "rework", "transfer", "put_back", "refuse", "convert"),
}
# Exceptions whose text is saved while it is typed.
DRAFTS: Final = frozenset({"incomplete", "transfer", "put_back", "refuse", "leave"})


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
    # The service reads the officer's own session under its lock.
    mine: dict[str, Any] = {"session_id": None, "by": officer.user, "now": officer.now}
    verbs: dict[str, Callable[[], Any]] = {
        "pause": lambda: stations_services.pause_counter(**mine),
        "resume": lambda: stations_services.resume_counter(**mine),
        "leave": lambda: stations_services.leave_counter(**mine),
        "next": lambda: _call_next(request, mine),
    }
    return act(request, officer, HERE, verbs[verb])


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
    """Run one action on the visit at the counter. A form of an earlier version changes nothing."""
    text = posted_text(request, "text")
    verbs = _verbs(request, officer, visit_id, text)
    try:
        verbs[verb]()
    except InvalidInput as error:
        return _screen(request, officer, ask=verb, error=error, typed=text)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
    return back(officer, HERE)


def _verbs(
    request: HttpRequest,
    officer: OfficerContext,
    visit_id: int,
    text: str,
) -> dict[str, Callable[[], Any]]:
    to: dict[str, Any] = {
        "visit_id": visit_id,
        "session_id": None,  # the officer's own, which the service reads with the visit
        "by": officer.user,
        "now": officer.now,
    }
    version = version_of(request)
    to_version = {**to, "version": version}
    # What follows a call is guarded by its status too: a request that names no version is tried.
    to_known = {**to, "version": version if version >= 0 else None}

    def fresh(call: Callable[[], Any]) -> Callable[[], Any]:
        def checked() -> Any:
            _require_version(visit_id, version)
            return call()

        return checked

    return {
        "start": lambda: services.start_service(**to_known),
        "recall": lambda: queue_services.recall(**to_known),
        "skip": lambda: _skip(request, officer, text, to_known),
        "leave": fresh(lambda: _leave(visit_id, _session(officer), officer, text)),
        "refuse": fresh(lambda: _refuse(visit_id, _session(officer), officer, text)),
        "incomplete": lambda: services.mark_incomplete(missing=text, **to_version),
        "rework": lambda: services.start_stage(stage=request.POST.get("stage", ""), **to_version),
        "transfer": lambda: transfers.transfer(
            counter_id=counter_of(request), reason=text, **to_version
        ),
        "put_back": lambda: transfers.put_back(reason=text, **to_version),
        "resume": lambda: transfers.resume_visit(**to_version),
        "convert": lambda: _convert(request, visit_id, to_version),
    }


@require_POST
@officer_view(writes=Right.SERVE_COUNTER, owner=OF_VISIT)
def counter_work(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Save the visit's form, then finish the stage or the visit, or show the next form."""
    to: dict[str, Any] = {
        "visit_id": visit_id,
        "session_id": None,
        "by": officer.user,
        "now": officer.now,
        "work": work_of(request),
        "version": version_of(request),
    }
    stage, go = request.POST.get("stage", ""), request.POST.get("go", "finish")
    verbs: dict[str, Callable[[], Any]] = {
        "finish": lambda: services.finish_stage(stage=stage, **to),
        "end": lambda: _end(request, stage, to),
        "all_seen": lambda: services.see_all_documents(**to),
        "park": lambda: transfers.park_visit(**to),
        "pause": lambda: (
            services.save_work(**to),
            stations_services.pause_counter(session_id=None, by=officer.user, now=officer.now),
        ),
    }
    try:
        verbs.get(go, lambda: services.save_work(**to))()
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
        return back(officer, HERE)
    if go == "outage":
        return back(officer, "counters:outage")
    answer = back(officer, HERE)
    if go in ASKS[VisitStatus.SERVING]:
        answer["Location"] += f"{'&' if officer.query else '?'}ask={go}"
    return answer


@require_POST
@officer_view(writes=Right.SERVE_COUNTER, owner=OF_VISIT)
def counter_draft(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Save what is being typed, for the script of the page: the visit's form or one text."""
    to: dict[str, Any] = {
        "visit_id": visit_id,
        "session_id": None,
        "by": officer.user,
        "now": officer.now,
        "version": version_of(request),
    }
    name = request.POST.get("draft_of", "")
    try:
        if name in DRAFTS:
            services.save_text(name=f"text_{name}", text=posted_text(request, "text"), **to)
        else:
            services.save_work(work=work_of(request), **to)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        return JsonResponse({"text": str(error)}, status=error.http_status)
    saved = _("Tersimpan %(time)s") % {"time": hour_zone(officer.now, officer.office)}
    return JsonResponse({"text": saved})


@officer_view(reads=Right.SERVE_COUNTER, owner=OF_VISIT)
def counter_receipt(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Show the receipt of a finished visit, for printing."""
    receipt = receipt_of(visit_id, now=officer.now)
    if receipt is None:
        messages.info(request, _("Tanda terima tersedia setelah kunjungan selesai."))
        return back(officer, HERE)
    context = {"title": _("Tanda terima"), "receipt": receipt}
    return show(request, officer, "counters/service/receipt.html", context)


def _session(officer: OfficerContext) -> CounterSession:
    session = open_session(officer.user, officer.office)
    if session is None:
        raise CounterClosed
    return session


def _require_version(visit_id: int, version: int) -> None:
    """Raise StageChanged for a form of an earlier version; the service checks the status under lock.

    What follows a call is guarded by its status too, so a request that names no version is tried.
    """
    if version >= 0 and not Visit.objects.filter(pk=visit_id, version=version).exists():
        raise StageChanged


def _call_next(request: HttpRequest, mine: dict[str, Any]) -> None:
    if queue_services.call_next(**mine) is None:
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
    if not session.visits.filter(pk=visit_id, status__in=IN_SERVICE).exists():
        raise VisitElsewhere
    gate_services.refuse_visit(visit_id=visit_id, reason=reason, by=officer.user, now=officer.now)


def _skip(request: HttpRequest, officer: OfficerContext, text: str, to: dict[str, Any]) -> None:
    """Skip the called visit and say what became of it; the screen shows who is next."""
    visit = queue_services.skip(reason=text or _("Belum datang ke loket"), **to)
    rule = day_rule_on(visit.office, officer.day)
    values = {
        "ticket": visit.ticket,
        "most": rule.most_calls,
        "after": rule.calls_before_again,
    }
    text = (
        _("%(ticket)s tidak menjawab %(most)d panggilan: dicatat pergi, boleh kembali hari ini.")
        if visit.status == VisitStatus.LEFT
        else _(
            "%(ticket)s dilewati: menunggu di belakang yang hadir, "
            "dipanggil lagi setelah %(after)d panggilan lain."
        )
    )
    messages.info(request, text % values)


def _convert(request: HttpRequest, visit_id: int, to: dict[str, Any]) -> None:
    visit = Visit.objects.select_related("office", "booking__service_type").get(pk=visit_id)
    code = request.POST.get("service_type", "")
    service = next((row for row in conversion.convertible_to(visit) if row.code == code), None)
    if service is None:
        raise StageChanged
    answers = {name: posted_text(request, name) for name in APPLICATION_FIELDS}
    conversion.convert_visit(service=service, answers=answers, **to)
    messages.success(request, _("Layanan diganti menjadi %(service)s.") % {"service": service})


def _end(request: HttpRequest, stage: str, to: dict[str, Any]) -> None:
    services.finish_visit(stage=stage, **to)
    messages.success(request, _("Kunjungan selesai."))


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
        counters = free_counters(officer.office, day=officer.day)
        first = next((row for row in counters if row["session"] is None), None)
        if first is not None:
            first["is_first"] = True
        choice = {"title": _("Pilih loket"), "counters": counters}
        return show(request, officer, "counters/service/choose_counter.html", choice, status=status)
    day_rule = day_rule_on(officer.office, officer.day)
    waiting = queue_at(
        session.counter,
        office=session.office,
        now=officer.now,
        shown=QUEUE_SHOWN,
        rule=day_rule,
    )
    visit, parked = visits_at(session, now=officer.now)
    context: dict[str, Any] = {
        "title": str(session.counter),
        "session": session,
        "finished": finished_today(session, now=officer.now),
        "queue": waiting.rows,
        "more": max(waiting.total - QUEUE_SHOWN, 0),
        "next_row": waiting.rows[0] if waiting.rows else None,
        "day_rule": day_rule,
        "late_visit": late_without_reason(officer.office, now=officer.now, session=session).first(),
        "late_reasons": reasons_on(Reason.Use.LATE_VISIT, officer.day),
        "lanes": lane_counts(waiting.lanes),
        "parked": parked,
        "outages": [
            {"row": row, "since": since_text(row, officer.office, now=officer.now)}
            for row in concerning(session.counter, open_outages(officer.office))
        ],
        "visit": visit,
        "error": error,
        "ask": "",
        "clock": None,
        "stages": [],
    }
    if visit is None:
        context["last"] = last_finished(session, now=officer.now)
    else:
        context |= _of_visit(request, officer, session, visit, ask=ask, typed=typed)
    return show(request, officer, "counters/service/counter.html", context, status=status)


def _of_visit(
    request: HttpRequest,
    officer: OfficerContext,
    session: CounterSession,
    visit: Visit,
    *,
    ask: str,
    typed: str,
) -> dict[str, Any]:
    console = console_of(visit, counter=session.counter, now=officer.now)
    ask = ask if ask in ASKS.get(VisitStatus(visit.status), ()) else ""
    is_form = visit.status == VisitStatus.SERVING and not ask
    return {
        "console": console,
        "identity": masked(visit.booking.applicant),
        "clock": console.clock,
        "stages": console.stages,
        "ask": ask,
        "typed": typed or visit.draft.get(f"text_{ask}", ""),
        "answers": _answers(visit, officer, console) if is_form else [],
        "goes_to": _goes_to(visit, session, console) if is_form else [],
        **_for_ask(request, officer, session, console, ask),
    }


def _goes_to(visit: Visit, session: CounterSession, console: Console) -> list[Counter]:
    """Return the open counters for the next stage if this one cannot do it, now or because of an outage."""
    following = console.next_stage
    if following is None or console.goes_on_here:
        return []
    return transfers.takers(visit, session, stage=following.stage)


def _answers(visit: Visit, officer: OfficerContext, console: Console) -> list[dict[str, Any]]:
    booking = visit.booking
    age = circumstances_of(
        booking.applicant, booking.service_type, console.application, officer.day
    ).age
    choices = answer_choices(booking.service_type, officer.office, officer.day, age=age)
    return answer_rows(choices, console.answers, is_due=console.is_last)


def _for_ask(
    request: HttpRequest,
    officer: OfficerContext,
    session: CounterSession,
    console: Console,
    ask: str,
) -> dict[str, Any]:
    """Return what the form of an exception shows besides the visit."""
    visit = console.visit
    if ask == "transfer":
        return {"takers": transfers.takers(visit, session)}
    if ask == "convert":
        code = request.POST.get("service_type") or request.GET.get("to", "")
        options = conversion.convertible_to(visit)
        service = next((row for row in options if row.code == code), next(iter(options), None))
        if service is None:
            return {"conversion": None, "options": []}
        effect = conversion.conversion_of(visit, service, answers=console.answers, now=officer.now)
        for name in APPLICATION_FIELDS:
            if name in request.POST:
                effect.answers[name] = posted_text(request, name)
        return {
            "options": options,
            "conversion": effect,
            "answers": answer_rows(effect.choices, effect.answers, is_due=True),
        }
    return {}
