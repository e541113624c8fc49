"""Screens of the gate: search, check-in, refusals, the next hours."""

from collections.abc import Callable, Sequence
from datetime import datetime, time
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.applications.forms import ApplicationForm
from booking.applications.questions import answers_of, data_from, for_officer
from booking.applications.selectors import application_of
from booking.applications.services import OPEN_TO_OFFICERS, save_application
from booking.bookings.changes import move_at_office
from booking.bookings.models import Booking, BookingEvent
from booking.bookings.selectors import hours_at_office, with_all
from booking.bookings.selectors import when as when_text
from booking.bookings.services import book_at_office
from booking.people.labels import masked
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS
from booking.statuses import Status
from core.errors import DomainError, InvalidInput
from core.forms import add_errors, parsed_ids, posted_text, tell_removed
from core.web import count_refusal
from counters.gate import services
from counters.gate.forms import HourForm
from counters.gate.models import GateRefusal
from counters.gate.selectors import (
    LATEST,
    HallCount,
    arrivals,
    expectation,
    expected,
    fitting_reasons,
    gate_reasons,
    last_visit,
    next_opening,
    others_of_family,
    people_in_halls,
    search,
    undo_until,
    walk_ins_left,
)
from counters.gate.verdict import Kind, Verdict, verdict
from counters.kiosks.selectors import sent_to_gate
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.queue.order import PRIORITY_LANE
from counters.screening.errors import ScreeningNeeded
from counters.screening.selectors import gate_check
from counters.visits.models import Visit, VisitStatus
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ServiceType
from offices.hours.selectors import admission_on
from offices.labels import protocol_facts
from offices.limits.selectors import protocol_on
from offices.officer import REFUSED, OfficerContext, act, back, officer_view, owned_by, show
from offices.permissions import Right
from quotas.places.models import Slot

EXPECTED_SHOWN = 5
SENT_SHOWN = 10
OF_BOOKING = owned_by(Booking, "booking_id")
# Refused without a booking to name.
WITHOUT_BOOKING: Final = (GateRefusal.Kind.WALK_IN, GateRefusal.Kind.COMPANION)
REFUSED_TEXTS: Final[dict[str, Any]] = {
    "walk_in": gettext_lazy(
        "Tercatat. Tawarkan jam berikutnya, atau sebutkan pembukaan berikutnya."
    ),
    "companion": gettext_lazy(
        "Tercatat: pendamping menunggu di luar. Kami panggil bila diperlukan."
    ),
    "screening": gettext_lazy("Tercatat: pemeriksaan kesehatan. Jadwalnya tetap berlaku."),
    "name": gettext_lazy("Tercatat: nama tidak cocok. Pemilik nama pada tiket tetap dapat datang."),
}


@officer_view(writes=Right.SERVE_GATE)
def gate(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Scan or search; a scanned code whose verdict is right checks the person in at once.

    Enter on the empty field confirms the card on the screen (`card`), so that the field keeps the
    focus and the next scan can never press a button of the person before.
    """
    if request.method != "POST":
        return _gate(request, officer)
    typed, card = posted_text(request, "code"), posted_text(request, "card")
    if not typed and card:
        return _confirm(request, officer, card)
    shown = None if typed else _booking_on_screen(posted_text(request, "shown"), officer)
    if shown is not None:
        # Enter once more, as some scanners send it: the card stays.
        return back(officer, "counters:gate_card", booking_id=shown.pk)
    try:
        matches = search(officer.office, typed, now=officer.now)
    except DomainError as error:
        return _gate(request, officer, refusal=error, typed=typed, status=error.http_status)
    if len(matches.bookings) > 1:
        return _gate(
            request, officer, matches=matches.bookings, is_family=matches.is_family, typed=typed
        )
    [booking] = matches.bookings
    if booking.office_id != officer.office.pk:
        return _gate(request, officer, elsewhere=booking, typed=typed, status=409)
    if matches.layout:
        text = _(
            "Kode dikenali lewat tata letak papan ketik lain (%(layout)s). Atur papan ketik komputer ini ke tata letak AS (US)."
        )
        messages.info(request, text % {"layout": matches.layout})
    if matches.is_scanned and _is_let_in_by_scan(booking, officer):
        return _check_in(request, officer, booking)
    return back(officer, "counters:gate_card", booking_id=booking.pk)


def _is_let_in_by_scan(booking: Booking, officer: OfficerContext) -> bool:
    """True if nothing has to be looked at first: the verdict is right, and nobody showed this ticket wrongly."""
    judged = verdict(
        booking,
        last_visit(booking) if booking.has_come else None,  # type: ignore[attr-defined]
        office=officer.office,
        rule=day_rule_on(officer.office, officer.day),
        now=officer.now,
    )
    return judged.is_right and not booking.was_refused  # type: ignore[attr-defined]


def _booking_on_screen(text: str, officer: OfficerContext) -> Booking | None:
    """Return the office's booking that a hidden field of the page names, or None."""
    try:
        return with_all().filter(pk=UUID(text), office=officer.office).first()
    except ValueError:
        return None


def _confirm(request: HttpRequest, officer: OfficerContext, card: str) -> HttpResponse:
    """Do the main action of the card on the screen: check the person in."""
    booking = _booking_on_screen(card, officer)
    if booking is None:
        return back(officer, "counters:gate")
    return _check_in(request, officer, booking)


def _check_in(request: HttpRequest, officer: OfficerContext, booking: Booking) -> HttpResponse:
    """Check the person in, or begin the check at the gate that the protocol requires before it."""
    screens = []

    def check_in() -> None:
        try:
            services.check_in(
                office_id=officer.office.pk, code=booking.code, by=officer.user, now=officer.now
            )
        except ScreeningNeeded:
            screens.append("counters:screening_person")

    answer = act(request, officer, "counters:gate_card", check_in, booking_id=booking.pk)
    return back(officer, screens[0], booking_id=booking.pk) if screens else answer


@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_card(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Show one booking: the verdict, the applicant, and the number, hall and floor once inside."""
    return _gate(request, officer, booking=with_all().get(pk=booking_id))


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_check_in(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Check in now or, for a supervisor entering a paper list, at the real arrival time."""
    code = Booking.objects.values_list("code", flat=True).get(pk=booking_id)

    def check_in() -> None:
        services.check_in(
            office_id=officer.office.pk,
            code=code,
            by=officer.user,
            now=officer.now,
            arrived_at=_real_time(request, officer),
        )

    return act(request, officer, "counters:gate_card", check_in, booking_id=booking_id)


@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_application(
    request: HttpRequest, officer: OfficerContext, booking_id: UUID
) -> HttpResponse:
    """Complete the application at the gate: reason, purpose, product, documents."""
    booking = with_all().get(pk=booking_id)
    service = booking.service_type
    form = _application_form(request, booking, service, officer)
    if request.method == "POST" and form.is_valid():
        known = answers_of(application_of(booking.applicant_id, service.pk))
        data = data_from(
            known | form.answers(),
            service=service,
            person=booking.applicant,
            day=officer.day,
            is_declared=False,
        )
        try:
            save_application(
                applicant_id=booking.applicant_id,
                by=officer.user,
                data=data,
                now=officer.now,
            )
        except InvalidInput as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Permohonan tercatat."))
            return back(officer, "counters:gate_card", booking_id=booking.pk)
    context: dict[str, Any] = {"title": _("Isi permohonan"), "form": form, "booking": booking}
    return show(request, officer, "counters/gate/application.html", context)


def _act_on_visit(
    request: HttpRequest,
    officer: OfficerContext,
    visit_id: int,
    call: Callable[[], Visit],
    *,
    success: str,
) -> HttpResponse:
    """Do something with a visit and return to the card of its booking."""
    done: list[Visit] = []

    def booking_id() -> UUID:
        return (done or [Visit.objects.get(pk=visit_id)])[0].booking_id

    return act(
        request,
        officer,
        "counters:gate_card",
        lambda: done.append(call()),
        success=success,
        booking_id=SimpleLazyObject(booking_id),
    )


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=owned_by(Visit, "visit_id"))
def gate_leave(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Record that a person left before being served."""
    reason = posted_text(request, "reason")

    def leave() -> Visit:
        return queue_services.leave(
            visit_id=visit_id, reason=reason, by=officer.user, now=officer.now
        )

    message = _("Tercatat pergi. Bila kembali hari ini, pindai lagi tiketnya.")
    return _act_on_visit(request, officer, visit_id, leave, success=message)


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=owned_by(Visit, "visit_id"))
def gate_undo(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Take a check-in back within a minute."""
    return _act_on_visit(
        request,
        officer,
        visit_id,
        lambda: services.undo_check_in(visit_id=visit_id, by=officer.user, now=officer.now),
        success=_("Daftar ulang dibatalkan. Nomornya tidak dipakai lagi."),
    )


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=owned_by(Visit, "visit_id"))
def gate_priority(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Move a waiting person to the priority lane, with a reason from the list."""
    reason, note = posted_text(request, "reason"), posted_text(request, "note")

    def move() -> Visit:
        return services.move_to_priority(
            visit_id=visit_id, reason=reason, note=note, by=officer.user, now=officer.now
        )

    message = _("Dipindah ke jalur prioritas, dengan nomor baru.")
    return _act_on_visit(request, officer, visit_id, move, success=message)


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_next_hour(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Move a late booking to a later hour, or book another one for a person whose booking has ended."""
    booking = with_all().get(pk=booking_id)
    [slot_id] = parsed_ids([request.POST.get("slot", "")])
    try:
        booking = _book_hour(booking, slot_id, officer)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
    else:
        text = _("Jadwal baru: %(when)s. Kode booking %(code)s.")
        slot = booking.slot
        values = {"when": when_text(slot, officer.office), "code": booking.code}
        messages.success(request, text % values)
    return back(officer, "counters:gate_card", booking_id=booking.pk)


def _book_hour(booking: Booking, slot_id: int, officer: OfficerContext) -> Booking:
    if booking.status == Status.BOOKED:
        return move_at_office(
            booking_id=booking.pk, slot_id=slot_id, by=officer.user, now=officer.now
        )
    return book_at_office(
        office_id=officer.office.pk,
        person=booking.applicant_id,
        service_type_id=booking.service_type_id,
        slot_id=slot_id,
        by=officer.user,
        now=officer.now,
    )


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_refuse(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Refuse a wrong name, a companion, or somebody who did not pass the screening."""
    values = {name: posted_text(request, name) for name in ("kind", "reason", "note")}

    def refuse() -> None:
        services.refuse_at_gate(
            office_id=officer.office.pk,
            booking_id=booking_id,
            by=officer.user,
            now=officer.now,
            **values,
        )

    message = REFUSED_TEXTS.get(values["kind"], "")
    return act(
        request, officer, "counters:gate_card", refuse, success=message, booking_id=booking_id
    )


@officer_view(writes=Right.SERVE_GATE)
def gate_turn_away(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Record that somebody without a booking was refused; then show the next opening and hours."""
    kind = request.POST.get("kind", request.GET.get("kind", ""))
    kind = kind if kind in WITHOUT_BOOKING else WITHOUT_BOOKING[0]
    error: InvalidInput | None = None
    if request.method == "POST":
        try:
            services.refuse_at_gate(
                office_id=officer.office.pk,
                kind=kind,
                reason=posted_text(request, "reason"),
                by=officer.user,
                now=officer.now,
            )
        except InvalidInput as wrong:
            error = wrong
        else:
            messages.success(request, REFUSED_TEXTS[kind])
            to = "gate_hours" if kind == GateRefusal.Kind.WALK_IN else "gate"
            return back(officer, f"counters:{to}")
    context: dict[str, Any] = {
        "title": _("Tidak bisa masuk"),
        "kind": kind,
        "kinds": [(one, GateRefusal.Kind(one).label) for one in WITHOUT_BOOKING],
        "reasons": fitting_reasons(officer.office, officer.day, kind),
        "error": error,
    }
    status = 200 if error is None else error.http_status
    return show(request, officer, "counters/gate/turn_away.html", context, status=status)


@officer_view(writes=Right.SERVE_GATE)
def gate_hours(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """The next opening and the next hours of the office; book one of them for a person at the gate."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in Applicant.IdentityKind.values else Applicant.IdentityKind.NIK
    form = HourForm(
        request.POST or None, office=officer.office, kind=kind, today=officer.day, now=officer.now
    )
    status = 200
    tell_removed(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            booking = book_at_office(
                office_id=officer.office.pk,
                person=form.applicant(),
                service_type_id=form.cleaned_data["service_type"].pk,
                slot_id=int(form.cleaned_data["slot"]),
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            if error.http_status in REFUSED:
                raise
            count_refusal(error)
            number = "nik" if kind == Applicant.IdentityKind.NIK else "identity_number"
            add_errors(form, error, aliases={"identity_number": number})
            status = error.http_status
        else:
            messages.success(request, _("Jadwal dibuat. Catatkan kode dan jamnya untuk pemohon."))
            return back(officer, "counters:gate_card", booking_id=booking.pk)
    elif request.method == "POST":
        status = 400
    context: dict[str, Any] = {
        "title": _("Jam berikutnya"),
        "form": form,
        "kind": kind,
        "opening": next_opening(officer.office, now=officer.now),
    }
    return show(request, officer, "counters/gate/hours.html", context, status=status)


def _application_form(
    request: HttpRequest, booking: Booking, service: ServiceType, officer: OfficerContext
) -> ApplicationForm:
    return ApplicationForm(
        request.POST or None,
        service=service,
        person=booking.applicant,
        day=officer.day,
        answers=answers_of(application_of(booking.applicant_id, service.pk)),
        questions=for_officer(booking.applicant, service, officer.day),
        is_for_officer=True,
    )


def _real_time(request: HttpRequest, officer: OfficerContext) -> datetime | None:
    """Return the arrival time from a paper list, or None; only supervisors may enter one."""
    text = posted_text(request, "arrived_at").strip().replace(".", ":")
    if not text or not officer.has_right(Right.ENTER_FROM_PAPER):
        return None
    try:
        return officer.office.at(officer.day, time.fromisoformat(text))
    except ValueError:
        raise InvalidInput(_("Isi jam tiba, misalnya 09.40.")) from None


def _gate(
    request: HttpRequest,
    officer: OfficerContext,
    *,
    booking: Booking | None = None,
    elsewhere: Booking | None = None,
    matches: Sequence[Booking] = (),
    is_family: bool = False,
    refusal: DomainError | None = None,
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    office, now = officer.office, officer.now
    context: dict[str, Any] = {
        "title": _("Gerbang"),
        "typed": typed,
        "refusal": refusal,
        "matches": matches,
        "is_family": is_family,
        "next_of_family": next(
            (one for one in matches if is_family and one.status != Status.CHECKED_IN), None
        ),
        "admission": admission_on(office, officer.day),
        "protocol": protocol_facts(protocol_on(office, officer.day)),
        "left": walk_ins_left(office, now=now),
        "expected": expected(office, now=now)[:EXPECTED_SHOWN],
        "day": expectation(office, now=now),
        "halls": people_in_halls(office, now=now),
        "sent_to_gate": sent_to_gate(office, now=now)[:SENT_SHOWN],
        "arrivals": arrivals(office, now=now)[:LATEST],
        "may_enter": officer.has_right(Right.ENTER_FROM_PAPER),
    }
    if booking is not None:
        context |= _card(booking, officer, context["halls"])
    elif elsewhere is not None:
        # Nothing about the person: their booking belongs to another office.
        rule = day_rule_on(office, officer.day)
        context["verdict"] = verdict(elsewhere, None, office=office, rule=rule, now=now)
    return show(request, officer, "counters/gate/gate.html", context, status=status)


def _card(booking: Booking, officer: OfficerContext, halls: Sequence[HallCount]) -> dict[str, Any]:
    office, now = officer.office, officer.now
    visit, rule = last_visit(booking), day_rule_on(office, officer.day)
    judged = verdict(booking, visit, office=office, rule=rule, now=now)
    lane_id = visit.lane_id if visit else booking.slot.lane_id
    group_id = booking.slot.group_id
    is_inside = judged.kind == Kind.INSIDE
    reasons = gate_reasons(officer.day)
    # Only a waiting person, and only where some hall calls the priority lane.
    has_priority = any((group_id, PRIORITY_LANE) in one.serves for one in halls)
    can_move = is_inside and visit is not None and visit.status == VisitStatus.WAITING
    return {
        "booking": booking,
        "family": others_of_family(booking, now=now),
        "visit": visit,
        "verdict": judged,
        "is_inside": is_inside,
        "is_foreigner": booking.service_type.group.code == FOREIGNERS,
        "books": _books(visit) if judged.kind == Kind.SERVED else (),
        "halls_here": [one.hall for one in halls if (group_id, str(lane_id)) in one.serves],
        "hours": _hours(booking, judged, officer),
        "undo_until": _undo_until(visit, now=now) if is_inside and visit else None,
        "priority_reasons": reasons["priority"]
        if can_move and has_priority and lane_id != PRIORITY_LANE
        else (),
        "refusal_reasons": reasons,
        "application": application_of(booking.applicant_id, booking.service_type_id),
        "may_complete": booking.status in OPEN_TO_OFFICERS,
        "identity": masked(booking.applicant),
        "screening": gate_check(booking, officer.day),
        "refusals": booking.history.filter(kind=BookingEvent.Kind.REFUSED).order_by("at", "pk"),
    }


def _hours(booking: Booking, judged: Verdict, officer: OfficerContext) -> Sequence[Slot]:
    if not judged.offer:
        return ()
    return hours_at_office(
        officer.office,
        group_id=booking.service_type.group_id,
        service_id=booking.service_type_id,
        now=officer.now,
    )


def _books(visit: Visit | None) -> Sequence[PassportBook]:
    """The passport of a served visit: its holder asks at the gate where to collect it."""
    return (
        () if visit is None else list(PassportBook.objects.filter(visit__booking=visit.booking_id))
    )


def _undo_until(visit: Visit, *, now: datetime) -> datetime | None:
    until = undo_until(visit)
    return until if until is not None and now <= until else None
