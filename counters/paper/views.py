"""The paper list for power failures: printing it and entering its lines."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.bookings.models import Booking
from booking.bookings.selectors import day_list, with_all
from core.dates import parse_day
from core.errors import DomainError
from counters.paper import services
from counters.paper.forms import PaperForm
from counters.paper.selectors import CAN_BE_ENTERED, ExistingRecord, existing_record
from offices.directory.models import Office
from offices.officer import OfficerContext, back, officer_view, owned_by, show, show_refusal
from offices.permissions import Right

HERE: Final = "counters:paper"
DAYS_BACK: Final = 7
DAYS_AHEAD: Final = 7


@require_safe
@officer_view(reads=Right.SERVE_GATE)
def paper(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show a day's list, to print it or to enter its lines."""
    day = requested_day(request, officer)
    may_enter = officer.has_right(Right.ENTER_FROM_PAPER)
    context: dict[str, Any] = {
        "title": _("Daftar cetak"),
        "day": day,
        "days": [officer.day + timedelta(days=n) for n in range(-DAYS_BACK, DAYS_AHEAD + 1)],
        "bookings": day_list(officer.office, day),
        "can_be_entered": CAN_BE_ENTERED if may_enter and day <= officer.day else (),
    }
    return show(request, officer, "counters/paper/paper.html", context)


@officer_view(writes=Right.ENTER_FROM_PAPER, owner=owned_by(Booking, "booking_id"))
def from_paper(request: HttpRequest, officer: OfficerContext, booking_id: UUID) -> HttpResponse:
    """Enter one line with the times on the paper, or show the existing record."""
    booking = with_all().get(pk=booking_id)
    record = existing_record(booking, today=officer.day)
    if record is not None:
        return _show_existing(request, officer, booking, record)
    form = PaperForm(request.POST or None, office=officer.office, day=booking.slot.day)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.enter_from_paper(
                booking_id=booking_id,
                line=_line(form, officer.office, booking.slot.day),
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
            status = error.http_status
        else:
            messages.success(request, _("Tercatat dari daftar cetak."))
            answer = back(officer, HERE)
            answer["Location"] += f"{'&' if officer.query else '?'}day={booking.slot.day:%Y-%m-%d}"
            return answer
    context: dict[str, Any] = {"title": _("Masukkan dari kertas"), "form": form, "booking": booking}
    return show(request, officer, "counters/paper/from_paper.html", context, status=status)


def _show_existing(
    request: HttpRequest, officer: OfficerContext, booking: Booking, record: ExistingRecord
) -> HttpResponse:
    """Show the existing record. Status 409 if a form was sent, because it changed nothing."""
    is_sent = request.method == "POST"
    context: dict[str, Any] = {
        "title": _("Masukkan dari kertas"),
        "booking": booking,
        "record": record,
        "is_sent": is_sent,
    }
    return show(
        request, officer, "counters/paper/as_it_is.html", context, status=409 if is_sent else 200
    )


def requested_day(request: HttpRequest, officer: OfficerContext) -> date:
    """Return the requested day if it is within a week of today, otherwise today."""
    day = parse_day(request.GET.get("day", "")) or officer.day
    return day if abs((day - officer.day).days) <= DAYS_BACK else officer.day


def _line(form: PaperForm, office: Office, day: date) -> services.PaperLine:
    typed = form.cleaned_data

    def moment(name: str) -> datetime:
        return office.at(day, typed[name])

    return services.PaperLine(
        counter_id=typed["counter"].pk,
        arrived_at=moment("arrived_at"),
        started_at=moment("started_at"),
        ended_at=moment("ended_at"),
    )
