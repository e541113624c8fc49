"""Counting the demand, and forecasting it each night. The only writer of the feature's tables."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import numpy as np
from django.db import transaction

from offices.directory.models import Office
from quotas.policies.selectors import rules_of
from reports.forecast.backtest import AHEAD, Choice, bounds, choose
from reports.forecast.models import (
    DemandDay,
    ForecastPoint,
    ForecastRun,
    ForecastScore,
    Measure,
)
from reports.forecast.selectors import COUNTED_AGAIN, WEEKS_BEFORE, count_demand, taken_on
from reports.forecast.smoothing import Series

FIRST_COUNT: Final = dt.timedelta(days=5 * 366)  # how far back the first count reaches
RUNS_KEPT: Final = dt.timedelta(days=120)
MADE_FROM_HOUR: Final = 2  # local time, after the day's absences are recorded
COUNT_OF: Final = {Measure.DEMAND: 0, Measure.WALK_INS: 1}


def count_days(*, office: Office, now: dt.datetime, first: dt.date | None = None) -> int:
    """Count the days until yesterday: those of the last four weeks again, and any that are missing.

    `refused` never becomes smaller: the records that it counts are deleted after 30 days. Returns the
    number of days written. Idempotent.
    """
    last = office.local_day(now) - dt.timedelta(days=1)
    first = first or _first_to_count(office, last)
    rules = rules_of(office, first=first, last=last)
    counted = count_demand(office, first, last)
    before = dict(
        DemandDay.objects.filter(office=office, day__range=(first, last)).values_list(
            "day", "refused"
        )
    )
    rows = [
        DemandDay(
            office=office,
            day=day,
            booked=result.booked,
            refused=max(result.refused, before.get(day, 0)),
            no_shows=result.no_shows,
            walk_ins=result.walk_ins,
            hours=result.hours,
            counted_at=now,
        )
        for day, result in counted.items()
        if rules.works_on(day) or result.booked
    ]
    DemandDay.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["office", "day"],
        update_fields=["booked", "refused", "no_shows", "walk_ins", "hours", "counted_at"],
        batch_size=500,
    )
    return len(rows)


def _first_to_count(office: Office, last: dt.date) -> dt.date:
    if DemandDay.objects.filter(office=office).exists():
        newest = DemandDay.objects.filter(office=office).latest("day").day
        return min(newest, last - COUNTED_AGAIN)
    return last - FIRST_COUNT


def make_forecast(*, office: Office, now: dt.datetime) -> ForecastRun | None:
    """Choose the models of an office by back-test and store its forecast for eight weeks.

    Returns None if no day was counted yet. A second run on the same day replaces the first.
    """
    known = list(DemandDay.objects.filter(office=office).order_by("day"))
    if not known:
        return None
    today = office.local_day(now)
    coming = _coming_days(office, today)
    taken = taken_on(office, today, today + AHEAD)
    choices = {measure: _choice(known, measure) for measure in Measure}
    with transaction.atomic():
        ForecastRun.objects.filter(office=office, known_until=today - dt.timedelta(days=1)).delete()
        ForecastRun.objects.filter(office=office, known_until__lt=today - RUNS_KEPT).delete()
        run = ForecastRun.objects.create(
            office=office,
            known_until=today - dt.timedelta(days=1),
            made_at=now,
            hours=_hour_shares(known, today),
        )
        ForecastScore.objects.bulk_create(
            _score(run, measure, choice) for measure, (_series, choice) in choices.items()
        )
        for measure, (series, choice) in choices.items():
            floor = taken if measure == Measure.DEMAND else {}
            ForecastPoint.objects.bulk_create(_points(run, measure, series, choice, coming, floor))
    return run


def _coming_days(office: Office, today: dt.date) -> list[dt.date]:
    """The office's working days from today, for eight weeks."""
    last = today + AHEAD - dt.timedelta(days=1)
    rules = rules_of(office, first=today, last=last)
    days = [today + dt.timedelta(days=step) for step in range(AHEAD.days)]
    return [day for day in days if rules.works_on(day)]


def _choice(known: Sequence[DemandDay], measure: Measure) -> tuple[Series, Choice]:
    values = np.array([float(getattr(row, measure)) for row in known])
    series = Series(tuple(row.day for row in known), values)
    return series, choose(series)


def _score(run: ForecastRun, measure: Measure, choice: Choice) -> ForecastScore:
    return ForecastScore(
        run=run,
        measure=measure,
        model=choice.model.name,
        naive=choice.naive.name,
        is_naive=choice.is_naive,
        folds=choice.folds,
        error=choice.error,
        naive_error=choice.naive_error,
        coverage=choice.coverage,
    )


def _points(
    run: ForecastRun,
    measure: Measure,
    series: Series,
    choice: Choice,
    coming: Sequence[dt.date],
    floor: dict[dt.date, int],
) -> list[ForecastPoint]:
    """Return the points of a measure. Bookings already made are the least possible demand."""
    values = choice.model.forecast(series, coming)
    ahead = np.array([(day - run.known_until).days for day in coming], dtype=float)
    low, high = bounds(values, ahead, choice.low, choice.high)
    return [
        ForecastPoint(
            run=run,
            measure=measure,
            day=day,
            value=max(float(values[nth]), floor.get(day, 0)),
            low=max(int(low[nth]), floor.get(day, 0)),
            high=max(int(high[nth]), floor.get(day, 0)),
        )
        for nth, day in enumerate(coming)
    ]


def _hour_shares(known: Sequence[DemandDay], today: dt.date) -> dict[str, dict[str, float]]:
    """Return how the people of a day spread over its hours, over the last eight weeks."""
    recent = [row for row in known if row.day >= today - WEEKS_BEFORE]
    shares: dict[str, dict[str, float]] = {}
    for measure, at in COUNT_OF.items():
        totals: dict[str, float] = {}
        for row in recent:
            for hour, counts in row.hours.items():
                totals[hour] = totals.get(hour, 0) + counts[at]
        whole = sum(totals.values())
        shares[measure] = {
            hour: round(count / whole, 4) for hour, count in sorted(totals.items()) if whole
        }
    return shares


def forecast_due(*, office: Office, now: dt.datetime) -> bool:
    """Count and forecast once a night, after two o'clock local time. Returns whether it did."""
    today = office.local_day(now)
    if now < office.at(today, dt.time(MADE_FROM_HOUR)):
        return False
    if ForecastRun.objects.filter(office=office, known_until=today - dt.timedelta(days=1)).exists():
        return False
    count_days(office=office, now=now)
    return make_forecast(office=office, now=now) is not None
