"""The applicant's turn for the ticket page, from the same document as the boards."""

from datetime import datetime

from django.urls import reverse

from booking.bookings.models import Booking
from booking.public.turns import Turn, register_turns
from booking.statuses import Status
from counters.display.selectors import board_of, current_board, standing_in
from counters.kiosks.models import KioskCheckIn
from counters.visits.models import UNFINISHED
from offices.directory.selectors import halls_for


def turn_of(booking: Booking, now: datetime) -> Turn | None:
    """Return the turn of a visit of today, or what to expect on the booking's day before it."""
    if booking.status == Status.CHECKED_IN:
        return _turn_of_visit(booking, now)
    if booking.status == Status.BOOKED and booking.slot.day == booking.office.local_day(now):
        return _expected(booking, now)
    return None


def _turn_of_visit(booking: Booking, now: datetime) -> Turn | None:
    office = booking.office
    visits = booking.visits.filter(status__in=UNFINISHED, day=office.local_day(now))
    visit = visits.select_related("ticket").first()
    if visit is None:
        return None
    number = str(visit.ticket)
    standing = standing_in(board_of(office.code, now=now), number)
    # A number of this very second is not in the shared copy yet.
    standing = standing or standing_in(current_board(office.code, now=now), number)
    if standing is None:
        return None
    return Turn(
        state=standing.state,
        number=number,
        ahead=standing.ahead,
        wait=standing.wait,
        place=standing.place,
        counter=standing.counter,
        poll_url=_poll_url(booking),
        board_url=_board_url(booking),
    )


def _expected(booking: Booking, now: datetime) -> Turn | None:
    office, slot = booking.office, booking.slot
    halls = halls_for(office, group_id=slot.group_id, lane_id=slot.lane_id, day=slot.day)
    document = board_of(office.code, halls[0].code if halls else "", now=now)
    if document["state"] in ("after", "closed"):
        return None
    check_ins = KioskCheckIn.objects.filter(booking=booking, day=office.local_day(now))
    wait = document["wait"]
    return Turn(
        state="gate" if check_ins.exists() else "expected",
        ahead=len(document["waiting"]),
        wait=wait["text"] if wait else "",
        poll_url=_poll_url(booking),
        board_url=_board_url(booking),
    )


def _poll_url(booking: Booking) -> str:
    return reverse("office_board", args=[booking.office.code])


def _board_url(booking: Booking) -> str:
    return reverse("display:board", args=[booking.office.code])


register_turns(turn_of)
