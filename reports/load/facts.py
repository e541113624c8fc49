"""What the daily load is computed from: days, places, bookings and visits of offices, read in bulk."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import Count, Q, Value
from django.db.models.functions import Coalesce

from booking.bookings.models import Booking, DisplacedBooking
from core.replica import database_for_reads
from counters.visits import counting
from counters.visits.models import Visit
from offices.directory.models import Counter, Office
from quotas.places.models import Place
from reports.load.models import LONGEST_MINUTES

ONE_DAY: Final = timedelta(days=1)
BOOKINGS: Final[dict[str, Q]] = {
    "booked": counting.BOOKED,
    "no_show": counting.NO_SHOW,
    "walk_in": counting.WALK_IN,
    "priority": counting.PRIORITY,
}


def visit_conditions(now: datetime) -> dict[str, Q]:
    """Return the condition of each figure that counts visits."""
    return {
        "arrived": counting.ARRIVED,
        "accelerated": counting.ACCELERATED,
        "served": counting.SERVED,
        "in_time": counting.IN_TIME,
        "unserved_late": counting.unserved_late(now),
    }


# One row for each office's day. An office that is closed that day opens and closes at its start.
DAYS: Final = """
WITH days AS MATERIALIZED (
  SELECT o.id AS office_id, d::date AS day,
         d::date::timestamp AT TIME ZONE o.time_zone AS starts_at,
         (d::date + 1)::timestamp AT TIME ZONE o.time_zone AS ends_at,
         coalesce(d::date + h.closes, d::date::timestamp) AT TIME ZONE o.time_zone AS closes_at,
         coalesce(d::date + h.opens, d::date::timestamp) AT TIME ZONE o.time_zone AS opens_at,
         coalesce((SELECT tstzmultirange(VARIADIC array_agg(tstzrange(
                            (d::date + (b->>0)::time) AT TIME ZONE o.time_zone,
                            (d::date + (b->>1)::time) AT TIME ZONE o.time_zone)))
                     FROM jsonb_array_elements(h.breaks) b), '{}'::tstzmultirange) AS breaks
    FROM offices_office o
   CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 day') d
    LEFT JOIN offices_openinghours h ON h.office_id = o.id AND h.weekday = extract(isodow FROM d)
          AND h.valid_from <= d AND (h.valid_until IS NULL OR h.valid_until >= d)
          AND NOT EXISTS (SELECT FROM offices_holiday off
                           WHERE off.day = d::date AND (off.office_id IS NULL OR off.office_id = o.id))
   WHERE o.id = ANY(%(offices)s)
), guests AS (
  SELECT d.office_id, d.day, count(*) AS official_guests
    FROM (
      SELECT s.office_id, s.day
        FROM counters_deskadmission a
        JOIN offices_reason r ON r.id = a.reason_id AND r.code = 'official_guest'
        JOIN booking_booking b ON b.id = a.booking_id
        JOIN quotas_slot s ON s.id = b.slot_id
      UNION ALL
      SELECT v.office_id, v.day
        FROM counters_visitevent e
        JOIN offices_reason r ON r.id = e.listed_reason_id AND r.code = 'official_guest'
        JOIN counters_visit v ON v.id = e.visit_id AND v.status <> 'undone'
       WHERE e.kind = 'moved_lane'
    ) guest
    JOIN days d ON d.office_id = guest.office_id AND d.day = guest.day
   GROUP BY 1, 2
), checked AS (
  SELECT c.office_id, c.day,
         count(*) FILTER (WHERE c.outcome IN ('passed', 'referred')) AS screened,
         count(*) FILTER (WHERE c.outcome = 'referred') AS referred,
         count(*) FILTER (WHERE c.outcome = 'sent_home') AS sent_home
    FROM counters_screening c
    JOIN days d ON d.office_id = c.office_id AND d.day = c.day
   GROUP BY 1, 2
), late AS (
  SELECT d.office_id, d.day, c.counter_id,
         sum(greatest(0, extract(epoch FROM least(work.ends_at, d.ends_at) - greatest(c.opened_at, d.closes_at))))
           / 60 AS minutes
    FROM days d
    JOIN counters_countersession c ON c.office_id = d.office_id
         AND c.opened_at < d.ends_at AND coalesce(c.closed_at, %(now)s) > d.closes_at
   CROSS JOIN LATERAL (
         SELECT least(coalesce(c.closed_at, %(now)s), CASE
                  WHEN EXISTS (SELECT FROM counters_visit v
                                WHERE v.session_id = c.id AND v.status IN ('called', 'serving')) THEN %(now)s
                  ELSE greatest(c.opened_at,
                                (SELECT max(r.ended_at) FROM counters_stagerun r WHERE r.session_id = c.id),
                                (SELECT max(e.at) FROM counters_visitevent e WHERE e.session_id = c.id)) END)
                AS ends_at) work
   GROUP BY 1, 2, 3
), overtime AS (
  SELECT office_id, day, jsonb_object_agg(counter_id, minutes) AS by_counter FROM late GROUP BY 1, 2
), broken AS (
  SELECT d.office_id, d.day, sum(extract(epoch FROM upper(piece) - lower(piece))) / 60 AS minutes
    FROM days d
    JOIN offices_outage x ON x.office_id = d.office_id AND x.device_id IS NOT NULL
         AND x.started_at < d.closes_at AND coalesce(x.ended_at, %(now)s) > d.opens_at
         AND x.started_at < %(now)s
   CROSS JOIN unnest(tstzmultirange(tstzrange(greatest(x.started_at, d.opens_at),
                       least(coalesce(x.ended_at, %(now)s), d.closes_at))) - d.breaks) piece
   WHERE d.opens_at < d.closes_at
   GROUP BY 1, 2
), owed AS (
  SELECT d.office_id, d.day, count(*) AS books
    FROM days d
    JOIN counters_passportbook b ON b.office_id = d.office_id
         AND b.ordered_at <= d.closes_at AND b.due_on <= d.day
         AND (b.ready_at IS NULL OR b.ready_at > d.closes_at) AND b.status <> 'cancelled'
   -- The same for the whole span, so that books of years ago are not compared with each day.
   WHERE b.ready_at IS NULL OR b.ready_at > %(first)s::date - 1
   GROUP BY 1, 2
)
SELECT d.office_id, d.day, d.starts_at, d.closes_at,
       coalesce(guests.official_guests, 0) AS official_guests, coalesce(checked.screened, 0) AS screened,
       coalesce(checked.referred, 0) AS referred, coalesce(checked.sent_home, 0) AS sent_home,
       coalesce(overtime.by_counter, '{}'::jsonb) AS overtime, coalesce(broken.minutes, 0) AS outage_minutes,
       coalesce(owed.books, 0) AS owed
  FROM days d
  LEFT JOIN guests USING (office_id, day)
  LEFT JOIN checked USING (office_id, day)
  LEFT JOIN overtime USING (office_id, day)
  LEFT JOIN broken USING (office_id, day)
  LEFT JOIN owed USING (office_id, day)
"""


@dataclass(frozen=True)
class DayFact:
    """One office's day: its bounds and the figures that belong to no single person."""

    office_id: int
    day: date
    starts_at: datetime
    closes_at: datetime
    official_guests: int
    screened: int
    referred: int
    sent_home: int
    overtime: dict[str, float]  # minutes by counter
    outage_minutes: float
    owed: int  # passports past due at closing time

    def has_begun(self, now: datetime) -> bool:
        return self.starts_at <= now

    def has_closed(self, now: datetime) -> bool:
        return self.closes_at <= now


@dataclass(frozen=True)
class PersonFact:
    """One booking or visit: whose day it is, its values in each dimension, and what it counts as."""

    office_id: int
    day: date
    at: datetime
    lane: str
    group: int
    service: str
    purpose: str
    counts: frozenset[str]


@dataclass(frozen=True)
class VisitFact(PersonFact):
    """One visit. `online_lane` is the lane of its booking, which decides where `arrived` counts."""

    online_lane: str
    counter: int | None
    hall: int | None
    arrived_at: datetime
    ended_at: datetime | None
    wait: int | None  # whole minutes from arrival to the first call
    length: int | None  # whole minutes from arrival to leaving


def read_days(
    offices: Sequence[Office], first: date, last: date, now: datetime
) -> dict[tuple[int, date], DayFact]:
    """Return the days of the offices from `first` to `last`, both included."""
    values: dict[str, Any] = {
        "first": first,
        "last": last,
        "offices": [row.pk for row in offices],
        "now": now,
    }
    with connections[database_for_reads()].cursor() as cursor:
        cursor.execute(DAYS, values)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {(row["office_id"], row["day"]): DayFact(**_with_overtime(row)) for row in rows}


def _with_overtime(row: dict[str, Any]) -> dict[str, Any]:
    overtime = row["overtime"]
    return row | {"overtime": json.loads(overtime) if isinstance(overtime, str) else overtime}


def read_released(
    offices: Sequence[Office], days: dict[tuple[int, date], DayFact], first: date, last: date
) -> Iterator[tuple[int, date, str, int, datetime, int]]:
    """Yield office, day, lane, group, start and number of the places released by the end of the day."""
    rows = Place.objects.filter(
        withdrawn_at__isnull=True,
        slot__office__in=offices,
        slot__day__range=(first, last),
        slot__lane__booked_at=counting.ONLINE,
    )
    columns = ("slot__office", "slot__day", "slot__lane", "slot__group", "slot__starts_at")
    for office, day, lane, group, starts_at, opens_at, n in rows.values_list(
        *columns, "opens_at"
    ).annotate(n=Count("pk")):
        if opens_at < days[office, day].starts_at + ONE_DAY:
            yield office, day, lane, group, starts_at, n


def read_bookings(offices: Sequence[Office], first: date, last: date) -> Iterator[PersonFact]:
    """Yield the bookings that hold a place of these days."""
    rows = Booking.objects.filter(
        place__isnull=False, slot__office__in=offices, slot__day__range=(first, last)
    ).annotate(purpose=Coalesce("application__purpose", Value("")), **counting.flags(BOOKINGS))
    columns = ("slot__office", "slot__day", "slot__starts_at", "slot__lane", "slot__group")
    for row in _plain(
        rows.values_list(
            *columns, "service_type__code", "purpose", *(f"is_{name}" for name in BOOKINGS)
        )
    ):
        office, day, at, lane, group, service, purpose, *flags = row
        yield PersonFact(office, day, at, lane, group, service, purpose, _true(BOOKINGS, flags))


def read_visits(
    offices: Sequence[Office], first: date, last: date, now: datetime
) -> Iterator[VisitFact]:
    """Yield the visits of these days, without check-ins that were undone."""
    conditions = visit_conditions(now)
    rows = (
        Visit.objects.counted()
        .filter(office__in=offices, day__range=(first, last))
        .annotate(
            purpose=Coalesce("booking__application__purpose", Value("")),
            **counting.flags(conditions),
            **counting.flags({"measured": counting.ENDED_WITH_ANSWER}),
        )
    )
    columns = (
        "office", "day", "lane", "group", "booking__service_type__code", "purpose",
        "booking__slot__lane", "session__counter", "session__counter__hall",
        "arrived_at", "clock_from", "first_called_at", "ended_at", "is_measured",
    )  # fmt: skip
    names = tuple(f"is_{name}" for name in conditions)
    for row in _plain(rows.values_list(*columns, *names)):
        office, day, lane, group, service, purpose, online_lane, counter, hall, *rest = row
        arrived_at, clock_from, called_at, ended_at, is_measured, *flags = rest
        yield VisitFact(
            office_id=office,
            day=day,
            at=ended_at or arrived_at,
            lane=lane,
            group=group,
            service=service,
            purpose=purpose,
            counts=_true(conditions, flags),
            online_lane=online_lane,
            counter=counter,
            hall=hall,
            arrived_at=arrived_at,
            ended_at=ended_at,
            wait=None if called_at is None else _minutes(clock_from, called_at),
            length=_minutes(clock_from, ended_at) if is_measured and ended_at else None,
        )


def _plain(rows: Any) -> Iterable[tuple[Any, ...]]:
    return rows.iterator(chunk_size=5_000)


def _true(names: Iterable[str], flags: Iterable[bool]) -> frozenset[str]:
    return frozenset(name for name, flag in zip(names, flags, strict=True) if flag)


def _minutes(start: datetime, end: datetime) -> int:
    return min(max(0, int((end - start).total_seconds() / 60 + 0.5)), LONGEST_MINUTES)


def read_moved(
    offices: Sequence[Office], first: date, last: date
) -> Iterator[tuple[int, date, str, int, datetime, int]]:
    """Yield office, day, lane, group, start and number of the bookings that the office moved away."""
    rows = DisplacedBooking.objects.filter(
        place_from__slot__office__in=offices, place_from__slot__day__range=(first, last)
    )
    columns = ("office", "day", "lane", "group", "starts_at")
    paths = [f"place_from__slot__{name}" for name in columns]
    yield from rows.values_list(*paths).annotate(n=Count("pk"))


def halls_by_counter(offices: Sequence[Office]) -> dict[int, int]:
    """Return the hall of each counter of these offices."""
    return dict(Counter.objects.filter(hall__office__in=offices).values_list("pk", "hall"))
