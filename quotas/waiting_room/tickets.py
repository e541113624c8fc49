"""The waiting-room tickets of a browser: cookies, one for each window."""

import datetime as dt
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from quotas.waiting_room.status import room_before

PREFIX: Final = "room_"
MOST_TICKETS: Final = 8
ONE_DAY: Final = 60 * 60 * 24


def tokens_of(request: HttpRequest) -> list[str]:
    """Return every ticket of the browser. The owner is checked where a ticket is used."""
    tokens = [text for name, text in request.COOKIES.items() if name.startswith(PREFIX)]
    return tokens[:MOST_TICKETS]


def token_for(request: HttpRequest, window_id: int) -> str:
    """Return the browser's ticket for a window."""
    return request.COOKIES.get(f"{PREFIX}{window_id}", "")


def keep_ticket(answer: HttpResponse, window_id: int, token: str) -> None:
    """Store a ticket in a cookie."""
    answer.set_cookie(
        f"{PREFIX}{window_id}",
        token,
        max_age=ONE_DAY,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def room_on_the_way(
    request: HttpRequest, *, slot_id: int, account_id: int, onward: str, now: dt.datetime
) -> str:
    """Return the address of the waiting room to pass before a slot can be booked, or an empty text.

    Before the opening, readers with a ticket can see the slot; those without go to the room first.
    """
    gate = room_before(slot_id, account_id=account_id, tokens=tokens_of(request), now=now)
    if gate is None or gate.is_passed:
        return ""
    if gate.has_ticket and now < gate.room.opens_at:
        return ""
    address = reverse("booking:room", args=[gate.window_id])
    return f"{address}?{urlencode({'next': onward})}"
