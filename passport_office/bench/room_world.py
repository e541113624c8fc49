"""An office with a waiting room, everyone who waits in it, and afterwards whether order and pace were kept.

Run as a program in the benchmark's stores: what is wanted as JSON in, what came of it as JSON out.
"""

import json
import secrets
import sys
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

import django

from benchmarks.world import common_headers, make_accounts, make_office, make_session
from passport_office.bench.pace import pace_of

SLACK_SECONDS: Final = 2.5


def build(*, people: int, polling: int, places: int, lead: int) -> dict[str, Any]:
    """Make the office, give tickets to all but those who take theirs through HTTP; return what they need."""
    from core import clock
    from quotas.services import join_room
    from quotas.services.room_tally import TALLY

    window = _window(places, lead)
    accounts = make_accounts(people)
    tickets = {
        account.pk: join_room(window_id=window.pk, account_id=account.pk, now=clock.now())
        for account in accounts[polling:]
    }
    TALLY.tell()
    return {
        "window": window.pk,
        "opens_at": window.opens_at.timestamp(),
        "headers": common_headers(),
        "join": f"/rooms/{window.pk}/join/",
        "status": f"/api/v1/windows/{window.pk}/room/",
        "ticket_cookie": f"room_{window.pk}",
        "tickets": list(tickets.values()),
        "people": [_browser(account, make_session(account)) for account in accounts[:polling]],
    }  # fmt: skip


def _window(places: int, lead: int) -> Any:
    """Have so many places next week, in a window with a room that opens at a full minute from `lead` seconds on."""
    from core import clock
    from quotas.models import ReleaseWindow
    from quotas.services import prepare_windows

    now = clock.now()
    opens = (now + timedelta(seconds=lead + 60)).replace(second=0, microsecond=0)
    # It opens a minute before the moment that is handed in.
    office = make_office("bench", places, opens + timedelta(minutes=1), has_waiting_room=True)
    prepare_windows(office_id=office.pk, now=now)
    return ReleaseWindow.objects.get(office=office, has_waiting_room=True)


def _browser(account: Any, session: str) -> dict[str, Any]:
    from django.conf import settings

    csrf = secrets.token_hex(16)
    return {
        "account": account.pk,
        "cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={csrf}",
        "form": urlencode({"csrfmiddlewaretoken": csrf}),
    }


# --- Afterwards ----------------------------------------------------------------------------------
def check(
    *, window: int, tickets: list[str], reports: list[dict[str, Any]], seconds: int, rate: float
) -> dict[str, Any]:
    """Reckon everyone's place anew and compare with what was seen; return the figures."""
    from quotas import room as pure
    from quotas.selectors import read_ticket, room_of

    opens = _opening(window)
    room = room_of(window, now=opens + timedelta(seconds=seconds))
    assert room is not None
    everyone = [
        read_ticket(text, window_id=window)
        for text in [*tickets, *(row["ticket"] for row in reports)]
    ]
    known = [ticket for ticket in everyone if ticket is not None]
    pace = pace_of(
        [(at - opens.timestamp(), reached) for row in reports for at, reached in row["door"]],
        places=sorted(pure.position(room, ticket) for ticket in known),
        rate=rate,
        parts=pure.PARTS,
        until=seconds,
    )
    return {
        "people": len(known),
        "rate_set": rate,
        "rate_seen": pace.rate,
        "largest_error": pace.largest_error,
        "worst_at": pace.worst_at,
        "stretch_seconds": pace.seconds,
        "stretches": pace.stretches,
        "chance_error": pace.chance,
        "ranks_changed": sum(len({place for _at, _state, place in row["seen"] if place}) > 1 for row in reports),
        "out_of_order": sum(not _in_time(row, room, opens, rate) for row in reports),
        "let_in_seen": sum(any(state == "admitted" for _at, state, _place in row["seen"]) for row in reports),
    }  # fmt: skip


def _opening(window: int) -> datetime:
    from quotas.models import ReleaseWindow

    return ReleaseWindow.objects.get(pk=window).opens_at


def _in_time(row: dict[str, Any], room: Any, opens: datetime, rate: float) -> bool:
    """Tell whether this person was told "wait" until their turn and "come in" from it on, never otherwise."""
    from quotas import room as pure
    from quotas.selectors import read_ticket

    ticket = read_ticket(row["ticket"], window_id=room.window_id)
    if ticket is None:
        return False
    turn = opens.timestamp() + pure.position(room, ticket) / rate
    return all(
        at >= turn - SLACK_SECONDS if state == "admitted" else at <= turn + SLACK_SECONDS
        for at, state, _place in row["seen"]
        if state in ("admitted", "waiting")
    )


def main() -> None:
    django.setup()
    asked = json.loads(sys.stdin.read())
    found = (check if "reports" in asked else build)(**asked)
    print(json.dumps(found))  # noqa: T201 - a pipe


if __name__ == "__main__":
    main()
