"""The applicant's turn for the ticket page, from the same document as the boards."""

from datetime import datetime

from django.urls import reverse

from booking.bookings.models import Booking
from booking.public.turns import Turn, register_turns
from booking.statuses import Status
from counters.display.selectors import board_of, current_board, standing_in
from counters.kiosks.models import KioskCheckIn
from counters.visits.models import UNFINISHED


def turn_of(booking: Booking, now: datetime) -> Turn | None:
    """Return the turn of a visit of today, or what to expect on the booking's day before it."""
    office = booking.office
    day = office.local_day(now)
    code = office.code
    urls = {
        "poll_url": reverse("office_board", args=[code]),
        "board_url": reverse("display:board", args=[code]),
    }
    if booking.status == Status.CHECKED_IN:
        visits = booking.visits.filter(status__in=UNFINISHED, day=day)
        visit = visits.select_related("ticket").first()
        if visit is None:
            return None
        number = str(visit.ticket)
        standing = standing_in(board_of(code, now=now), number)
        # A number of this very second is not in the shared copy yet.
        standing = standing or standing_in(current_board(code, now=now), number)
        if standing is None:
            return None
        return Turn(
            state=standing.state,
            number=number,
            ahead=standing.ahead,
            wait=standing.wait,
            place=standing.place,
            counter=standing.counter,
            **urls,
        )
    if booking.status != Status.BOOKED or booking.slot.day != day:
        return None
    document = board_of(code, now=now)
    if document["state"] in ("after", "closed"):
        return None
    is_at_gate = KioskCheckIn.objects.filter(booking=booking, day=day).exists()
    wait = document["wait"]
    return Turn(
        state="gate" if is_at_gate else "expected",
        ahead=len(document["waiting"]),
        wait=wait["text"] if wait else "",
        **urls,
    )


register_turns(turn_of)
