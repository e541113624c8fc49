"""The screen on which an officer books a later day for a person at the desk, and that person's ticket."""

import datetime as dt
import uuid
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.bookings.changes import cancel_booking
from booking.bookings.errors import KeyReused
from booking.bookings.models import Booking
from booking.bookings.selectors import why_not_cancel, with_all
from booking.bookings.services import book_assisted
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS
from booking.public.ticket_page import bring_of, ticket_of
from booking.refusals.services import Channel, record_refusal
from core.dates import parse_day
from core.errors import DomainError, NotAllowed, NotFound
from core.forms import add_errors, tell_removed
from core.web import count_refusal
from counters.assist.forms import AssistForm
from counters.assist.selectors import days_to_book, hours_to_book
from counters.gate.selectors import next_opening
from counters.walk_in.forms import filled_from_nik
from counters.walk_in.selectors import offered_services, offices_for_foreigners
from notices.kinds import page_url
from offices.directory.models import ServiceType
from offices.officer import OfficerContext, act, back, officer_view, owned_by, show
from offices.permissions import Right

TICKET: Final = "counters:assist_ticket"
OF_BOOKING = owned_by(Booking, "booking_id")


@officer_view(writes=Right.BOOK_AT_DESK)
def assist(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Choose service, day and hour, then book it for the person at the desk.

    The address names service and day only; what is typed about a person is in the form.
    """
    kind = request.GET.get("kind", "")
    kind = str(kind if kind in Applicant.IdentityKind.values else Applicant.IdentityKind.NIK)
    services = _services(officer, kind)
    chosen = [row for row in services if row.code == request.GET.get("service")]
    service = next(iter(chosen or (services if len(services) == 1 else [])), None)
    day = parse_day(request.GET.get("day", ""))
    if service is None or day is None:
        return _page(request, officer, kind, services, service)
    hours = hours_to_book(officer.office, service, day, now=officer.now)
    posted = request.method == "POST"
    form = AssistForm(
        filled_from_nik(request.POST, officer.day) if posted else None,  # a copy
        kind=kind,
        today=officer.day,
        hours=hours,
        initial={"key": uuid.uuid4().hex},
    )
    status = 200
    if posted:
        tell_removed(request, form)
        status = 400
        if form.is_valid():
            try:
                booking = _book(officer, service, form)
            except DomainError as error:
                status = _refused(officer, form, error)
                # As they are now: the hour may have been taken in between.
                hours = hours_to_book(officer.office, service, day, now=officer.now)
            else:
                return back(officer, TICKET, booking_id=booking.pk)
    return _page(
        request, officer, kind, services, service, status=status, day=day, hours=hours, form=form
    )


def _services(officer: OfficerContext, kind: str) -> list[ServiceType]:
    is_foreigner = kind == Applicant.IdentityKind.PASSPORT
    rows = offered_services(officer.office)
    return [row for row in rows if (row.group.code == FOREIGNERS) is is_foreigner]


def _book(officer: OfficerContext, service: ServiceType, form: AssistForm) -> Booking:
    return book_assisted(
        office_id=officer.office.pk,
        person=form.applicant(),
        service_type_id=service.pk,
        slot_id=int(form.cleaned_data["slot"]),
        key=form.cleaned_data["key"],
        by=officer.user,
        now=officer.now,
    )


def _refused(officer: OfficerContext, form: AssistForm, error: DomainError) -> int:
    """Record the refusal and add its reason to the form; return the status of the answer."""
    record_refusal(
        error,
        channel=Channel.DESK,
        account_id=None,
        slot_id=int(form.cleaned_data["slot"]),
        office=officer.office,
        by=officer.user,
        now=officer.now,
    )
    if isinstance(error, (NotAllowed, NotFound)):
        raise error
    count_refusal(error)
    if isinstance(error, KeyReused):
        # The officer went back to the form of the person before; sent again, it is a request of its own.
        data: Any = form.data
        data["key"] = uuid.uuid4().hex
    number = "nik" if "nik" in form.fields else "identity_number"
    add_errors(form, error, aliases={"identity_number": number})
    return error.http_status


def _page(
    request: HttpRequest,
    officer: OfficerContext,
    kind: str,
    services: list[ServiceType],
    service: ServiceType | None,
    *,
    status: int = 200,
    day: dt.date | None = None,
    hours: list[dict[str, Any]] | None = None,
    form: AssistForm | None = None,
) -> HttpResponse:
    office, now = officer.office, officer.now
    query = {"kind": kind} | ({"service": service.code} if service else {})
    is_foreigner = kind == Applicant.IdentityKind.PASSPORT
    days = days_to_book(office, service, now=now) if service else []
    open_hours = [row["id"] for row in hours or [] if row["state"] == "open"]
    context: dict[str, Any] = {
        "title": _("Jadwal hari lain"),
        "back_url": _back_url(officer),
        "kind": kind,
        "services": [(row, _url(officer, kind=kind, service=row.code)) for row in services],
        "service": service,
        "days": [(row, _url(officer, **query, day=row.date.isoformat())) for row in days],
        "day": day,
        "hours": hours or [],
        "has_open": bool(open_hours),
        # Gets the focus unless there are mistakes to read first.
        "first_open": next(iter(open_hours), None) if form and not form.is_bound else None,
        "form": form,
        "chosen_hour": form["slot"].value() if form else "",
        "opening": next_opening(office, now=now) if service else None,
        "served_at": offices_for_foreigners() if is_foreigner and not services else [],
    }
    return show(request, officer, "counters/assist/assist.html", context, status=status)


def _url(officer: OfficerContext, **query: str) -> str:
    return f"{reverse('counters:assist')}?{urlencode(query)}{officer.and_query}"


def _back_url(officer: OfficerContext) -> str:
    """Return the address of the officer's own screen: the gate or the counter."""
    name = "gate" if officer.has_right(Right.SERVE_GATE) else "counter"
    return reverse(f"counters:{name}") + officer.query


@officer_view(reads=Right.BOOK_AT_DESK, owner=OF_BOOKING)
def assist_ticket(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Show the ticket of a booking for printing. It needs no account."""
    booking = with_all().get(pk=booking_id)
    context: dict[str, Any] = {
        "title": _("Tiket"),
        "back_url": _back_url(officer),
        "booking": booking,
        "ticket": ticket_of(booking),
        "bring": bring_of(booking),
        "may_cancel": booking.account_id is None and why_not_cancel(booking, officer.now) is None,
        "follow_url": page_url("passport:follow"),
    }
    return show(request, officer, "counters/assist/ticket.html", context)


@require_POST
@officer_view(writes=Right.BOOK_AT_DESK, owner=OF_BOOKING)
def assist_cancel(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Cancel the booking of a person without an account, who asks for it at the desk."""
    if not Booking.objects.filter(pk=booking_id, account=None).exists():
        messages.error(request, _("Orang ini punya akun dan membatalkannya sendiri di tiketnya."))
        return back(officer, TICKET, booking_id=booking_id)

    def cancel() -> None:
        cancel_booking(booking_id=booking_id, by=officer.user, now=officer.now)

    success = _("Jadwal dibatalkan, tanpa sanksi.")
    return act(request, officer, TICKET, cancel, success=success, booking_id=booking_id)
