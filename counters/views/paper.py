"""The day the power failed: the list to print, and entering afterwards what was written on it."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from booking.models import Booking
from booking.selectors import day_list, with_all
from core.errors import DomainError
from counters import services
from counters.forms import PaperForm, add_errors
from counters.selectors.paper import CAN_BE_ENTERED, AsItIs, as_it_is
from counters.views.access import (
    GATE,
    REFUSED,
    SUPERVISOR,
    Desk,
    back,
    officer_view,
    owned_by,
    show,
)
from offices.models import Office
from offices.selectors import can

HERE: Final = "counters:paper"
DAYS_BACK: Final = 7
DAYS_AHEAD: Final = 7


@require_safe
@officer_view(acts=GATE)
def paper(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show a day's list: to print it, and to enter line by line what happened."""
    day = asked_day(request, desk)
    may_enter = can(desk.user, office=desk.office, roles=SUPERVISOR, now=desk.now)
    context: dict[str, Any] = {
        "title": _("Daftar kertas"),
        "day": day,
        "days": [desk.day + timedelta(days=n) for n in range(-DAYS_BACK, DAYS_AHEAD + 1)],
        "bookings": day_list(desk.office, day),
        "can_be_entered": CAN_BE_ENTERED if may_enter and day <= desk.day else (),
    }
    return show(request, desk, "counters/paper.html", context)


@officer_view(acts=SUPERVISOR, owner=owned_by(Booking, "booking_id"))
def from_paper(request: HttpRequest, desk: Desk, booking_id: UUID) -> HttpResponse:
    """Enter one line with the times that stand on the paper, or say what has been entered already."""
    booking = with_all().get(pk=booking_id)
    found = as_it_is(booking, today=desk.day)
    if found is not None:
        return _as_it_is(request, desk, booking, found)
    form = PaperForm(request.POST or None, office=desk.office)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.enter_from_paper(
                booking_id=booking_id, line=_line(form, desk.office, booking.slot.day),
                by=desk.user, now=desk.now,
            )  # fmt: skip
        except DomainError as error:
            if error.http_status in REFUSED:
                raise
            add_errors(form, error)
            status = error.http_status
        else:
            messages.success(request, _("Tercatat dari daftar kertas."))
            answer = back(desk, HERE)
            answer["Location"] += f"{'&' if desk.query else '?'}day={booking.slot.day:%Y-%m-%d}"
            return answer
    context: dict[str, Any] = {"title": _("Salin dari kertas"), "form": form, "booking": booking}
    return show(request, desk, "counters/from_paper.html", context, status=status)


def _as_it_is(request: HttpRequest, desk: Desk, booking: Booking, found: AsItIs) -> HttpResponse:
    """Show what there is; whoever sent a form meanwhile learns that it changed nothing."""
    is_sent = request.method == "POST"
    context: dict[str, Any] = {
        "title": _("Salin dari kertas"),
        "booking": booking,
        "found": found,
        "is_sent": is_sent,
    }
    return show(request, desk, "counters/as_it_is.html", context, status=409 if is_sent else 200)


def asked_day(request: HttpRequest, desk: Desk) -> date:
    """Return the day asked for, within a week of today; today otherwise."""
    try:
        day = parse_date(request.GET.get("day", "")) or desk.day
    except ValueError:
        return desk.day
    return day if abs((day - desk.day).days) <= DAYS_BACK else desk.day


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
