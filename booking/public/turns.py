"""A booking's turn on its day. The app that runs the queue registers the function that knows it.

Bookings know nothing of visits and numbers; the ticket page shows what this function returns.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from booking.bookings.models import Booking


@dataclass(frozen=True)
class Turn:
    """What a ticket page shows on the day.

    `state`: `expected` before the check-in, `gate` after a kiosk's, then `waiting`, `called` or
    `serving`. `wait` is a range of minutes as text, empty if no counter can call; before the
    check-in it is that of somebody who joins now, behind `ahead` people. `poll_url` is the public
    document of the board that keeps the page current.
    """

    state: str
    poll_url: str
    board_url: str
    number: str = ""
    ahead: int = 0
    wait: str = ""
    place: str = ""
    counter: int | None = None


Source = Callable[[Booking, datetime], Turn | None]
_sources: list[Source] = []


def register_turns(source: Source) -> None:
    """Register the function that knows a booking's turn; called once, when the apps are ready."""
    _sources.append(source)


def turn_of(booking: Booking, now: datetime) -> Turn | None:
    """Return the booking's turn today, or None on other days and after the visit."""
    turns = (source(booking, now) for source in _sources)
    return next((turn for turn in turns if turn is not None), None)
