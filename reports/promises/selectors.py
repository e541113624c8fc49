"""The two promises of an office: two hours for a visit, and the working days for a passport.

A visit counts on the day of its arrival, a passport on the day for which it is promised. When two hours
were kept is said in `counters.visits.counting`, when the working days were in `BOOKS`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from core.db import fetch_rows
from core.languages import localized
from core.replica import may_lag
from counters.visits import counting
from counters.visits.models import Visit
from offices.directory.models import Office, Stage
from offices.hours.selectors import working_days
from offices.promises import Outcome
from reports.promises.figures import (
    STANDARD_ERRORS,
    Cause,
    Kept,
    Part,
    Spread,
    Work,
    total_of,
)

# The steps of the two charts: quarters of an hour up to three hours, working days up to ten.
STEP_MINUTES: Final = 15
VISIT_STEPS: Final = 13
BOOK_STEPS: Final = 11
# Longer runs are stages that nobody ended.
LONGEST_RUN: Final = 240
# With fewer stages of other officers the standard is the expected time.
LEAST_OF_OTHERS: Final = 10
WAITING: Final = "waiting"
BETWEEN: Final = "between"

# The visits of `_counted_visits`, whose statement is put in.
VISITS: Final = """
WITH visits AS (
  SELECT v.*,
         greatest(0, extract(epoch FROM coalesce(v.ended_at, %%(now)s) - v.clock_from)) / 60.0 AS minutes
    FROM (%s) v
)
"""
COLUMNS: Final = (
    "id", "office_id", "booking_id", "day", "status", "clock_from", "first_called_at", "ended_at",
)  # fmt: skip
BY_DAY: Final = "SELECT day, outcome, count(*) FROM visits GROUP BY 1, 2"
BY_WEEK: Final = """
SELECT date_trunc('week', day)::date, outcome, count(*) FROM visits GROUP BY 1, 2
"""
BY_LENGTH: Final = """
SELECT ceil(minutes / %(step)s)::int - 1, outcome = 'kept', count(*)
  FROM visits WHERE outcome IN ('kept', 'late', 'unserved') GROUP BY 1, 2
"""
# The parts of each visit that was served. What is neither waiting for the first call nor a stage
# lies between: walking to the counter, waiting for the next one, held back for documents.
PARTS: Final = """, runs AS (
  SELECT r.visit_id, r.stage, sum(extract(epoch FROM r.ended_at - r.started_at)) / 60.0 AS minutes
    FROM counters_stagerun r JOIN visits ON visits.id = r.visit_id
   WHERE r.ended_at IS NOT NULL GROUP BY 1, 2
), served AS (
  SELECT id, booking_id, minutes, outcome,
         greatest(0, extract(epoch FROM coalesce(first_called_at, ended_at) - clock_from)) / 60.0 AS waiting
    FROM visits WHERE outcome IN ('kept', 'late')
), parts AS (
  SELECT outcome, 'waiting' AS part, waiting AS minutes, NULL::int AS standard FROM served
  UNION ALL
  SELECT s.outcome, r.stage, r.minutes, t.minutes
    FROM served s JOIN runs r ON r.visit_id = s.id JOIN booking_booking b ON b.id = s.booking_id
    LEFT JOIN offices_stagestandard t ON t.service_type_id = b.service_type_id AND t.stage = r.stage
  UNION ALL
  SELECT s.outcome, 'between',
         greatest(0, s.minutes - s.waiting - coalesce((SELECT sum(r.minutes) FROM runs r WHERE r.visit_id = s.id), 0)),
         NULL
    FROM served s
)
SELECT part, outcome, sum(minutes) / (SELECT count(*) FROM served x WHERE x.outcome = parts.outcome),
       sum(minutes), sum(standard), count(standard)
  FROM parts GROUP BY 1, 2
"""
CAUSES: Final = """
SELECT CASE WHEN outcome = 'unserved' THEN CASE WHEN ended_at IS NULL THEN 'still_here' ELSE status END
            WHEN reason.id IS NULL THEN 'no_reason' ELSE '' END,
       coalesce(reason.name, ''), coalesce(reason.name_en, ''), count(*)
  FROM visits
  LEFT JOIN counters_latevisit late ON late.visit_id = visits.id AND outcome = 'late'
  LEFT JOIN offices_reason reason ON reason.id = late.reason_id
 WHERE outcome IN ('late', 'unserved') GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2
"""
# A passport is kept if it was ready on its day, an accelerated one by its hour. The days count from
# the interview. Without a due date (lost and damaged passports) nothing is promised.
BOOKS: Final = """
WITH books AS (
  SELECT k.id, k.office_id, k.due_on, k.ordered_at, k.printed_at, k.checked_at, k.ready_at,
         (coalesce((SELECT max(r.ended_at) FROM counters_stagerun r JOIN counters_visit x ON x.id = r.visit_id
                     WHERE x.booking_id = v.booking_id AND r.stage = 'interview' AND r.result = 'done'),
                   k.ordered_at) AT TIME ZONE o.time_zone)::date AS from_day,
         (coalesce(k.ready_at, %(now)s) AT TIME ZONE o.time_zone)::date AS to_day,
         CASE WHEN coalesce(k.ready_at, %(now)s) <= coalesce(k.due_at, due.ends_at)
              THEN CASE WHEN k.ready_at IS NULL THEN 'open' ELSE 'kept' END
              WHEN k.ready_at IS NULL THEN 'unserved'
              ELSE 'late' END AS outcome
    FROM counters_passportbook k
    JOIN counters_visit v ON v.id = k.visit_id
    JOIN offices_office o ON o.id = k.office_id
   CROSS JOIN LATERAL (SELECT (k.due_on + 1)::timestamp AT TIME ZONE o.time_zone AS ends_at) due
   WHERE k.office_id = ANY(%(offices)s) AND k.due_on BETWEEN %(first)s AND %(last)s
     AND NOT (k.status = 'cancelled' AND k.ready_at IS NULL)
)
"""
BOOKS_BY_DAY: Final = """
SELECT due_on, from_day, to_day, outcome, count(*) FROM books GROUP BY 1, 2, 3, 4
"""
# Both promises of several offices, read together.
BY_MONTH: Final = """
SELECT 'two_hours', office_id, date_trunc('month', day)::date, outcome, count(*)
  FROM visits GROUP BY 2, 3, 4
 UNION ALL
SELECT 'working_days', office_id, date_trunc('month', due_on)::date, outcome, count(*)
  FROM books GROUP BY 2, 3, 4
"""
BOOK_PARTS: Final = """
SELECT part.code, books.outcome, avg(part.minutes), sum(part.minutes)
  FROM books CROSS JOIN LATERAL (VALUES
       ('print', extract(epoch FROM printed_at - ordered_at) / 60.0),
       ('check', extract(epoch FROM checked_at - printed_at) / 60.0),
       ('shelf', extract(epoch FROM ready_at - checked_at) / 60.0)) part (code, minutes)
 WHERE books.outcome IN ('kept', 'late') GROUP BY 1, 2
"""
BOOK_CAUSES: Final = """
SELECT CASE WHEN reason.id IS NULL THEN 'no_reason' ELSE '' END,
       coalesce(reason.name, ''), coalesce(reason.name_en, ''), count(DISTINCT books.id)
  FROM books
  LEFT JOIN (counters_bookevent line JOIN offices_reason reason ON reason.id = line.listed_reason_id)
    ON line.book_id = books.id AND line.new = 'ordered'
 WHERE outcome IN ('late', 'unserved') GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2
"""
# Each officer's finished stages against what the others needed for the same service and stage.
WORK: Final = """
WITH runs AS (
  SELECT s.officer_id, b.service_type_id AS service, r.stage,
         least(extract(epoch FROM r.ended_at - r.started_at) / 60.0, %(longest)s) AS minutes
    FROM counters_stagerun r
    JOIN counters_visit v ON v.id = r.visit_id
    JOIN booking_booking b ON b.id = v.booking_id
    JOIN counters_countersession s ON s.id = r.session_id AND NOT s.is_from_paper
   WHERE v.office_id = %(office)s AND v.day BETWEEN %(first)s AND %(last)s AND v.status <> 'undone'
     AND r.result = 'done' AND NOT r.is_rework
), own AS (
  SELECT officer_id, service, stage, count(*) AS n, sum(minutes) AS minutes,
         coalesce(var_pop(minutes), 0) AS variance
    FROM runs GROUP BY 1, 2, 3
), cells AS (
  SELECT service, stage, sum(n) AS n, sum(minutes) AS minutes FROM own GROUP BY 1, 2
)
SELECT o.officer_id, coalesce(nullif(u.full_name, ''), u.email), o.service, o.stage, o.n, o.minutes,
       o.n * CASE WHEN c.n - o.n >= %(least)s THEN (c.minutes - o.minutes) / (c.n - o.n)
                  ELSE coalesce(t.minutes, o.minutes / o.n) END,
       o.n * o.variance
  FROM own o JOIN cells c USING (service, stage) JOIN accounts_user u ON u.id = o.officer_id
  LEFT JOIN offices_stagestandard t ON t.service_type_id = o.service AND t.stage = o.stage
 ORDER BY 2, 1
"""


@dataclass(frozen=True)
class Promise:
    """One promise in a span of days.

    `days`: the figure of each day that has one. `parts` in minutes, `causes` of broken promises, most
    frequent first. `spread`: how long it took.
    """

    total: Kept
    days: dict[date, Kept]
    parts: Sequence[Part] = field(default_factory=list)
    causes: Sequence[Cause] = field(default_factory=list)
    spread: Spread = field(default_factory=lambda: Spread((), ()))


@dataclass(frozen=True)
class MonthKept:
    """Both promises in one month; `month` is its first day."""

    month: date
    two_hours: Kept
    working_days: Kept


@may_lag
def two_hours(office: Office, first: date, last: date, *, now: datetime) -> Promise:
    """Return the two-hour promise of the visits from the first to the last day, both included."""
    values = _values(office, first, last, now)
    days = _by_day(_read_visits(BY_DAY, values))
    lengths = {(step, is_kept): n for step, is_kept, n in _read_visits(BY_LENGTH, values)}
    return Promise(
        total=total_of(days.values()),
        days=days,
        parts=_parts(_read_visits(PARTS, values), [WAITING, *Stage.values, BETWEEN], days),
        causes=_causes(_read_visits(CAUSES, values)),
        spread=Spread.of(lengths, VISIT_STEPS),
    )


@may_lag
def working_days_kept(office: Office, first: date, last: date, *, now: datetime) -> Promise:
    """Return the promise of a ready passport for those due from the first to the last day."""
    values = _values(office, first, last, now)
    rows = _read_books(BOOKS_BY_DAY, values)
    days = _by_day([(due_on, outcome, n) for due_on, _from, _to, outcome, n in rows])
    parts = [(*row, None, 0) for row in _read_books(BOOK_PARTS, values)]
    return Promise(
        total=total_of(days.values()),
        days=days,
        parts=_parts(parts, ["print", "check", "shelf"], days),
        causes=_causes(_read_books(BOOK_CAUSES, values)),
        spread=_book_spread(office, rows),
    )


@may_lag
def kept_by_month(
    offices: Sequence[Office], first: date, last: date, *, now: datetime
) -> Mapping[int, list[MonthKept]]:
    """Return how often each office kept both promises in each month that the span touches, earliest first.

    Public: counts of everyone, never suppressed. One query.
    """
    values = {**_values(offices[0], first, last, now), "offices": [one.pk for one in offices]}
    counts: dict[tuple[str, int], list[tuple[date, str, int]]] = defaultdict(list)
    books = f",{BOOKS.strip().removeprefix('WITH')}"
    for promise, office, *row in _read_visits(f"{books}{BY_MONTH}", values):
        counts[promise, office].append((row[0], row[1], row[2]))
    kept = {key: _by_day(rows) for key, rows in counts.items()}
    return {
        office.pk: [
            MonthKept(
                month,
                kept.get(("two_hours", office.pk), {}).get(month, Kept()),
                kept.get(("working_days", office.pk), {}).get(month, Kept()),
            )
            for month in months_of(first, last)
        ]
        for office in offices
    }


def kept_by_week(office: Office, first: date, last: date, *, now: datetime) -> dict[date, Kept]:
    """Return how often two hours were kept in each week with visits, by its Monday."""
    return _by_day(_read_visits(BY_WEEK, _values(office, first, last, now)))


def months_of(first: date, last: date) -> list[date]:
    """Return the first day of each month that a span touches."""
    months, month = [], first.replace(day=1)
    while month <= last:
        months.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return months


@may_lag
def officers_work(office: Office, first: date, last: date) -> list[Work]:
    """Return the work of each officer of a span, by name. The order does not depend on their speed."""
    rows = fetch_rows(
        WORK, office=office.pk, first=first, last=last, longest=LONGEST_RUN, least=LEAST_OF_OTHERS
    )
    of_officer: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        of_officer[row[0]].append(row)
    return [_work(own) for own in of_officer.values()]


def _work(rows: Sequence[tuple[Any, ...]]) -> Work:
    by_stage: Counter[str] = Counter()
    for _officer, _name, _service, stage, n, *_minutes in rows:
        by_stage[stage] += n
    variance = float(sum(row[7] for row in rows))
    return Work(
        officer=rows[0][1],
        stages=sum(by_stage.values()),
        services=len({row[2] for row in rows}),
        by_stage=by_stage,
        actual=float(sum(row[5] for row in rows)),
        expected=float(sum(row[6] for row in rows)),
        margin=STANDARD_ERRORS * variance**0.5,
    )


def _values(office: Office, first: date, last: date, now: datetime) -> dict[str, Any]:
    return {
        "offices": [office.pk],
        "first": first,
        "last": last,
        "now": now,
        "step": STEP_MINUTES,
    }


def _counted_visits(values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the statement of a span's visits with their outcome, and its named values."""
    visits = Visit.objects.counted().filter(
        office__in=values["offices"], day__range=(values["first"], values["last"])
    )
    rows = visits.annotate(outcome=counting.two_hours_outcome(values["now"]))
    statement, given = rows.order_by().values(*COLUMNS, "outcome").query.sql_with_params()
    named = {f"visits_{n}": value for n, value in enumerate(given)}
    return statement % tuple(f"%({name})s" for name in named), named


def _read_visits(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Read from the visits of a span, each with its outcome."""
    visits, named = _counted_visits(values)
    return fetch_rows(f"{VISITS % visits}{statement}", **values, **named)


def _read_books(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Read from the passports of a span."""
    return fetch_rows(f"{BOOKS}{statement}", **values)


def _by_day(rows: Sequence[tuple[Any, ...]]) -> dict[date, Kept]:
    counts: dict[date, Counter[str]] = defaultdict(Counter)
    for day, outcome, count in rows:
        counts[day][outcome] += count
    return {day: Kept.of(counts[day]) for day in sorted(counts)}


def _parts(
    rows: Sequence[tuple[Any, ...]], codes: Sequence[str], days: dict[date, Kept]
) -> list[Part]:
    """Return the parts in order. A row: code, outcome, mean, sum, sum and number of standards."""
    total = total_of(days.values())
    mean: dict[tuple[str, str], float] = {}
    sums: defaultdict[str, float] = defaultdict(float)
    standards, measured = Counter[str](), Counter[str]()
    for code, outcome, value, minutes, standard, count in rows:
        mean[code, outcome] = float(value or 0)
        sums[code] += float(minutes or 0)
        standards[code] += int(standard or 0)
        measured[code] += count
    served = total.kept + total.late
    return [
        Part(
            code=code,
            all=sums[code] / served if served else None,
            kept=mean.get((code, Outcome.KEPT), 0.0) if total.kept else None,
            late=mean.get((code, Outcome.LATE), 0.0) if total.late else None,
            standard=standards[code] / measured[code] if measured[code] else None,
        )
        for code in codes
    ]


def _causes(rows: Sequence[tuple[Any, ...]]) -> list[Cause]:
    return [
        Cause(code=code, reason=localized({"name": name, "name_en": name_en}), count=count)
        for code, name, name_en, count in rows
    ]


def _book_spread(office: Office, rows: Sequence[tuple[Any, ...]]) -> Spread:
    """Return how many working days each passport took after its interview."""
    done = [row for row in rows if row[3] != Outcome.OPEN]
    if not done:
        return Spread.of({}, BOOK_STEPS)
    first, last = min(row[1] for row in done), max(row[2] for row in done)
    days = working_days(office, first, last)
    counts: Counter[tuple[int, bool]] = Counter()
    for _due_on, from_day, to_day, outcome, count in done:
        taken = sum(from_day < day <= to_day for day in days)
        counts[taken, outcome == Outcome.KEPT] += count
    return Spread.of(counts, BOOK_STEPS)
