"""Taking places. `Place.holder` is written only here, in `returns` and in `lottery`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.db import MOST_KEPT, busy_on_timeout, shared_read
from core.errors import NotFound
from quotas import labels
from quotas.places.errors import NotYetOpen, SlotFull, WindowClosed
from quotas.places.models import (
    NOW,
    is_available,
    is_free,
    is_in_window,
    is_left_at_office,
    is_not_reserved,
    is_reserved,
    place_sql,
)

# Long enough that on a loaded machine the loser still gets "full", which is true, and not "busy".
RETRY_MILLISECONDS = 5000
BookedAt = Literal["online", "desk"]

_AVAILABLE = place_sql(is_available(NOW), table="place")
_IN_WINDOW = place_sql(is_in_window(NOW), table="place")
_RESERVED = place_sql(is_free() & is_reserved(), table="place")

# Cheap, and without a lock: most refusals need no more than this.
AVAILABILITY = f"""
SELECT lane.booked_at, office.time_zone, office.booking_stopped_reason,
       count(place.id) FILTER (WHERE {_AVAILABLE}),
       count(place.id) FILTER (WHERE {_IN_WINDOW}),
       min(place.opens_at) FILTER (WHERE place.opens_at > %(now)s),
       max(place.closes_at),
       min(place.opens_at) FILTER (WHERE {_RESERVED} AND place.closes_at > %(now)s)
  FROM quotas_slot slot
  JOIN offices_lane lane ON lane.code = slot.lane_id
  JOIN offices_office office ON office.id = slot.office_id
  LEFT JOIN quotas_place place ON place.slot_id = slot.id AND place.withdrawn_at IS NULL
 WHERE slot.id = %(slot)s
 GROUP BY lane.booked_at, office.time_zone, office.booking_stopped_reason
"""  # noqa: S608 - no input in it


def take_statement(
    condition: Q, *, where: str = "", lock: str = "SKIP LOCKED", changes: str = ""
) -> str:
    """Return the statement that takes places of a slot for n holders, all of them or none.

    MATERIALIZED, because a plan may otherwise run the inner query more than once and take too many
    rows.
    """
    return f"""
WITH picked AS MATERIALIZED (
  SELECT id FROM quotas_place WHERE slot_id = %(slot)s AND {place_sql(condition)} {where}
   ORDER BY id LIMIT %(n)s FOR NO KEY UPDATE {lock}),
numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS position FROM picked),
wanted AS (SELECT * FROM unnest(%(holders)s::uuid[]) WITH ORDINALITY AS row (holder, position))
UPDATE quotas_place SET holder = wanted.holder{changes}
  FROM numbered JOIN wanted USING (position)
 WHERE quotas_place.id = numbered.id AND (SELECT count(*) FROM picked) = %(n)s
RETURNING wanted.position, quotas_place.id
"""  # noqa: S608 - no input in it


TAKE = take_statement(is_available(NOW))
TAKE_WAITING = take_statement(is_available(NOW), lock="")
# Windows and cooldowns do not bind moves by the office; places reserved for a lottery stay reserved.
TAKE_FOR_OFFICE = take_statement(is_free() & is_not_reserved())
TAKE_AT_OFFICE = take_statement(is_left_at_office(NOW))


@dataclass(frozen=True)
class _Availability:
    booked_at: str
    time_zone: str
    stopped_reason: str
    free: int
    running: int
    opens_at: datetime | None
    closes_at: datetime | None
    lottery_closes_at: datetime | None


def seems_available(*, slot_id: int, wanted: int, now: datetime) -> bool:
    """False if a count or attempt at most a second old had too few places. True is no promise."""
    if time.monotonic() - _full_at.get(slot_id, float("-inf")) < settings.SHARED_READ_SECONDS:
        return False
    availability: _Availability = _recent_availability(slot_id, now=now)
    return availability.free >= wanted


def check_availability(
    *, slot_id: int, wanted: int, now: datetime, lanes_booked_at: BookedAt | None = "online"
) -> None:
    """Refuse a request that is too late or too early, by one count without a lock or a transaction.

    Raises NotFound, NotYetOpen, WindowClosed, SlotFull. Passing is no promise: only `take_places`
    takes.
    """
    _refuse_early(_availability(slot_id, now), wanted, lanes_booked_at, now)


def take_places(
    *,
    slot_id: int,
    holders: Sequence[UUID],
    now: datetime,
    lanes_booked_at: BookedAt | None = "online",
    is_checked: bool = False,
) -> list[int]:
    """Take one place of the slot for each holder, all or nothing; return their ids in that order.

    Runs inside the caller's transaction, and checks availability first unless the caller did.
    Concurrent requests do not queue for each other; one that finds too few retries once and waits
    for locked places that may become free. Raises NotFound, NotYetOpen, WindowClosed, SlotFull, or
    Busy when the retry took too long.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "take_places needs a transaction of its caller"
        )
    wanted = len(holders)
    if not is_checked:
        check_availability(slot_id=slot_id, wanted=wanted, now=now, lanes_booked_at=lanes_booked_at)
    values: dict[str, Any] = {"slot": slot_id, "now": now, "n": wanted, "holders": list(holders)}
    taken = _take(TAKE, values) or _retry_with_wait(values)
    if not taken:
        _note_full(slot_id)
        # The earlier check is out of date: raise the reason that applies now.
        check_availability(slot_id=slot_id, wanted=wanted, now=now, lanes_booked_at=lanes_booked_at)
        raise SlotFull
    return taken


def take_for_office(*, slot_id: int, holders: Sequence[UUID]) -> list[int]:
    """Take a place for each person the office moves, whether or not the window is open; all or nothing.

    Runs inside the caller's transaction. Raises SlotFull.
    """
    values: dict[str, Any] = {"slot": slot_id, "n": len(holders), "holders": list(holders)}
    taken = _take(TAKE_FOR_OFFICE, values)
    if not taken:
        raise SlotFull
    return taken


def take_at_office(*, slot_id: int, holders: Sequence[UUID], now: datetime) -> list[int]:
    """Take a place for each person standing in the office, also after the window closed; all or nothing.

    Runs inside the caller's transaction. Raises SlotFull, also for a place whose window has not
    opened yet: nobody gets those before the public does.
    """
    values: dict[str, Any] = {
        "slot": slot_id,
        "now": now,
        "n": len(holders),
        "holders": list(holders),
    }
    taken = _take(TAKE_AT_OFFICE, values)
    if not taken:
        raise SlotFull
    return taken


@shared_read(has_text=False)
def _recent_availability(slot_id: int, *, now: datetime) -> _Availability:
    return _availability(slot_id, now)


# The time of this process's last failed attempt, by slot: the shared count may be older than that.
_full_at: dict[int, float] = {}


def _note_full(slot_id: int) -> None:
    if len(_full_at) >= MOST_KEPT:
        _full_at.clear()
    _full_at[slot_id] = time.monotonic()


def _availability(slot_id: int, now: datetime) -> _Availability:
    with connection.cursor() as cursor:
        cursor.execute(AVAILABILITY, {"slot": slot_id, "now": now})
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    return _Availability(*row)


def _refuse_early(
    availability: _Availability, wanted: int, booked_at: BookedAt | None, now: datetime
) -> None:
    """Raise the reason why nothing can be taken here now."""
    if booked_at is not None and availability.booked_at not in (booked_at, "both"):
        raise NotFound
    if availability.stopped_reason and booked_at == "online":
        raise WindowClosed(labels.stopped(availability.stopped_reason))
    if availability.free >= wanted:
        return
    if availability.lottery_closes_at is not None:
        text = labels.lottery(availability.lottery_closes_at, availability.time_zone, now)
        raise NotYetOpen(
            _("Tempat pada jam ini diberikan lewat undian. %(said)s.") % {"said": text}
        )
    if availability.running:
        raise SlotFull
    if availability.opens_at is not None:
        when = labels.moment(availability.opens_at, availability.time_zone)
        raise NotYetOpen(_("Sesi ini belum dibuka. Dibuka %(when)s.") % {"when": when})
    if availability.closes_at is not None:
        when = labels.moment(availability.closes_at, availability.time_zone)
        raise WindowClosed(
            _("Pemesanan untuk sesi ini ditutup %(when)s. Pilih hari lain.") % {"when": when}
        )
    raise WindowClosed(_("Sesi ini ditiadakan. Pilih hari lain di kalender kantor."))


def _take(statement: str, values: dict[str, Any]) -> list[int]:
    """Run the statement; when it takes too few, release the locks of those it selected."""
    is_family = values["n"] > 1  # a failed statement for one person has locked nothing
    with connection.cursor() as cursor:
        # In one round trip, so that a family's booking is as fast as one person's.
        cursor.execute(f"SAVEPOINT places; {statement}" if is_family else statement, values)
        rows = sorted(cursor.fetchall())
        if is_family and not rows:
            cursor.execute("ROLLBACK TO SAVEPOINT places")
    return [place_id for _position, place_id in rows]


def _retry_with_wait(values: dict[str, Any]) -> list[int]:
    """Wait for places that others have locked: one of them may become free.

    Without this retry, people got "full" while places stayed free.
    """
    with busy_on_timeout(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{RETRY_MILLISECONDS}ms"])
        cursor.execute(TAKE_WAITING, values)
        rows = sorted(cursor.fetchall())
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])
    return [place_id for _position, place_id in rows]
