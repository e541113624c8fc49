"""A national Friday: many offices that open at one moment, each with its waiting room, and all who wait.

Run as a program in the benchmark's stores: what is to be done as JSON in, what came of it as JSON out. Everything
goes through the services that the pages call. Who waits in the offices of the second part does so by a clock that
is handed in, so that a quarter of an hour need not be waited for.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any, Final
from uuid import uuid4

import django

from passport_office.bench.room_world import _browser
from passport_office.bench.world import (
    BATCH,
    DAYS,
    INSTRUMENT,
    SERVICE,
    _account,
    _headers,
    _office,
    _path,
    _sessions,
)

EARLY: Final = timedelta(minutes=10)
AN_HOUR: Final = timedelta(hours=1)
AHEAD_OF_TURN: Final = 3
TOO_LATE: Final = 10
STEP_SECONDS: Final = 1.0


def offices(*, count: int, places: int, lead: int) -> dict[str, Any]:
    """Make the offices and their windows, which open together at a full minute from `lead` seconds on."""
    from core import clock
    from quotas.models import Place
    from quotas.services import prepare_windows

    began, now = time.monotonic(), clock.now()
    first = _office()
    opens = (now + timedelta(seconds=lead + 60)).astimezone(first.zone)
    opens = opens.replace(second=0, microsecond=0)
    windows = []
    for number in range(count):
        office = first if not number else _another(first, number)
        _rules(office, places // count // DAYS, opens)
        prepare_windows(office_id=office.pk, now=now)
        windows.append(office.windows.get(has_waiting_room=True).pk)
    return {
        "windows": windows,
        "opens_at": opens.timestamp(),
        "places": Place.objects.count(),
        "seconds": time.monotonic() - began,
    }


def _another(first: Any, number: int) -> Any:
    """Copy the first office, with its hours and services, under a code of its own."""
    from offices.models import Office, OpeningHours

    office = Office.objects.create(
        code=f"{first.code}{number}", name=f"{first.name} {number}", region=first.region,
        time_zone=first.time_zone, address=first.address,
    )  # fmt: skip
    office.service_types.set(first.service_types.all())
    for row in first.opening_hours.all():
        row.pk, row.office = None, office
        row.save(force_insert=True)
    assert OpeningHours.objects.filter(office=office).exists()
    return office


def _rules(office: Any, each_day: int, opens: datetime) -> None:
    from offices.models import ServiceGroup
    from quotas.models import QuotaPolicy, ReleaseRule

    monday = opens.date() + timedelta(days=7 - opens.weekday())
    last = monday + timedelta(days=DAYS - 1)
    group = ServiceGroup.objects.get(code="citizens")
    common = {"office": office, "lane_id": "online", "group": group, "instrument": INSTRUMENT}
    ReleaseRule.objects.create(
        **common, kind=ReleaseRule.Kind.WEEKLY, weekday=opens.isoweekday(), weeks_ahead=1, covers_days=DAYS,
        opens_time=opens.time(), closes_after_days=2, closes_time=clock_time(23, 59), has_waiting_room=True,
        valid_from=monday, valid_until=last,
    )  # fmt: skip
    QuotaPolicy.objects.create(
        **common, base=each_day, slot_minutes=60, valid_from=monday, valid_until=last
    )


# --- Through HTTP --------------------------------------------------------------------------------
def browsers(*, windows: Sequence[int], people: int) -> dict[str, Any]:
    """Sign people in, prepare them, and share them out over the windows; return what each sends."""
    began = time.monotonic()
    found = []
    slots = {window: _slots(window) for window in windows}
    for number, (account, applicant) in enumerate(_prepared(0, people)):
        window = windows[number % len(windows)]
        [session] = _sessions([account])
        found.append(
            {
                **_browser(account, session),
                "window": window,
                "applicant": applicant,
                "slot": slots[window][number // len(windows) % len(slots[window])],
            }
        )
    return {
        "people": found,
        "slots": slots,
        "headers": _headers(),
        "service": SERVICE,
        "bookings": _path("booking:bookings"),
        "seconds": time.monotonic() - began,
    }


def keep(*, until: float, windows: Sequence[int]) -> dict[str, Any]:
    """Do what beat does for the doors, every five seconds, until these are sold; return their rates together."""
    from core import clock
    from quotas.room import mark_at
    from quotas.selectors import rooms_now
    from quotas.services import keep_rooms

    rates = []
    while time.time() < until:
        now = clock.now()
        keep_rooms(now=now)
        rooms = rooms_now(now=now)
        guarded = [rooms[window] for window in windows if window in rooms]
        guarded = [room for room in guarded if room.guards(now)]
        rates.append(sum(mark_at(room, now).rate for room in guarded))
        if guarded and not any(room.left for room in guarded):
            break
        time.sleep(min(5.0, max(0.0, until - time.time())))
    return {"rates": rates}


# --- Through the services ------------------------------------------------------------------------
def crowd(*, windows: Sequence[int], people: int, since: int) -> dict[str, Any]:
    """Give everyone a ticket, ten minutes before the opening; return what that took."""
    from quotas.models import ReleaseWindow
    from quotas.services import join_room
    from quotas.services.room_tally import TALLY

    opens = ReleaseWindow.objects.get(pk=windows[0]).opens_at
    began = time.monotonic()
    accounts = [account.pk for account in _accounts(since, people)]
    made = time.monotonic()
    for number, account in enumerate(accounts):
        join_room(window_id=windows[number % len(windows)], account_id=account, now=opens - EARLY)
    TALLY.tell()
    return {
        "first_account": accounts[0],
        "accounts_seconds": made - began,
        "join_ms": (time.monotonic() - made) / people * 1000,
    }


def sell(*, windows: Sequence[int], all_windows: int, offset: int, people: int, first_account: int, since: int) -> dict[str, Any]:  # fmt: skip
    """Let people in by their turns, window after window, and let each book; return who got what.

    The windows of a crowd of `all_windows` share its accounts in turn, the first of these being number `offset`.
    """
    began, told = time.monotonic(), {"booked": 0, "refused": 0, "ahead": 0, "out_of_order": 0}
    for number, window in enumerate(windows):
        accounts = range(first_account + offset + number, first_account + people, all_windows)
        for name, count in _sell_one(window, accounts, since + offset + number).items():
            told[name] += count
    return {**told, "seconds": time.monotonic() - began}


@dataclass(frozen=True)
class Waiting:
    """Somebody who waits: the account, the ticket, the place in the line, and when the turn comes."""

    account: int
    token: str
    place: float
    due: datetime


def _in_line(window: int, accounts: Sequence[int]) -> list[Waiting]:
    """Return everyone of a window in the order in which the door lets them in."""
    from quotas import room as pure
    from quotas.models import ReleaseWindow
    from quotas.room import Ticket
    from quotas.selectors import room_of, ticket_code, token_of

    opens = ReleaseWindow.objects.get(pk=window).opens_at
    room = room_of(window, now=opens)
    assert room is not None
    line = []
    for account in accounts:
        ticket = Ticket(window, ticket_code(window, account), opens - EARLY)
        due = pure.turn_began(room, ticket, opens + AN_HOUR)
        assert due is not None
        line.append(Waiting(account, token_of(ticket), pure.position(room, ticket), due))
    return sorted(line, key=lambda one: one.place)


def _sell_one(window: int, accounts: Sequence[int], since: int) -> dict[str, int]:
    """Let the first of the line book, one for each place and some more; some push before their turn."""
    from core.errors import DomainError
    from quotas.models import Place

    places = Place.objects.filter(window_id=window).count()
    line = _in_line(window, accounts)[: places + TOO_LATE]
    people = _people_of([one.account for one in line], since)
    slots = _slots(window)
    told = {"booked": 0, "refused": 0, "ahead": 0, "out_of_order": 0}
    second = timedelta(seconds=STEP_SECONDS)
    for turn, one in enumerate(line):
        person = people[one.account]
        if turn % max(2, places // AHEAD_OF_TURN) == 1:
            told["ahead"] += _is_turned_away(
                one, person, slots[turn % len(slots)], one.due - second
            )
        try:
            _book_any(one.account, person, slots, turn, one.token, one.due + second)
            told["booked"] += 1
            told["out_of_order"] += turn >= places
        except DomainError as error:
            told["refused"] += 1
            told["out_of_order"] += turn < places or error.code != "full"
    return told


def _is_turned_away(one: Waiting, person: int, slot: int, now: datetime) -> bool:
    """Push before one's turn; booking then would be a fault of the door, and end the run."""
    from quotas.errors import NotLetIn, NotYetOpen

    try:
        _book(one.account, person, slot, one.token, now)
    except (NotLetIn, NotYetOpen):
        return True
    raise AssertionError("somebody was let in before the turn")


def _book_any(
    account: int, person: int, slots: Sequence[int], turn: int, token: str, now: datetime
) -> None:
    """Book the hour one would like, else another of that office: here a second is over in no time, and what
    everyone sees of the hours left is a second old."""
    from quotas.errors import SlotFull

    for step in range(len(slots)):
        try:
            return _book(account, person, slots[(turn + step) % len(slots)], token, now)
        except SlotFull:
            continue
    raise SlotFull


def _book(account: int, person: int, slot: int, token: str, now: datetime) -> None:
    from accounts.models import User
    from booking.bookings.requests import BookingRequest
    from booking.bookings.rights import OpenWindow
    from booking.bookings.services import create_bookings

    request = BookingRequest(
        account_id=account,
        slot_id=slot,
        applicant_ids=[person],
        service_type=SERVICE,
        key=uuid4().hex,
    )
    right = OpenWindow(room_tickets=[token])
    create_bookings(requests=[request], right=right, by=User(pk=account), now=now)


def _slots(window: int) -> list[int]:
    from quotas.models import Slot

    rows = Slot.objects.filter(places__window_id=window).distinct().order_by("starts_at")
    return list(rows.values_list("pk", flat=True))


def _accounts(since: int, count: int) -> Iterator[Any]:
    from accounts.models import User

    for first in range(since, since + count, BATCH * 4):
        numbers = range(first, min(first + BATCH * 4, since + count))
        yield from User.objects.bulk_create(_account(number) for number in numbers)


def _prepared(since: int, count: int) -> Iterator[tuple[Any, int]]:
    for first in range(since, since + count, BATCH):
        accounts = list(_accounts(first, min(BATCH, since + count - first)))
        people = _people_of([account.pk for account in accounts], first)
        yield from ((account, people[account.pk]) for account in accounts)


def _people_of(accounts: Sequence[int], since: int) -> dict[int, int]:
    """Prepare one person for each account; return their ids by account."""
    from datetime import date

    from booking.models import Applicant, Sex
    from core import clock

    now = clock.now()
    numbers = [f"32{since % 10_000:04d}{number:06d}0001" for number in range(len(accounts))]
    rows = Applicant.objects.bulk_create(
        Applicant(
            account_id=account, full_name="Budi Uji", identity_number=number, created_at=now,
            person_key=Applicant.key_for(kind="nik", nationality="ID", number=f"{account}-{number}"),
            birth_date=date(1990, 1, 1), sex=Sex.MALE, phone=f"+6281{account:09d}",
        )
        for account, number in zip(accounts, numbers, strict=True)
    )  # fmt: skip
    return {row.account_id: row.pk for row in rows if row.account_id is not None}


# --- Afterwards ----------------------------------------------------------------------------------
def count() -> dict[str, Any]:
    """Return what stands in the database: places, those held, bookings, its size."""
    from django.db import connection

    statement = """
    SELECT (SELECT count(*) FROM quotas_place), (SELECT count(*) FROM quotas_place WHERE holder IS NOT NULL),
           (SELECT count(*) FROM booking_booking WHERE status = 'booked'), pg_database_size(current_database()),
           (SELECT coalesce(sum(arrived), 0) FROM quotas_roomsecond), (SELECT count(*) FROM quotas_roomsecond)
    """
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    names = ("places", "held", "bookings", "bytes", "tickets", "room_rows")
    return dict(zip(names, map(int, row), strict=True))


DEEDS: Final = {
    "offices": offices, "browsers": browsers, "keep": keep, "crowd": crowd, "sell": sell, "count": count,
}  # fmt: skip


def main() -> None:
    django.setup()
    asked = json.loads(sys.stdin.read())
    deed: Any = DEEDS[asked.pop("deed")]
    print(json.dumps(deed(**asked)))  # noqa: T201 - a pipe


if __name__ == "__main__":
    main()
