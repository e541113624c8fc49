"""The raise of June 2022 and the December of 2017, as the forecast sees them weeks ahead."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from offices.directory.models import Office
from offices.staff.models import Role
from reports.forecast import services
from reports.forecast.models import DemandDay, ForecastRun, Measure
from reports.forecast.selectors import (
    forecast_for,
    past_demand,
    peak_weeks,
    scores_of,
    usual_demand,
)
from tests.builders import make_daily_release, make_office, make_officer, make_policy
from tests.reports.forecast.series import series_of


def known_until(day: dt.date, *, places: int) -> Office:
    """An office like Palembang whose demand is counted until a day, with a quota."""
    office = make_office("palembang")
    make_policy(office, places=places)
    make_daily_release(office)
    series = series_of("palembang", until=day)
    DemandDay.objects.bulk_create(
        DemandDay(
            office=office,
            day=one,
            booked=min(int(value), places),
            refused=max(0, int(value) - places),
            no_shows=int(value) // 11,
            walk_ins=int(value) // 14,
            hours={"08": [int(value) // 2, 1], "09": [int(value) // 2, 1]},
            counted_at=office.at(one, dt.time(23)),
        )
        for one, value in zip(series.days, series.values, strict=True)
    )
    return office


@pytest.mark.django_db
def test_in_june_2022_the_quota_of_75_is_too_small() -> None:
    """Demand of 80 to 90 a day in June against a quota of 75; until April it was about 62."""
    today = dt.date(2025, 4, 29)
    office = known_until(today - dt.timedelta(days=1), places=75)
    services.make_forecast(office=office, now=office.at(today, dt.time(3)))

    june = forecast_for(office, dt.date(2025, 6, 2), dt.date(2025, 6, 20))
    mean = sum(day.demand for day in june) / len(june)
    assert 70 <= mean <= 95
    within = [day.low <= actual <= day.high for day, actual in paired(june)]
    assert sum(within) / len(within) >= 0.7
    assert max(day.high for day in june) > 75  # the quota is not certain to be enough


@pytest.mark.django_db
def test_december_2017_is_announced_six_weeks_ahead(
    client: Client, set_clock: Callable[[dt.datetime], None]
) -> None:
    """200 a day against a ceiling of 150."""
    today = dt.date(2025, 10, 28)
    office = known_until(today - dt.timedelta(days=1), places=150)
    services.make_forecast(office=office, now=office.at(today, dt.time(3)))

    days = forecast_for(office, today, today + dt.timedelta(days=56))
    december = [day for day in days if day.day >= dt.date(2025, 12, 5)]
    assert sum(day.demand for day in december) / len(december) > 150
    assert max(day.high for day in december) >= 200
    usual = usual_demand(past_demand(office, today - dt.timedelta(days=56), today))
    peaks = peak_weeks(days, usual=usual, today=today)
    assert peaks[-1].monday >= dt.date(2025, 12, 8)
    assert peaks[-1].weeks_ahead >= 5
    assert peaks[-1].factor > 1.4

    set_clock(office.at(today, dt.time(9)))
    supervisor = make_officer(office, Role.SUPERVISOR)
    client.force_login(supervisor)
    page = client.get("/admin/reports/forecast/").content.decode().replace("\xa0", " ")
    assert "Puncak mulai 8 Des (5 minggu lagi)" in page
    assert "Kuota hari itu 150." in page


@pytest.mark.django_db
def test_the_published_error_belongs_to_the_same_folds_as_the_naive() -> None:
    today = dt.date(2026, 11, 30)
    office = known_until(today - dt.timedelta(days=1), places=75)
    run = services.make_forecast(office=office, now=office.at(today, dt.time(3)))
    score = scores_of(run)[Measure.DEMAND]
    assert score.folds == 12
    assert score.ratio < 0.95
    assert 0.7 < score.coverage < 0.92
    again = services.make_forecast(office=office, now=office.at(today, dt.time(4)))
    assert list(ForecastRun.objects.values_list("pk", flat=True)) == [again.pk]


def paired(days: list) -> list[tuple]:
    series = series_of("palembang")
    actual = dict(zip(series.days, series.values, strict=True))
    return [(day, actual[day.day]) for day in days if day.day in actual]
