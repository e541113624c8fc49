"""Counts of the places of slots and days at one time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from core.db import fetch_rows
from quotas.places.models import (
    NOW,
    is_available,
    is_cooled_down,
    is_free,
    is_in_window,
    is_reserved,
    place_sql,
)
from quotas.policies.models import ReleaseRule


@dataclass(frozen=True)
class Tally:
    """The counts of the places of a day or a slot at one time, without withdrawn ones."""

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
    """A slot with its counts and the settings of its office that decide whether it can be booked."""

    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    lane: str
    only_services: tuple[int, ...]
    time_zone: str
    stopped_reason: str
    tally: Tally


# As SQL: building these with the ORM took several times as long as the count in PostgreSQL.
FREE: Final = place_sql(is_free() & is_cooled_down(NOW), table="place")
RUNNING: Final = place_sql(is_in_window(NOW), table="place")
AVAILABLE: Final = place_sql(is_available(NOW), table="place")
TALLY: Final = f"""
       count(*),
       count(*) FILTER (WHERE {AVAILABLE}),
       count(*) FILTER (WHERE {FREE} AND place.closes_at > %(now)s),
       count(*) FILTER (WHERE {RUNNING}),
       min(place.opens_at) FILTER (WHERE place.opens_at > %(now)s),
       min(place.opens_at), max(place.closes_at), max(place.window_id),
       count(*) FILTER (WHERE place.is_limited)"""
SELECTED: Final = """
       place.withdrawn_at IS NULL
   AND slot.office_id = %(office)s AND slot.lane_id = %(lane)s AND slot.group_id = %(group)s"""
COUNTED: Final = f"""
SELECT slot.id, slot.day, slot.starts_at, slot.ends_at, slot.lane_id, slot.only_services,
       office.time_zone, office.booking_stopped_reason, {TALLY}
  FROM quotas_slot slot
  JOIN offices_office office ON office.id = slot.office_id
  JOIN quotas_place place ON place.slot_id = slot.id
 WHERE {SELECTED}
"""  # noqa: S608 - our own words
IN_ORDER: Final = " GROUP BY slot.id, office.id ORDER BY slot.starts_at, slot.id"
SLOTS_OF_DAY: Final = f"{COUNTED} AND slot.day = %(day)s {IN_ORDER}"
OPEN_SLOTS: Final = f"""{COUNTED}
   AND slot.starts_at > %(now)s
   AND slot.id IN (SELECT place.slot_id FROM quotas_place place
                    WHERE {AVAILABLE})
{IN_ORDER}"""  # noqa: S608 - our own words
DAYS: Final = f"""
SELECT slot.day, {TALLY}
  FROM quotas_slot slot
  JOIN quotas_place place ON place.slot_id = slot.id
 WHERE {SELECTED}
   AND slot.day BETWEEN %(first)s AND %(last)s
   AND (slot.only_services = '{{}}' OR %(service)s::bigint = ANY (slot.only_services))
 GROUP BY slot.day
"""  # noqa: S608 - our own words
# The first slot of each office with room for so many people.
EARLIEST: Final = f"""
SELECT DISTINCT ON (slot.office_id)
       slot.office_id, slot.id, slot.day, slot.starts_at, slot.ends_at, count(*)
  FROM quotas_slot slot
  JOIN quotas_place place ON place.slot_id = slot.id
 WHERE slot.office_id = ANY (%(offices)s) AND slot.lane_id = %(lane)s
   AND slot.group_id = %(group)s AND slot.starts_at > %(now)s AND {AVAILABLE}
   AND (slot.only_services = '{{}}' OR %(service)s::bigint = ANY (slot.only_services))
 GROUP BY slot.id
HAVING count(*) >= %(people)s
 ORDER BY slot.office_id, slot.starts_at, slot.id
"""  # noqa: S608 - our own words
# A window that opened before anyone could enter its lottery became first come, first served.
UNDRAWN: Final = f"""
SELECT release.id, release.opens_at
  FROM quotas_releasewindow release
 WHERE release.office_id = %(office)s AND release.lane_id = %(lane)s
   AND release.mode = '{ReleaseRule.Mode.DRAW}' AND release.drawn_at IS NULL
   AND release.closes_at > %(now)s
   AND (release.opens_at > %(now)s
        OR EXISTS (SELECT FROM quotas_place kept WHERE kept.window_id = release.id
                      AND {place_sql(is_reserved(), table="kept")}))
"""  # noqa: S608 - our own words


@dataclass(frozen=True)
class EarliestSlot:
    """The first slot of an office in which a party can be booked now."""

    office_id: int
    id: int
    day: date
    starts_at: datetime
    ends_at: datetime
    left: int


def earliest_slots(
    office_ids: Sequence[int],
    lane: str,
    group_id: int,
    *,
    service: int,
    people: int,
    now: datetime,
) -> dict[int, EarliestSlot]:
    """Return the first slot of each office that has room for so many people, by office."""
    rows = fetch_rows(
        EARLIEST,
        now=now,
        offices=list(office_ids),
        lane=lane,
        group=group_id,
        service=service,
        people=people,
    )
    return {row[0]: EarliestSlot(*row) for row in rows}


def slots_of_day(
    office_id: int, lane: str, group_id: int, day: date, *, now: datetime
) -> list[CountedSlot]:
    """Return the slots of a day that have places, in order."""
    return [
        _counted(row)
        for row in fetch_rows(
            SLOTS_OF_DAY, now=now, office=office_id, lane=lane, group=group_id, day=day
        )
    ]


def open_slots(office_id: int, lane: str, group_id: int, *, now: datetime) -> list[CountedSlot]:
    """Return the coming slots in which a place can be taken now, in order."""
    return [
        _counted(row)
        for row in fetch_rows(OPEN_SLOTS, now=now, office=office_id, lane=lane, group=group_id)
    ]


def tallies_of_days(
    office_id: int,
    lane: str,
    group_id: int,
    span: tuple[date, date],
    *,
    service: int | None,
    now: datetime,
) -> dict[date, Tally]:
    """Return the counts of every day that has places.

    Slots that a closure limits to some services count only for such a `service`; for None, only
    slots for all count.
    """
    rows = fetch_rows(
        DAYS,
        now=now,
        office=office_id,
        lane=lane,
        group=group_id,
        first=span[0],
        last=span[1],
        service=service,
    )
    return {day: Tally(*counts) for day, *counts in rows}


def undrawn_windows(office_id: int, lane: str, *, now: datetime) -> dict[int, datetime]:
    """Return the windows whose lottery is still to be held, each with its opening time."""
    return dict(fetch_rows(UNDRAWN, now=now, office=office_id, lane=lane))


def _counted(row: tuple[Any, ...]) -> CountedSlot:
    number, day, starts_at, ends_at, lane, only_services, time_zone, stopped, *counts = row
    return CountedSlot(
        number,
        day,
        starts_at,
        ends_at,
        lane,
        tuple(only_services),
        time_zone,
        stopped,
        Tally(*counts),
    )
