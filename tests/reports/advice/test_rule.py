"""The advised quota for a week."""

from datetime import date, timedelta
from typing import Any

import pytest

from reports.advice.rule import Advice, advise, officers_for, short_lanes
from reports.simulation.days import SimulationDay
from reports.simulation.runs import largest_quota, run_days, share_in_time
from tests.reports.simulation.days import make_day

MONDAY = date(2026, 12, 7)
TUESDAY = MONDAY + timedelta(days=1)


def advice(demand: float, *, lanes: dict[str, int] | None = None, **fields: Any) -> Advice:
    day = make_day(**fields)
    result = advise({MONDAY: day, TUESDAY: day}, {MONDAY: demand, TUESDAY: demand / 2}, lanes or {})
    assert result is not None
    return result


def test_quota_that_cannot_be_kept_is_lowered() -> None:
    result = advice(60, quota=200)
    assert result.code == "lower"
    assert result.quota == result.most < 200
    assert result.is_change


def test_demand_that_can_be_served_raises_the_quota() -> None:
    result = advice(60, quota=30)
    assert (result.code, result.quota) == ("raise", 60)


def test_demand_above_the_counters_names_the_officers_needed() -> None:
    day = make_day(quota=30, counters=4)
    short = make_day(quota=30, counters=4)
    result = advise({MONDAY: _with_officers(short, 2)}, {MONDAY: 80.0}, {})
    assert result is not None
    assert result.code == "short"
    assert result.staffed == 2
    assert result.officers is not None
    assert 2 < result.officers <= 4
    assert officers_for(day, 10_000) is None


def test_quota_that_fits_is_kept() -> None:
    result = advice(25, quota=30)
    assert (result.code, result.quota, result.is_change) == ("keep", 30, False)


def test_advised_quota_keeps_two_hours() -> None:
    result = advice(500, quota=200)
    day = make_day(quota=200).with_quota(result.quota)
    share = share_in_time(run_days(day, 100))
    assert share is not None
    assert share.value > 0.92


def test_days_without_online_places_have_no_advice() -> None:
    desk = make_day(quota=0, walk_in=5)
    arrivals = tuple(row for row in desk.arrivals if not row.is_booked)
    closed = make_day(quota=0, arrivals=arrivals)
    assert largest_quota(closed, 5) is None
    assert advise({MONDAY: closed}, {}, {}) is None
    assert advise({}, {}, {}) is None


def test_lanes_at_the_desk_have_places_for_most_days() -> None:
    result = advice(25, quota=30, priority=9, walk_in=2, lanes={"priority": 10, "walk_in": 20})
    [priority, walk_in] = result.lanes
    assert priority.people == pytest.approx(9)
    assert priority.advised == 14
    assert short_lanes([priority, walk_in]) == [priority]


def _with_officers(day: SimulationDay, officers: int) -> SimulationDay:
    from dataclasses import replace

    return replace(day, resources=replace(day.resources, shifts=day.resources.shifts[:officers]))
