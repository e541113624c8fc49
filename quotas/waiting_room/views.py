"""The pages of a waiting room: position, ticket, polled status, and proof."""

import datetime as dt
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_POST, require_safe

from accounts.requests import SignedInRequest, account_of
from core import clock
from core.errors import DomainError
from core.formats import date_span, hour_zone, local_time_long, number
from core.web import count_refusal, next_url
from quotas.waiting_room import selectors, services
from quotas.waiting_room.models import WaitingRoom
from quotas.waiting_room.order import OPENS_BEFORE, TURN, lot, position
from quotas.waiting_room.status import public_status, status_of
from quotas.waiting_room.tickets import keep_ticket, token_for

HALF_A_MINUTE: Final = 30


@require_safe
def room(request: HttpRequest, window_id: int) -> HttpResponse:
    """Show the position of the reader, the time of the turn, and the places left."""
    now = clock.now()
    sealed = selectors.sealed_room(window_id)
    account = account_of(request)
    carried = request.GET.get("ticket", "")
    if account is not None and carried:
        return _carry_over(request, window_id, account.pk, carried)
    token = token_for(request, window_id)
    ticket = account and selectors.own_ticket(token, window_id=window_id, account_id=account.pk)
    status = status_of(window_id, token if ticket else "", now=now)
    if status["state"] == "none":
        status["state"] = "soon" if now < sealed.window.opens_at else "over"
    context = {
        **_about(sealed),
        "status": status,
        "state": status["state"],
        "joins_at": sealed.window.opens_at - OPENS_BEFORE,
        "turn_minutes": int(TURN.total_seconds() // 60),
        "turn_seconds": int(TURN.total_seconds()),
        "behind": _behind(status),
        "wait": wait_text(status.get("wait_seconds")),
        "due": _due(status, sealed, now),
        "until": _until(status, sealed),
        "ticket": ticket,
        "lot": _lot(sealed, ticket, now),
        "seed": sealed.seed if now >= sealed.window.opens_at else "",
        "here": request.get_full_path(),
        "onward": next_url(request, ""),
        "go_on": next_url(request, _calendar(sealed)),
        "carry_url": _carry_url(request, token) if ticket else "",
        "position": _position(window_id, ticket, now),
        "poll_url": reverse("booking:room_status", args=[window_id]),
        "now": now,
    }
    answer = render(request, "quotas/waiting_room/room.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def join(request: SignedInRequest, window_id: int) -> HttpResponse:
    """Give the account a ticket; a second request returns the same one."""
    onward = next_url(request, "")
    here = reverse("booking:room", args=[window_id])
    answer = HttpResponseRedirect(f"{here}?{_query(onward)}" if onward else here)
    try:
        token = services.join_room(
            window_id=window_id,
            account_id=request.user.pk,
            now=clock.now(),
            token=token_for(request, window_id),
        )
    except DomainError as error:
        if error.http_status == 404:
            raise
        count_refusal(error)
        messages.error(request, str(error))
        return answer
    keep_ticket(answer, window_id, token)
    return answer


@require_safe
@cache_control(public=True, max_age=1, stale_while_revalidate=10)
@conditional_page
def status(request: HttpRequest, window_id: int) -> HttpResponse:
    """Return the status of a waiting room as JSON, the same for everyone; a page computes its own position.

    It reads no cookie, so that a proxy can answer all readers with one copy.
    """
    return JsonResponse(public_status(window_id, now=clock.now()))


@require_safe
def proof(request: HttpRequest, window_id: int) -> HttpResponse:
    """Return the hash, and after the opening the seed and the marks of admission, as a file."""
    content = selectors.room_proof(selectors.sealed_room(window_id), now=clock.now())
    answer = JsonResponse(content, json_dumps_params={"indent": 1})
    answer["Content-Disposition"] = f'inline; filename="{_("ruang-tunggu")}-{window_id}.json"'
    return answer


def wait_text(seconds: int | None) -> str:
    """Return the waiting time as text."""
    if seconds is None:
        return _("Antrean sedang dihentikan sementara")
    if seconds <= HALF_A_MINUTE:
        return _("Sebentar lagi")
    minutes = (seconds + HALF_A_MINUTE) // 60
    return ngettext("Sekitar %(n)s menit lagi", "Sekitar %(n)s menit lagi", minutes) % {
        "n": number(max(1, minutes))
    }


def _carry_over(request: HttpRequest, window_id: int, account_id: int, token: str) -> HttpResponse:
    """Move a ticket to another device of the same account. Tickets of other accounts are ignored."""
    answer = HttpResponseRedirect(reverse("booking:room", args=[window_id]))
    if selectors.own_ticket(token, window_id=window_id, account_id=account_id):
        keep_ticket(answer, window_id, token)
    return answer


def _carry_url(request: HttpRequest, token: str) -> str:
    return request.build_absolute_uri(f"{request.path}?{_query(token, name='ticket')}")


def _query(value: str, *, name: str = "next") -> str:
    return urlencode({name: value})


def _about(sealed: WaitingRoom) -> dict[str, Any]:
    window = sealed.window
    return {
        "room": sealed,
        "window": window,
        "office": window.office,
        "days": date_span(window.first_day, window.last_day),
        "opens": local_time_long(window.opens_at, window.office),
    }


def _behind(status: dict[str, Any]) -> int:
    ahead_and_in = status.get("let_in", 0) + status.get("ahead", 0) + 1
    return max(0, status.get("waiting", 0) - ahead_and_in)


def _due(status: dict[str, Any], sealed: WaitingRoom, now: dt.datetime) -> str:
    seconds = status.get("wait_seconds")
    if seconds is None:
        return ""
    return hour_zone(now + dt.timedelta(seconds=seconds), sealed.window.office)


def _until(status: dict[str, Any], sealed: WaitingRoom) -> str:
    ends = status.get("turn_ends_at")
    if not ends:
        return ""
    return hour_zone(dt.datetime.fromisoformat(ends), sealed.window.office)


def _lot(sealed: WaitingRoom, ticket: Any, now: dt.datetime) -> str:
    """Return the random number of an early ticket once the seed is public."""
    window = sealed.window
    if not ticket or now < window.opens_at or ticket.joined_at >= window.opens_at:
        return ""
    return f"{lot(sealed.seed, ticket.code):.6f}"


def _position(window_id: int, ticket: Any, now: dt.datetime) -> float | None:
    """Return how many people are ahead of the reader's ticket, once the order is fixed."""
    room = selectors.room_of(window_id, now=now)
    if not ticket or room is None or now < room.opens_at:
        return None
    return position(room, ticket)


def _calendar(sealed: WaitingRoom) -> str:
    return reverse("booking:office", args=[sealed.window.office.code])
