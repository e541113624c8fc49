"""Waiting rooms: the sealed seed, tickets, the rate of admission, and the check before booking."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.cache import caches
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.crypto import seal
from core.errors import DomainError, NotFound
from quotas import labels
from quotas.places.errors import WindowClosed
from quotas.waiting_room import order as pure
from quotas.waiting_room.errors import NotLetIn, RoomNotOpen
from quotas.waiting_room.models import RoomMark, WaitingRoom
from quotas.waiting_room.order import Load, Mark, Room, Ticket
from quotas.waiting_room.selectors import (
    own_ticket,
    room_of,
    rooms_now,
    sealed_room,
    ticket_code,
    token_of,
)
from quotas.waiting_room.status import room_to_pass, state_of
from quotas.waiting_room.tally import TALLY

# A change of the rate is written before it applies, so that every process reads it in time.
KNOWN_BEFORE: Final = timedelta(seconds=2)
LOOKED_BACK: Final = 10
SMALL_CHANGE: Final = 0.05
MARK_EVERY: Final = timedelta(seconds=60)
SHORTEST: Final = timedelta(minutes=5)
SOLD_OUT_FOR: Final = timedelta(minutes=15)
QUIET_SECONDS: Final = 60
ONE_DAY: Final = 60 * 60 * 24
LOAD: Final = """
SELECT coalesce(sum(answered), 0), avg(busy) FILTER (WHERE busy > 0) FROM quotas_roomsecond
 WHERE room_id = %(room)s AND second >= %(first)s AND second < %(last)s
"""
CAME: Final = """
SELECT coalesce(sum(arrived), 0) FROM quotas_roomsecond WHERE room_id = %(room)s AND second >= %(first)s
"""


def ensure_room(*, window_id: int, now: datetime) -> None:
    """Create a window's waiting room with a sealed seed if it has none. Runs in the window's transaction."""
    if WaitingRoom.objects.filter(window_id=window_id).exists():
        return
    seed = secrets.token_hex(32)
    room = WaitingRoom.objects.create(
        window_id=window_id, seed=seed, seed_hash=seal(seed), prepared_at=now
    )
    RoomMark.objects.create(room=room, since=now, watermark=0, rate=settings.WAITING_ROOM_RATE)


def join_room(*, window_id: int, account_id: int, now: datetime, token: str = "") -> str:
    """Return a ticket for an account: its own, or a new one. Raises NotFound, RoomNotOpen, WindowClosed.

    An account that missed its turn gets a new ticket at the end.
    """
    room = room_of(window_id, now=now)
    if room is None or now < room.joins_from:
        raise _why_not_join(window_id, now)
    ticket = own_ticket(token, window_id=window_id, account_id=account_id)
    if ticket is not None and state_of(room, ticket, now=now) != "lapsed":
        return token
    ticket = Ticket(window_id, ticket_code(window_id, account_id), now)
    # An account that lost its ticket and joins again is counted once.
    # Without Redis the answer is None, and every join is counted.
    if caches["redis"].add(f"room:{window_id}:{account_id}", 1, timeout=ONE_DAY) is not False:
        TALLY.came(room, ticket)
    return token_of(ticket)


def _why_not_join(window_id: int, now: datetime) -> DomainError:
    try:
        window = sealed_room(window_id).window
    except NotFound as error:
        return error
    joins_at = window.opens_at - pure.OPENS_BEFORE
    if now >= joins_at:
        return WindowClosed()
    return RoomNotOpen(
        _("Ruang tunggu dibuka %(when)s. Siapkan data lebih dulu; tidak perlu masuk lebih awal.")
        % {"when": labels.moment(joins_at, window.office.time_zone)}
    )


def check_let_in(*, slot_id: int, account_id: int, tokens: Sequence[str], now: datetime) -> None:
    """Check that the account is admitted, if a waiting room applies to the slot. Raises NotLetIn.

    `tokens` are all tickets of the request.
    """
    room = room_to_pass(slot_id, account_id=account_id, tokens=tokens, now=now)
    if room is None:
        return
    if not room.is_passed:
        raise NotLetIn(window=room.window_id, alternatives=[{"window": room.window_id}])
    TALLY.answered(room.room, now=now)


# --- Admission -----------------------------------------------------------------------------------
def keep_rooms(*, now: datetime) -> int:
    """Fit the rate of each room to the load of the servers; return how many rooms changed.

    Admission continues without this, at its last rate. Running it twice does no harm.
    """
    return sum(_keep_room(window_id, now) for window_id in sorted(rooms_now(now=now)))


@transaction.atomic
def _keep_room(window_id: int, now: datetime) -> bool:
    locked = WaitingRoom.objects.select_for_update(no_key=True, skip_locked=True)
    row = locked.filter(window_id=window_id, ended_at=None).first()
    if row is None:
        return False
    room = room_of(window_id, now=now)
    last = row.marks.order_by("since").last()
    if room is None or last is None or last.since > now:
        return False
    if _is_done(room, now):
        row.ended_at = now
        row.save(update_fields=["ended_at"])
        return True
    mark = _next_mark(room, last, now)
    if mark is None:
        return False
    RoomMark.objects.create(room=row, since=mark.since, watermark=mark.watermark, rate=mark.rate)
    return True


def _next_mark(room: Room, last: RoomMark, now: datetime) -> Mark | None:
    """Return the next mark of admission, or None when nothing changes."""
    since = now + KNOWN_BEFORE
    rate = _rate(room, last, now)
    is_as_before = abs(rate - last.rate) <= SMALL_CHANGE * last.rate
    is_recent = last.since + MARK_EVERY > now
    if is_as_before and (is_recent or not rate or now < room.opens_at):
        return None
    return Mark(since, pure.watermark(room, since), last.rate if is_as_before else rate)


def _rate(room: Room, last: RoomMark, now: datetime) -> float:
    if now < room.opens_at:
        return float(settings.WAITING_ROOM_RATE)
    if room.places and not room.left:
        return 0.0
    before = last.rate or max((mark.rate for mark in room.marks), default=0.0)
    return pure.next_rate(
        before,
        _load(room, now),
        least=settings.WAITING_ROOM_LEAST_RATE,
        most=settings.WAITING_ROOM_MOST_RATE,
    )


def _load(room: Room, now: datetime) -> Load:
    """Return the answers and the load of the last seconds for which every process has written its counts."""
    last = int((now - room.opens_at).total_seconds()) - 1
    first = max(0, last - LOOKED_BACK)
    with connection.cursor() as cursor:
        cursor.execute(LOAD, {"room": room.id, "first": first, "last": last})
        answered, busy = cursor.fetchone()
    return Load(answers=answered / max(1, last - first), busy=busy or 0.0)


def _is_done(room: Room, now: datetime) -> bool:
    """True if the room is not needed any more: all are admitted and few arrive, or all places are gone."""
    open_for = now - room.opens_at
    if open_for < SHORTEST:
        return False
    if room.places and not room.left:
        return open_for >= SOLD_OUT_FOR
    seconds = int(open_for.total_seconds())
    with connection.cursor() as cursor:
        cursor.execute(CAME, {"room": room.id, "first": seconds - QUIET_SECONDS})
        came = cursor.fetchone()[0]
    rate = pure.mark_at(room, now).rate
    return pure.watermark(room, now) >= room.total and came < rate * QUIET_SECONDS / 4
