"""An office's day as the simulation reads it, and recorded days against simulated ones."""

from datetime import date, timedelta
from typing import Any

import pytest

from counters.capacity.services import measure_stage_times
from counters.estimates.forecast import quantile
from counters.estimates.services import measure_service_times
from offices.hours.models import Holiday
from reports.load.selectors import daily_load
from reports.simulation.days import ONLINE, USUAL_LATENESS
from reports.simulation.runs import run_days, summarize
from reports.simulation.selectors import read_day
from tests.builders import NOW
from tests.counters.office_day import replay
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db
RUNS = 200
LATER = DAY + timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def people(day: Any, lane: str) -> float:
    return sum(row.people for row in day.arrivals if row.lane == lane)


def test_day_to_come_has_every_place_taken(world: World) -> None:
    day = read_day(world.office, DAY, now=NOW)
    assert day is not None
    assert (people(day, ONLINE), people(day, "walk_in")) == (18, 6)
    assert (day.quota, day.closes, day.absent) == (18, 15 * 60, pytest.approx(0.15))
    assert day.lateness == USUAL_LATENESS
    assert day.resources.spans == ((480, 720), (780, 900))
    [new, replacement] = day.services.values()
    assert new.mean == 24
    assert [stage for stage, _share in new.stages] == ["documents", "interview", "photo"]
    assert sum(share for _stage, share in replacement.stages) == pytest.approx(1)


def test_closed_days_are_none(world: World) -> None:
    assert read_day(world.office, date(2026, 11, 28), now=NOW) is None  # a Saturday
    Holiday.objects.create(day=DAY, name="Libur")
    assert read_day(world.office, DAY, now=NOW) is None


def test_reads_a_fixed_number_of_queries(world: World, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(40):
        read_day(world.office, DAY, now=NOW)


@pytest.mark.parametrize(("booked", "seed"), [(40, 1), (52, 2)])
def test_recorded_day_is_within_the_interval(booked: int, seed: int) -> None:
    """A day replayed through the real services lies where 99 % of its simulated days lie.

    Ten figures are compared, so that 95 % would fail too often.
    """
    recorded = replay(booked=booked, walk_ins=6, officers=3, seed=seed)
    world = recorded.world
    recorded.finish(world.at(18, 40))
    next_day = world.at(1, day=LATER)
    measure_stage_times(office_id=world.office.pk, now=next_day)
    measure_service_times(office_id=world.office.pk, now=next_day)
    [load] = daily_load(world.office, DAY, DAY, next_day)
    day = read_day(world.office, DAY, now=next_day)
    assert day is not None
    days = [summarize(day, [one]) for one in run_days(day, RUNS)]
    outside = []
    for name in ("wait_p50", "wait_p95", "visit_p50", "visit_p95", "within_two_hours"):
        values = sorted(getattr(one, name).value for one in days)
        if not quantile(values, 0.005) <= getattr(load, name) <= quantile(values, 0.995):
            outside.append(name)
    assert outside == []
