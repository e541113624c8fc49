"""Writing the daily load: the only writer of `LoadRow`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction

from offices.directory.models import Office
from offices.directory.selectors import list_offices
from reports.load import rollups, selectors
from reports.load.models import SUMS, LoadRow

CHUNK: Final = timedelta(days=31)
AT_ONCE: Final = 20
ONE_DAY: Final = timedelta(days=1)
# More than one run of the frequent task, so that a missed run loses nothing.
JUST_NOW: Final = timedelta(minutes=15)
BEHIND_TODAY: Final = timedelta(days=7)
AHEAD_OF_TODAY: Final = timedelta(days=35)
FIGURES: Final = (
    *SUMS,
    "backlog",
    "waits",
    "lengths",
    "closed_code",
    "closed_name",
    "closed_name_en",
)
Place = tuple[int, date, str, str]


def rebuild(*, offices: Sequence[Office], first: date, last: date, now: datetime) -> int:
    """Compute the rows of these days, both included, again from events; return how many changed.

    Idempotent. While the day goes on, people who come between two of its reads are in the next run.
    """
    ordered = sorted(offices, key=lambda office: office.pk)
    # A single day of many offices is one computation, a long span of one office after the other.
    size = AT_ONCE if first == last else 1
    changed = 0
    for start_at in range(0, len(ordered), size):
        batch = ordered[start_at : start_at + size]
        start = first
        while start <= last:
            end = min(start + CHUNK - ONE_DAY, last)
            changed += _rebuild_days(batch, start, end, now)
            start = end + ONE_DAY
        changed += sum(_rebuild_months(office, first, last, now) for office in batch)
    return changed


@transaction.atomic
def _rebuild_days(offices: Sequence[Office], first: date, last: date, now: datetime) -> int:
    for office in offices:
        _lock(office)
    rows = rollups.compute(offices, first, last, now)
    kept = LoadRow.objects.filter(
        office__in=offices, span=LoadRow.Span.DAY, starts_on__range=(first, last)
    )
    return _replace(kept, rows)


def _rebuild_months(office: Office, first: date, last: date, now: datetime) -> int:
    """Sum the months that are over: only they are read as months."""
    today, changed = office.local_day(now), 0
    for start, end in rollups.month_ends(first, last):
        if end < today:
            changed += _rebuild_month(office, start, end, now)
    return changed


@transaction.atomic
def _rebuild_month(office: Office, first: date, last: date, now: datetime) -> int:
    _lock(office)
    days = LoadRow.objects.filter(
        office=office, span=LoadRow.Span.DAY, starts_on__range=(first, last)
    )
    kept = LoadRow.objects.filter(office=office, span=LoadRow.Span.MONTH, starts_on=first)
    return _replace(kept, rollups.month_rows(days, now))


def _lock(office: Office) -> None:
    """Let one worker at a time write an office's rows: a second one would insert the same keys.

    Locks of several offices are taken in the order of their ids.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"reports.load:{office.pk}"]
        )


def _replace(kept: Iterable[LoadRow], rows: Iterable[LoadRow]) -> int:
    """Bring the stored rows in line with computed ones; return the number of rows that differed."""
    stored = {_place(row): row for row in kept}
    new: list[LoadRow] = []
    same: list[int] = []
    now = None
    for row in rows:
        old, now = stored.get(_place(row)), row.computed_at
        if old is not None and _figures(old) == _figures(row):
            same.append(stored.pop(_place(row)).pk)
        else:
            new.append(row)
    LoadRow.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()
    LoadRow.objects.bulk_create(new, batch_size=1_000)
    # What did not change keeps its row; only the day's total records that it was computed again.
    LoadRow.objects.filter(pk__in=same, dimension=LoadRow.Dimension.TOTAL).update(computed_at=now)
    return len(new) + len({*stored} - {_place(row) for row in new})


def _place(row: LoadRow) -> Place:
    return row.office_id, row.starts_on, row.dimension, row.key


def _figures(row: LoadRow) -> list[object]:
    return [getattr(row, name) for name in FIGURES]


# --- When -----------------------------------------------------------------------------------------
def refresh(*, now: datetime) -> int:
    """Compute every office's today again, and days whose bookings or visits changed just now."""
    touched = selectors.touched_days(since=now - JUST_NOW, now=now)
    days: dict[date, list[Office]] = defaultdict(list)
    for office in list_offices():
        for day in {office.local_day(now), *touched.get(office.pk, ())}:
            days[day].append(office)
    return sum(
        rebuild(offices=offices, first=day, last=day, now=now)
        for day, offices in sorted(days.items())
    )


def rebuild_recent(*, now: datetime) -> int:
    """Compute the days around today again: corrections, and rules that changed.

    Also computes up to 31 earlier days of each office that are missing, or were last computed before
    they ended, so that the report is whole after an upgrade or a pause.
    """
    changed = 0
    for office in list_offices():
        today = office.local_day(now)
        changed += rebuild(
            offices=[office], first=today - BEHIND_TODAY, last=today + AHEAD_OF_TODAY, now=now
        )
        missing = selectors.missing_days(office, before=today)
        for first, last in _spans(missing[: CHUNK.days]):
            changed += rebuild(offices=[office], first=first, last=last, now=now)
    return changed


def _spans(days: Sequence[date]) -> list[tuple[date, date]]:
    """Join neighbouring days, which are in order, to spans."""
    spans: list[tuple[date, date]] = []
    for day in days:
        if spans and day - spans[-1][1] == ONE_DAY:
            spans[-1] = (spans[-1][0], day)
        else:
            spans.append((day, day))
    return spans
