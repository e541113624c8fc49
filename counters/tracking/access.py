"""The booking that a browser follows after it gave code and birth date: in the session, for half an hour."""

import datetime as dt
from typing import Final

from django.http import HttpRequest

from accounts.attempts import begin_follow
from booking.bookings.models import Booking
from booking.codes import clean_code
from counters.tracking.errors import NotFollowed, TooManyTries
from counters.tracking.selectors import booking_with

SESSION_KEY: Final = "followed"
HELD_FOR: Final = dt.timedelta(minutes=30)


def follow(request: HttpRequest, code: str, birth_date: dt.date, *, now: dt.datetime) -> None:
    """Check code and birth date, and keep the booking. Raises NotMatched, TooManyTries.

    An attempt is counted before the check, so that parallel guesses stay within the limit.
    """
    usage = begin_follow(request, code=clean_code(code))
    if usage is None:
        raise TooManyTries
    booking = booking_with(code, birth_date)
    usage.rollback()
    hold(request, booking, now=now)


def hold(request: HttpRequest, booking: Booking, *, now: dt.datetime) -> None:
    """Keep the booking that this browser may follow."""
    request.session[SESSION_KEY] = {
        "booking": str(booking.pk),
        "until": (now + HELD_FOR).timestamp(),
    }


def followed(request: HttpRequest, *, now: dt.datetime) -> Booking:
    """Return the booking that this browser follows. Raises NotFollowed."""
    entry = request.session.get(SESSION_KEY)
    if entry is None or now.timestamp() >= entry["until"]:
        raise NotFollowed
    rows = Booking.objects.select_related("applicant", "office", "service_type")
    booking = rows.filter(pk=entry["booking"]).first()
    if booking is None:
        raise NotFollowed
    return booking


def leave(request: HttpRequest) -> None:
    """Forget the booking."""
    request.session.pop(SESSION_KEY, None)
