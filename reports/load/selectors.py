"""The daily load of offices, computed from events at each request."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from offices.directory.models import Lane, Office
from offices.promises import VISIT_TIME
from quotas.plan.days import plan_day
from quotas.policies.selectors import rules_of
from reports.load.columns import COLUMNS, DailyLoad

# One statement for all offices and days. The result columns have the names of `DailyLoad`'s fields.
# A booking counts on the day of its slot, a visit on the day of its arrival (both office-local).
# `days` has the bounds of each office's day; an office that is closed that day closes at its start.
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
                            AND NOT EXISTS (SELECT FROM counters_visit v
                                             WHERE v.booking_id = b.id AND v.status NOT IN ('undone', 'unserved'))) AS no_show,
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
         count(*) FILTER (WHERE v.kind = 'first' AND v.lane_id = 'accelerated') AS accelerated,
         count(*) FILTER (WHERE v.status = 'finished') AS served,
         percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM v.first_called_at - v.clock_from)))
           FILTER (WHERE v.first_called_at IS NOT NULL) AS waits,
         percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY greatest(0, extract(epoch FROM v.ended_at - v.clock_from)))
           FILTER (WHERE v.status IN ('finished', 'incomplete')) AS lengths,
         count(*) FILTER (WHERE v.status = 'finished' AND v.ended_at <= v.clock_from + %(visit_time)s) AS in_time,
         count(*) FILTER (WHERE v.status NOT IN ('finished', 'incomplete', 'refused', 'undone')
                             AND coalesce(v.ended_at, %(now)s) > v.clock_from + %(visit_time)s) AS unserved_late,
         count(*) FILTER (WHERE v.arrived_at <= d.closes_at AND (v.ended_at IS NULL OR v.ended_at > d.closes_at))
           AS unfinished
    FROM counters_visit v
    JOIN booking_booking b ON b.id = v.booking_id
    JOIN quotas_slot s ON s.id = b.slot_id
    JOIN offices_lane l ON l.code = s.lane_id
    JOIN days d ON d.office_id = v.office_id AND d.day = v.day
   WHERE v.status <> 'undone'
   GROUP BY 1, 2
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
  SELECT d.office_id, d.day,
         sum(greatest(0, extract(epoch FROM least(work.ends_at, d.ends_at) - greatest(c.opened_at, d.closes_at))))
           / 60 AS overtime
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
SELECT d.office_id, d.day AS date, d.starts_at <= %(now)s AS has_begun, d.closes_at <= %(now)s AS has_closed,
       coalesce(placed.released, 0) AS released, coalesce(bound.booked, 0) AS booked,
       coalesce(came.arrived, 0) AS arrived, coalesce(came.served, 0) AS served,
       coalesce(bound.no_show, 0) AS no_show, coalesce(bound.walk_in, 0) AS walk_in,
       coalesce(bound.priority, 0) AS priority,
       coalesce(guests.official_guests, 0) AS official_guests, coalesce(came.accelerated, 0) AS accelerated,
       coalesce(checked.screened, 0) AS screened, coalesce(checked.referred, 0) AS referred,
       coalesce(checked.sent_home, 0) AS sent_home,
       came.waits[1] / 60 AS wait_p50, came.waits[2] / 60 AS wait_p95,
       came.lengths[1] / 60 AS visit_p50, came.lengths[2] / 60 AS visit_p95,
       came.in_time::float / nullif(came.served, 0) AS within_two_hours,
       coalesce(came.unserved_late, 0) AS unserved_late,
       coalesce(late.overtime, 0) AS overtime_minutes, coalesce(broken.minutes, 0) AS outage_minutes,
       coalesce(came.unfinished, 0) + coalesce(owed.books, 0) AS backlog
  FROM days d
  LEFT JOIN placed USING (office_id, day)
  LEFT JOIN bound USING (office_id, day)
  LEFT JOIN came USING (office_id, day)
  LEFT JOIN guests USING (office_id, day)
  LEFT JOIN checked USING (office_id, day)
  LEFT JOIN late USING (office_id, day)
  LEFT JOIN broken USING (office_id, day)
  LEFT JOIN owed USING (office_id, day)
 ORDER BY d.day, d.office_id
"""


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
    values: dict[str, Any] = {
        "first": first,
        "last": last,
        "offices": list(offices),
        "now": now,
        "visit_time": VISIT_TIME,
    }
    with connection.cursor() as cursor:
        cursor.execute(DAILY_LOAD, values)
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    loads = [
        _load(offices[row["office_id"]], planned[row["office_id"], row["date"]], row)
        for row in rows
    ]
    return sorted(loads, key=lambda load: (load.date, load.office))


def _planned(office: Office, first: date, last: date) -> Iterator[tuple[date, int]]:
    """Yield for each day the planned places of its policies in lanes with online booking."""
    online = set(Lane.objects.filter(booked_at=Lane.BookedAt.ONLINE).values_list("code", flat=True))
    rules = rules_of(office, first=first, last=last)
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        plan = plan_day(rules, day)
        yield day, sum(lane.places for lane in plan.lanes if lane.lane in online)


def _load(office: Office, planned: int, row: Mapping[str, Any]) -> DailyLoad:
    values = {
        column.name: column.value(row[column.name], row)
        for column in COLUMNS
        if column.name in row and column.name != "date"
    }
    released, arrived = values["released"], values["arrived"]
    spare = None if released is None or arrived is None else max(0, released - arrived)
    return DailyLoad(office=office.code, date=row["date"], planned=planned, spare=spare, **values)


def totals(loads: Iterable[DailyLoad]) -> dict[str, Any]:
    """Return the total of each column that has one; None if no day has a value."""
    rows = list(loads)
    return {column.name: column.total_of(rows) for column in COLUMNS}
