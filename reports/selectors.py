"""What happened at the offices, day by day, recomputed from events each time it is asked."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from offices.models import Lane, Office
from quotas.plan import plan_day
from quotas.selectors.rules import rules_of

# One statement for all offices and days asked for. Every figure is counted where its event stands:
# a booking under the day of its slot, a visit under the day of its arrival (both office-local).
# `days` gives each office's day its bounds; an office that is closed that day closes at its start.
DAILY_LOAD: Final = """
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
), placed AS (
  SELECT s.office_id, s.day, count(*) AS released
    FROM quotas_place p
    JOIN quotas_slot s ON s.id = p.slot_id
    JOIN offices_lane l ON l.code = s.lane_id AND l.booked_at = 'online'
    JOIN days d ON d.office_id = s.office_id AND d.day = s.day
   WHERE p.withdrawn_at IS NULL AND p.opens_at < d.ends_at
   GROUP BY 1, 2
), bound AS (
  SELECT s.office_id, s.day,
         count(*) FILTER (WHERE l.booked_at = 'online') AS booked,
         count(*) FILTER (WHERE l.booked_at = 'online' AND b.status = 'no_show'
                            AND NOT EXISTS (SELECT FROM counters_visit v WHERE v.booking_id = b.id)) AS no_show,
         count(*) FILTER (WHERE b.via = 'desk' AND l.code = 'walk_in') AS walk_in,
         count(*) FILTER (WHERE b.via = 'desk' AND l.code = 'priority') AS priority
    FROM booking_booking b
    JOIN quotas_place p ON p.id = b.place_id
    JOIN quotas_slot s ON s.id = p.slot_id
    JOIN offices_lane l ON l.code = s.lane_id
    JOIN days d ON d.office_id = s.office_id AND d.day = s.day
   GROUP BY 1, 2
), came AS (
  SELECT v.office_id, v.day,
         count(*) FILTER (WHERE v.kind = 'first' AND l.booked_at = 'online') AS arrived,
         count(*) FILTER (WHERE v.status = 'finished') AS served,
         percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM v.first_called_at - v.arrived_at))
           FILTER (WHERE v.first_called_at IS NOT NULL) AS waits,
         percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM v.ended_at - v.arrived_at))
           FILTER (WHERE v.status IN ('finished', 'incomplete')) AS lengths,
         count(*) FILTER (WHERE v.status = 'finished' AND v.ended_at <= v.arrived_at + interval '2 hours') AS in_time,
         count(*) FILTER (WHERE v.arrived_at <= d.closes_at AND (v.ended_at IS NULL OR v.ended_at > d.closes_at))
           AS unfinished
    FROM counters_visit v
    JOIN offices_lane l ON l.code = v.lane_id
    JOIN days d ON d.office_id = v.office_id AND d.day = v.day
   GROUP BY 1, 2
), late AS (
  SELECT d.office_id, d.day,
         sum(greatest(0, extract(epoch FROM least(coalesce(c.closed_at, %(now)s), d.ends_at)
                                          - greatest(c.opened_at, d.closes_at)))) / 60 AS overtime
    FROM days d
    JOIN counters_countersession c ON c.office_id = d.office_id
         AND c.opened_at < d.ends_at AND coalesce(c.closed_at, %(now)s) > d.closes_at
   GROUP BY 1, 2
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
   GROUP BY 1, 2
)
SELECT d.office_id, d.day, d.starts_at <= %(now)s AS has_begun, d.closes_at <= %(now)s AS has_closed,
       coalesce(placed.released, 0), coalesce(bound.booked, 0), coalesce(bound.no_show, 0),
       coalesce(bound.walk_in, 0), coalesce(bound.priority, 0),
       coalesce(came.arrived, 0), coalesce(came.served, 0), came.waits, came.lengths,
       came.in_time, coalesce(came.unfinished, 0), coalesce(late.overtime, 0), coalesce(owed.books, 0),
       coalesce(broken.minutes, 0)
  FROM days d
  LEFT JOIN placed USING (office_id, day)
  LEFT JOIN bound USING (office_id, day)
  LEFT JOIN came USING (office_id, day)
  LEFT JOIN late USING (office_id, day)
  LEFT JOIN broken USING (office_id, day)
  LEFT JOIN owed USING (office_id, day)
 ORDER BY d.day, d.office_id
"""


@dataclass(frozen=True)
class DailyLoad:
    """One office's day. Minutes are minutes, `within_two_hours` is a share of 1; None has no source yet.

    planned          places of the policy, lanes that are booked online
    released         of those, opened by the end of the day and not withdrawn
    booked           bookings bound to that day's places, all lanes but those of the desk
    arrived          of those, how many came
    served           visits finished, of every lane
    no_show          booked and never came
    walk_in, priority  bookings made at the desk, by lane
    wait_*           from arrival to the first call
    visit_*          from arrival to leaving
    within_two_hours share of finished visits that took at most two hours
    overtime_minutes over all counters, open past closing
    outage_minutes   over devices that were noted as out of order, in opening hours without the breaks
    backlog          visits unfinished at closing plus passports past due then
    """

    office: str
    date: date
    planned: int | None
    released: int | None
    booked: int | None
    arrived: int | None
    served: int | None
    no_show: int | None
    walk_in: int | None
    priority: int | None
    wait_p50: float | None
    wait_p95: float | None
    visit_p50: float | None
    visit_p95: float | None
    within_two_hours: float | None
    overtime_minutes: int | None
    outage_minutes: int | None
    backlog: int | None

    @property
    def came(self) -> int | None:
        """All who came: with a booking, of the priority lane, and directly."""
        if self.arrived is None:
            return None
        return self.arrived + (self.walk_in or 0) + (self.priority or 0)

    @property
    def spare(self) -> int | None:
        """Places that stood open and that nobody came for: capacity to spare, not nothing."""
        if self.released is None or self.arrived is None:
            return None
        return max(0, self.released - self.arrived)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


COLUMNS: Final = tuple(item.name for item in fields(DailyLoad))


def daily_load(
    office: Office | Sequence[Office], first: date, last: date, now: datetime
) -> list[DailyLoad]:
    """Return the load of each office and day from `first` to `last`, both included, by day, then office."""
    offices = {row.pk: row for row in ([office] if isinstance(office, Office) else office)}
    if not offices or last < first:
        return []
    planned = {
        (row.pk, day): places
        for row in offices.values()
        for day, places in _planned(row, first, last)
    }
    values: dict[str, Any] = {"first": first, "last": last, "offices": list(offices), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(DAILY_LOAD, values)
        rows = cursor.fetchall()
    loads = [_load(offices[row[0]], planned[row[0], row[1]], row) for row in rows]
    return sorted(loads, key=lambda load: (load.date, load.office))


def _planned(office: Office, first: date, last: date) -> Iterator[tuple[date, int]]:
    """Yield for each day how many places its policies order in the lanes that are booked online."""
    online = set(Lane.objects.filter(booked_at=Lane.BookedAt.ONLINE).values_list("code", flat=True))
    rules = rules_of(office, first=first, last=last)
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        plan = plan_day(rules, day)
        yield day, sum(lane.places for lane in plan.lanes if lane.lane in online)


def _load(office: Office, planned: int, row: Sequence[Any]) -> DailyLoad:
    (_office, day, has_begun, has_closed, released, booked, no_show, walk_in, priority,
     arrived, served, waits, lengths, in_time, unfinished, overtime, books, broken) = row  # fmt: skip
    wait_p50, wait_p95 = _minutes(waits)
    visit_p50, visit_p95 = _minutes(lengths)
    return DailyLoad(
        office=office.code,
        date=day,
        planned=planned,
        released=released,
        booked=booked,
        # Of a day that has not begun, nothing can have been counted yet.
        arrived=arrived if has_begun else None,
        served=served if has_begun else None,
        no_show=no_show if has_begun else None,
        walk_in=walk_in if has_begun else None,
        priority=priority if has_begun else None,
        wait_p50=wait_p50,
        wait_p95=wait_p95,
        visit_p50=visit_p50,
        visit_p95=visit_p95,
        within_two_hours=round(in_time / served, 4) if served else None,
        overtime_minutes=round(overtime) if has_closed else None,
        outage_minutes=round(broken) if has_begun else None,
        backlog=unfinished + books if has_closed else None,
    )


def _minutes(seconds: Sequence[float] | None) -> tuple[float | None, float | None]:
    if not seconds or seconds[0] is None:
        return None, None
    return round(seconds[0] / 60, 1), round(seconds[1] / 60, 1)


def totals(loads: Iterable[DailyLoad]) -> dict[str, Any]:
    """Return the sums of the figures that can be added up; None where no day has a value."""
    rows = list(loads)
    summed = ("planned", "released", "booked", "arrived", "served", "no_show", "walk_in", "priority",
              "overtime_minutes", "outage_minutes")  # fmt: skip
    sums: dict[str, Any] = {name: _sum(getattr(row, name) for row in rows) for name in summed}
    finished = [
        (row.within_two_hours, row.served) for row in rows if row.within_two_hours is not None
    ]
    people = sum(served or 0 for _share, served in finished)
    sums["within_two_hours"] = (
        sum(share * (served or 0) for share, served in finished) / people if people else None
    )
    sums["backlog"] = next((row.backlog for row in reversed(rows) if row.backlog is not None), None)
    sums["spare"] = _sum(row.spare for row in rows)
    return sums


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def by_office(loads: Iterable[DailyLoad]) -> Mapping[str, list[DailyLoad]]:
    """Group loads by the code of their office."""
    found: dict[str, list[DailyLoad]] = {}
    for load in loads:
        found.setdefault(load.office, []).append(load)
    return found
