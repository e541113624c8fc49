"""How many places hours and days have, as the database counts them at one moment."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Q

from core.db import Planned
from quotas.models import (
    NOW,
    ReleaseRule,
    is_available,
    is_cooled_down,
    is_free,
    is_in_window,
    is_reserved,
    place_sql,
)


@dataclass(frozen=True)
class Tally:
    """What the place rows of a day or a slot say at one moment. None withdrawn is among them."""

    places: int
    open_left: int
    left: int
    running: int
    coming_at: datetime | None
    opened_at: datetime | None
    closes_at: datetime | None
    window_id: int | None
    limited: int


@dataclass(frozen=True)
class CountedSlot:
    """An hour with its tally, and what of its office decides whether it can be booked."""

    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    lane: str
    only_services: tuple[int, ...]
    time_zone: str
    stopped_reason: str
    tally: Tally


# `$1` is now. Saying this to the ORM took several times as long as PostgreSQL takes to count.
def _sql(condition: Q) -> str:
    return place_sql(condition, now="$1::timestamptz", table="place")


FREE: Final = _sql(is_free() & is_cooled_down(NOW))
RUNNING: Final = _sql(is_in_window(NOW))
AVAILABLE: Final = _sql(is_available(NOW))
TALLY: Final = f"""
       count(*),
       count(*) FILTER (WHERE {AVAILABLE}),
       count(*) FILTER (WHERE {FREE} AND place.closes_at > $1::timestamptz),
       count(*) FILTER (WHERE {RUNNING}),
       min(place.opens_at) FILTER (WHERE place.opens_at > $1::timestamptz),
       min(place.opens_at), max(place.closes_at), max(place.window_id),
       count(*) FILTER (WHERE place.is_limited)"""
ASKED: Final = """
       place.withdrawn_at IS NULL
   AND slot.office_id = $2::bigint AND slot.lane_id = $3::text AND slot.group_id = $4::bigint"""
COUNTED: Final = f"""
SELECT slot.id, slot.day, slot.starts_at, slot.ends_at, slot.lane_id, slot.only_services,
       office.time_zone, office.booking_stopped_reason, {TALLY}
  FROM quotas_slot slot
  JOIN offices_office office ON office.id = slot.office_id
  JOIN quotas_place place ON place.slot_id = slot.id
 WHERE {ASKED}
   AND %s
 GROUP BY slot.id, office.id
 ORDER BY slot.starts_at, slot.id
"""  # noqa: S608 - our own words
SLOTS_OF_DAY: Final = Planned("slots_of_day", COUNTED % "slot.day = $5::date")
OPEN_SLOTS: Final = Planned(
    "open_slots",
    COUNTED
    % f"""slot.starts_at > $1::timestamptz
   AND slot.id IN (SELECT place.slot_id FROM quotas_place place
                    WHERE {AVAILABLE})""",  # noqa: S608 - our own words
)
DAYS: Final = Planned(
    "tallies_of_days",
    f"""
SELECT slot.day, {TALLY}
  FROM quotas_slot slot
  JOIN quotas_place place ON place.slot_id = slot.id
 WHERE {ASKED}
   AND slot.day BETWEEN $5::date AND $6::date
   AND (slot.only_services = '{{}}' OR $7::bigint = ANY (slot.only_services))
 GROUP BY slot.day
""",  # noqa: S608 - our own words
)
# One that opened before anybody could enter went to those who come first.
UNDRAWN: Final = Planned(
    "undrawn_windows",
    f"""
SELECT release.id, release.opens_at
  FROM quotas_releasewindow release
 WHERE release.office_id = $2::bigint AND release.lane_id = $3::text
   AND release.mode = '{ReleaseRule.Mode.DRAW}' AND release.drawn_at IS NULL
   AND release.closes_at > $1::timestamptz
   AND (release.opens_at > $1::timestamptz
        OR EXISTS (SELECT FROM quotas_place kept WHERE kept.window_id = release.id
                      AND {place_sql(is_reserved(), table="kept")}))
""",  # noqa: S608 - our own words
)


def slots_of_day(
    office_id: int, lane: str, group_id: int, day: date, *, now: datetime
) -> list[CountedSlot]:
    """Return the hours of a day that have places, in order."""
    return [_counted(row) for row in SLOTS_OF_DAY.rows(now, office_id, lane, group_id, day)]


def open_slots(office_id: int, lane: str, group_id: int, *, now: datetime) -> list[CountedSlot]:
    """Return the coming hours in which a place can be taken now, in order."""
    return [_counted(row) for row in OPEN_SLOTS.rows(now, office_id, lane, group_id)]


def tallies_of_days(
    office_id: int,
    lane: str,
    group_id: int,
    span: tuple[date, date],
    *,
    service: int | None,
    now: datetime,
) -> dict[date, Tally]:
    """Return the tally of every day that has places.

    Hours that a closure leaves to some services count for such a `service`; for None only those for all.
    """
    rows = DAYS.rows(now, office_id, lane, group_id, *span, service)
    return {day: Tally(*counts) for day, *counts in rows}


def undrawn_windows(office_id: int, lane: str, *, now: datetime) -> dict[int, datetime]:
    """Return the windows whose places wait for a draw, each with the moment at which it opens."""
    return dict(UNDRAWN.rows(now, office_id, lane))


def _counted(row: tuple[Any, ...]) -> CountedSlot:
    number, day, starts_at, ends_at, lane, only_services, time_zone, stopped, *counts = row
    return CountedSlot(
        number, day, starts_at, ends_at, lane, tuple(only_services), time_zone, stopped,
        Tally(*counts),
    )  # fmt: skip
