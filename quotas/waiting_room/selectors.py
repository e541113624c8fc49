"""Waiting rooms, cached in each process and read again at most once a second."""

import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import Error, connection

from core import crypto
from core.db import fetch_rows, shared_read
from core.errors import NotFound
from quotas.places.models import NOW, is_cooled_down, is_free, place_sql
from quotas.waiting_room import order as pure
from quotas.waiting_room.models import WaitingRoom
from quotas.waiting_room.order import Mark, Room, Ticket

SALT: Final = "waiting-room"
EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
# The counts of a second can still grow for a while: each process writes once a second.
SETTLED_AFTER: Final = 5
SOON: Final = timedelta(minutes=1)
MOST_TOKEN: Final = 200
SLOTS_AT_ONCE: Final = 256

ROOMS: Final = """
SELECT room.id, room.window_id, win.opens_at, win.closes_at, room.seed, room.ended_at
  FROM quotas_waitingroom room JOIN quotas_releasewindow win ON win.id = room.window_id
 WHERE win.has_waiting_room AND win.closes_at > %(now)s AND win.opens_at <= %(soon)s
"""
MARKS: Final = """
SELECT room_id, since, watermark, rate FROM quotas_roommark WHERE room_id = ANY(%(rooms)s) ORDER BY room_id, since
"""
SECONDS: Final = """
SELECT row.room_id, row.second, row.arrived FROM quotas_roomsecond row
  JOIN unnest(%(rooms)s::bigint[], %(since)s::int[]) AS known (room_id, since)
    ON row.room_id = known.room_id AND row.second >= known.since
"""
EARLY: Final = """
SELECT room_id, array_agg(second), array_agg(arrived) FROM quotas_roomsecond
 WHERE room_id = ANY(%(rooms)s) AND second < 0 GROUP BY room_id
"""
PLACES: Final = f"""
SELECT window_id, count(*), count(*) FILTER (WHERE closes_at > %(now)s
         AND {place_sql(is_free() & is_cooled_down(NOW))})
  FROM quotas_place WHERE window_id = ANY(%(windows)s) AND withdrawn_at IS NULL GROUP BY window_id
"""  # noqa: S608 - no input in it
ROOMS_OF_SLOTS: Final = """
SELECT DISTINCT place.slot_id, win.opens_at, win.closes_at, room.window_id
  FROM quotas_waitingroom room JOIN quotas_releasewindow win ON win.id = room.window_id
  JOIN quotas_place place ON place.window_id = win.id
 WHERE win.has_waiting_room AND place.withdrawn_at IS NULL
   AND place.slot_id >= %(first)s AND place.slot_id < %(until)s
 ORDER BY place.slot_id, win.opens_at DESC
"""


@dataclass
class _Cache:
    """The rooms that this process has read, and when."""

    rooms: Mapping[int, Room] = field(default_factory=dict)
    at: float = float("-inf")
    late: dict[int, list[int]] = field(default_factory=dict)
    reading: threading.Lock = field(default_factory=threading.Lock)


_cache = _Cache()


def forget() -> None:
    """Clear the cache of this process."""
    _cache.rooms, _cache.at, _cache.late = {}, float("-inf"), {}


def room_of(window_id: int, *, now: datetime) -> Room | None:
    """Return the waiting room of a window, at most a second old; None when it has none now.

    While the database is unavailable the last state stays: admission continues by the clock, and no
    position changes.
    """
    return rooms_now(now=now).get(window_id)


def rooms_now(*, now: datetime) -> Mapping[int, Room]:
    """Return every waiting room that is open or about to open, by window id."""
    seconds = settings.SHARED_READ_SECONDS
    if not seconds:
        return _read(now, {})
    if time.monotonic() - _cache.at < seconds:
        return _cache.rooms
    # One thread reads, the others use the cache; they wait only for the first read.
    if not _cache.reading.acquire(blocking=_cache.at == float("-inf")):
        return _cache.rooms
    try:
        if time.monotonic() - _cache.at >= seconds:
            _refresh(now)
    finally:
        _cache.reading.release()
    return _cache.rooms


def _refresh(now: datetime) -> None:
    try:
        _cache.rooms = _read(now, _cache.late)
    except Error:
        connection.close()  # outside a request Django does not close it
        if _cache.at == float("-inf"):
            raise
    _cache.at = time.monotonic()


def _read(now: datetime, late: dict[int, list[int]]) -> Mapping[int, Room]:
    rows = fetch_rows(ROOMS, now=now, soon=now + pure.OPENS_BEFORE + SOON)
    if not rows:
        return {}
    ids = [row[0] for row in rows]
    marks = _marks(ids)
    early, counted = _early(ids), _count(rows, late, now)
    places = _places([row[1] for row in rows if row[5] is None], now)
    rooms = {}
    for room_id, window_id, opens_at, closes_at, token, ended_at in rows:
        seconds, seed = counted[room_id], _seed(token)
        lots = pure.lots_of(seed, early.get(room_id, {}))
        lots_before = pure.running_sum(lots)
        all_places, left = places.get(window_id, (0, 0))
        rooms[window_id] = Room(
            id=room_id,
            window_id=window_id,
            opens_at=opens_at,
            closes_at=closes_at,
            seed=seed,
            early=lots_before[-1],
            lots=lots,
            lots_before=lots_before,
            late=seconds,
            late_before=pure.running_sum(seconds),
            marks=marks[room_id],
            places=all_places,
            left=left,
            ended_at=ended_at,
        )
    return rooms


def _marks(ids: Sequence[int]) -> Mapping[int, list[Mark]]:
    marks: dict[int, list[Mark]] = defaultdict(list)
    for room_id, since, reached, rate in fetch_rows(MARKS, rooms=ids):
        marks[room_id].append(Mark(since, reached, rate))
    return marks


def _early(ids: Sequence[int]) -> Mapping[int, Mapping[int, int]]:
    """Return the early arrivals of each room, by bucket."""
    rows = fetch_rows(EARLY, rooms=ids)
    return {room: dict(zip(seconds, arrived, strict=True)) for room, seconds, arrived in rows}


def _count(
    rows: Sequence[Any], late: dict[int, list[int]], now: datetime
) -> Mapping[int, list[int]]:
    """Return the arrivals of each room in each second after its opening.

    `late` holds the seconds that no process writes any more; this call adds to it.
    """
    ids = [row[0] for row in rows]
    for gone in late.keys() - set(ids):
        del late[gone]
    counted = {room_id: list(late.get(room_id, ())) for room_id in ids}
    since = [len(counted[room_id]) for room_id in ids]
    for room_id, second, arrived in sorted(fetch_rows(SECONDS, rooms=ids, since=since)):
        counts = counted[room_id]
        counts.extend([0] * (second - len(counts)))
        counts.append(arrived)
    for room_id, _window, opens_at, *_rest in rows:
        settled = int((now - opens_at).total_seconds()) - SETTLED_AFTER
        late[room_id] = counted[room_id][: max(0, settled)]
    return counted


def _places(windows: Sequence[int], now: datetime) -> Mapping[int, tuple[int, int]]:
    if not windows:
        return {}
    return {row[0]: (row[1], row[2]) for row in fetch_rows(PLACES, windows=windows, now=now)}


@lru_cache(maxsize=512)
def _seed(token: str) -> str:
    return crypto.decrypt(token)


def room_of_slot(slot_id: int, *, now: datetime) -> int | None:
    """Return the id of the window whose waiting room applies to a slot, or None."""
    windows = _rooms_of_block(slot_id // SLOTS_AT_ONCE).get(slot_id, [])
    return next((window for closes_at, window in windows if closes_at > now), None)


@shared_read(times=10, has_text=False)
def _rooms_of_block(block: int) -> dict[int, list[tuple[datetime, int]]]:
    """Return, for a block of slot ids, the windows with a waiting room and their closing times, the latest first."""
    by_slot: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    first = block * SLOTS_AT_ONCE
    rows = fetch_rows(ROOMS_OF_SLOTS, first=first, until=first + SLOTS_AT_ONCE)
    for slot_id, _opens_at, closes_at, window_id in rows:
        by_slot[slot_id].append((closes_at, window_id))
    return by_slot


# --- Tickets -------------------------------------------------------------------------------------
def ticket_code(window_id: int, account_id: int) -> str:
    """Return the code of an account in a room: the same on each of its devices, and of no other account."""
    return crypto.keyed_hash(SALT, str(window_id), str(account_id))[:20]


def token_of(ticket: Ticket) -> str:
    """Return a ticket as the signed text of a cookie or header."""
    at = int((ticket.joined_at - EPOCH) / timedelta(microseconds=1))
    return _signer().sign(f"{ticket.window_id}.{at}.{ticket.code}")


def read_ticket(token: str, *, window_id: int) -> Ticket | None:
    """Return the ticket of a text, or None when the signature is wrong or it is for another window."""
    if not token or len(token) > MOST_TOKEN:
        return None
    ticket = _signed(token)
    return ticket if ticket is not None and ticket.window_id == window_id else None


@lru_cache(maxsize=65_536)
def _signed(token: str) -> Ticket | None:
    """Check a signature once: a crowd sends the same few thousand tickets again and again."""
    try:
        window, at, code = _signer().unsign(token).split(".")
        return Ticket(int(window), code, EPOCH + timedelta(microseconds=int(at)))
    except (BadSignature, ValueError, OverflowError):
        return None


def own_ticket(token: str, *, window_id: int, account_id: int) -> Ticket | None:
    """Return the ticket if it belongs to this account, else None."""
    ticket = read_ticket(token, window_id=window_id)
    if ticket is None or ticket.code != ticket_code(window_id, account_id):
        return None
    return ticket


def _signer() -> Signer:
    return Signer(salt=SALT, sep="~")


# --- The seal ------------------------------------------------------------------------------------
def sealed_room(window_id: int) -> WaitingRoom:
    """Return a window's waiting room with its window and office. Raises NotFound."""
    rows = WaitingRoom.objects.select_related("window__office")
    room = rows.filter(window_id=window_id, window__has_waiting_room=True).first()
    if room is None:
        raise NotFound
    return room


def room_proof(sealed: WaitingRoom, *, now: datetime) -> dict[str, Any]:
    """Return the public data of a room: the hash, from the opening on the seed, and the marks of admission."""
    window = sealed.window
    early = dict(sealed.seconds.filter(second__lt=0).values_list("second", "arrived"))
    is_open = now >= window.opens_at
    return {
        "format": "passport-room/2",
        "window": window.pk,
        "office": window.office.code,
        "opens_at": window.opens_at.isoformat(),
        "seed_hash": sealed.seed_hash,
        "seed": sealed.seed if is_open else None,
        "early": sum(early.values()) if is_open else None,
        "early_by_hundredth": pure.lots_of(sealed.seed, early) if is_open else None,
        "door": [
            {"since": row.since.isoformat(), "position": row.watermark, "rate": row.rate}
            for row in sealed.marks.all()
        ],
    }
