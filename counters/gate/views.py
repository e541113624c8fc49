"""Screens of the gate: search and check-in."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.applications.forms import ApplicationForm
from booking.applications.selectors import application_of
from booking.applications.services import OPEN_TO_OFFICERS, ApplicationData, save_application
from booking.bookings.models import Booking, BookingEvent
from booking.bookings.selectors import with_all
from booking.people.labels import masked
from booking.statuses import Status
from core.errors import DomainError, InvalidInput
from core.formats import duration
from core.forms import add_errors, posted_text
from counters.gate import services
from counters.gate.selectors import LATEST, arrivals, expected, find_at_gate, walk_ins_left
from counters.queue import services as queue_services
from counters.queue.selectors import slot_text
from counters.screening.selectors import gate_check
from counters.visits.models import UNFINISHED, Visit
from offices.directory.models import ServiceType
from offices.hours.selectors import admission_on
from offices.labels import protocol_facts
from offices.limits.selectors import protocol_on
from offices.officer import OfficerContext, act, back, officer_view, owned_by, show
from offices.permissions import Right

EXPECTED_SHOWN = 5
OF_BOOKING = owned_by(Booking, "booking_id")


@officer_view(writes=Right.SERVE_GATE)
def gate(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Find a booking by scanned or typed code, or by NIK."""
    if request.method != "POST":
        return _gate(request, officer)
    code = posted_text(request, "code")
    try:
        if not code:
            raise InvalidInput(_("Pindai tiketnya, atau ketik kodenya, lalu tekan Enter."))
        booking = find_at_gate(officer.office, code, now=officer.now)
    except DomainError as error:
        return _gate(request, officer, refusal=error, typed=code, status=error.http_status)
    return back(officer, "counters:gate_card", booking_id=booking.pk)


@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_card(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Show one booking: applicant, whether day and office are right, and the ticket if there is one."""
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
        typed = form.cleaned_data
        data = ApplicationData(
            service_type=service.code,
            reason=typed["reason"],
            purpose=typed["purpose"],
            product=typed["product"],
            documents=form.documents_ready(),
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


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=owned_by(Visit, "visit_id"))
def gate_leave(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Record that a person left before being served."""
    reason = posted_text(request, "reason")

    def leave() -> None:
        queue_services.leave(visit_id=visit_id, reason=reason, by=officer.user, now=officer.now)

    visit = Visit.objects.get(pk=visit_id)
    message = _("Tercatat pergi. Bila kembali hari ini, pindai lagi tiketnya.")
    return act(
        request, officer, "counters:gate_card", leave, success=message, booking_id=visit.booking_id
    )


@require_POST
@officer_view(writes=Right.SERVE_GATE, owner=OF_BOOKING)
def gate_refuse(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Refuse a ticket because the name does not match."""
    reason = posted_text(request, "reason")
    visits = Visit.objects.filter(booking_id=booking_id, status__in=UNFINISHED)
    visit_id = visits.values_list("pk", flat=True).first()

    def refuse() -> None:
        if visit_id is not None:
            services.refuse_visit(
                visit_id=visit_id, reason=reason, by=officer.user, now=officer.now
            )
        else:
            services.refuse_ticket(
                booking_id=booking_id,
                office_id=officer.office.pk,
                reason=reason,
                by=officer.user,
                now=officer.now,
            )

    message = _("Tercatat: nama tidak cocok. Pemilik nama pada tiket tetap dapat datang.")
    return act(
        request, officer, "counters:gate_card", refuse, success=message, booking_id=booking_id
    )


def _application_form(
    request: HttpRequest, booking: Booking, service: ServiceType, officer: OfficerContext
) -> ApplicationForm:
    known = application_of(booking.applicant_id, service.pk)
    initial: dict[str, Any] = {}
    if known is not None:
        initial = {"reason": known.reason, "purpose": known.purpose, "product": known.product}
        initial["documents"] = [code for code, is_ready in known.documents.items() if is_ready]
    return ApplicationForm(
        request.POST or None, service=service, today=officer.day, initial=initial
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
    refusal: DomainError | None = None,
    typed: str = "",
    status: int = 200,
) -> HttpResponse:
    coming = expected(officer.office, now=officer.now)
    context: dict[str, Any] = {
        "title": _("Gerbang"),
        "typed": typed,
        "refusal": refusal,
        "admission": admission_on(officer.office, officer.day),
        "protocol": protocol_facts(protocol_on(officer.office, officer.day)),
        "left": walk_ins_left(officer.office, now=officer.now),
        "expected": coming[:EXPECTED_SHOWN],
        "expected_count": coming.count(),
        "arrivals": arrivals(officer.office, now=officer.now)[:LATEST],
        "may_enter": officer.has_right(Right.ENTER_FROM_PAPER),
    }
    if booking is not None:
        context |= _card(booking, officer)
    return show(request, officer, "counters/gate/gate.html", context, status=status)


def _card(booking: Booking, officer: OfficerContext) -> dict[str, Any]:
    visits = booking.visits.select_related("ticket", "lane", "office", "booking__slot")
    visit = visits.order_by("-arrived_at", "-pk").first()
    is_inside = visit is not None and (
        visit.status in UNFINISHED or booking.status == Status.SERVED
    )
    is_leftover = visit is not None and visit.status in UNFINISHED and visit.day < officer.day
    state, text = _verdict(booking, visit, officer)
    return {
        "booking": booking,
        "visit": visit,
        "slot": slot_text(visit) if visit else "",
        "state": state,
        "verdict": text,
        "may_check_in": not is_inside or is_leftover,
        "application": application_of(booking.applicant_id, booking.service_type_id),
        "may_complete": booking.status in OPEN_TO_OFFICERS,
        "identity": masked(booking.applicant),
        "screening": gate_check(booking, officer.day),
        "refusals": booking.history.filter(kind=BookingEvent.Kind.REFUSED).order_by("at", "pk"),
    }


def _verdict(booking: Booking, visit: Visit | None, officer: OfficerContext) -> tuple[str, str]:
    """Return a state and a sentence that say whether day, time and office are right."""
    if visit is not None and (visit.status in UNFINISHED or booking.status == Status.SERVED):
        return "done", str(visit.get_status_display())
    if visit is not None:
        return "risk", _("Datang kembali: %(status)s") % {"status": visit.get_status_display()}
    if booking.status == Status.NO_SHOW:
        return "late", _("Tercatat tidak hadir")
    slot = booking.slot
    if officer.now > slot.ends_at:
        late = duration(officer.now - slot.ends_at)
        return "risk", _("Lewat %(time)s dari jadwal") % {"time": late}
    if officer.now < slot.starts_at:
        early = duration(slot.starts_at - officer.now)
        return "not_yet_open", _("Datang lebih awal %(time)s") % {"time": early}
    return "done", _("Hari, jam, dan kantor cocok")
