"""The simulated day: who is served when, and that it agrees with queueing theory."""

from dataclasses import replace

import pytest

from quotas.capacity.rates import Outage
from reports.simulation.days import Arrivals, SimulationDay
from reports.simulation.engine import Plan, simulate
from reports.simulation.runs import in_processes, run_days, summarize
from tests.reports.simulation.days import CITIZENS, make_day
from tests.reports.simulation.theory import compare

RUNS = 40


def mean(day: SimulationDay, name: str) -> float:
    return getattr(summarize(day, run_days(day, RUNS)), name).value


def test_same_seed_gives_the_same_day() -> None:
    plan = Plan(make_day(priority=8, walk_in=6))
    assert simulate(plan, 7) == simulate(plan, 7)
    assert simulate(plan, 7) != simulate(plan, 8)


def test_processes_give_the_same_days() -> None:
    day = make_day()
    with in_processes(1_000_000) as run:
        assert list(run(day, 30)) == list(run_days(day, 30))


@pytest.mark.parametrize(("servers", "share", "runs"), [(1, 0.5, 14), (3, 0.6, 40)])
def test_agrees_with_erlang_within_two_percent(servers: int, share: float, runs: int) -> None:
    one = compare(servers, share, runs=runs, length=40_000)
    assert one.wait == pytest.approx(one.theory, rel=0.02)
    assert one.waits == pytest.approx(one.chance, rel=0.02)


def test_everybody_is_accounted_for() -> None:
    day = make_day(quota=110, priority=8, walk_in=6, absent=0.1, incomplete=0.05)
    for seed in range(1, 15):
        one = simulate(Plan(day), seed)
        assert one.arrived == len(one.waits) + one.unserved
        assert len(one.visits) + one.unserved <= one.arrived
        assert all(wait >= 0 for wait in one.waits)


def test_absent_share_stays_away() -> None:
    day = make_day(quota=100, absent=0.2)
    days = run_days(day, RUNS)
    assert sum(one.absent for one in days) / RUNS == pytest.approx(20, abs=2)
    assert all(one.arrived + one.absent == 100 for one in days)


def test_nobody_is_called_in_a_break() -> None:
    day = make_day(quota=60)
    crowded = replace(
        day, arrivals=(Arrivals("online", CITIZENS, (660, 720), 40),), lateness=(0, 0)
    )
    one = simulate(Plan(crowded), 1)
    # Called between 11.00 and noon, or from 13.00 on.
    assert one.waits
    assert not any(61 <= wait < 120 for wait in one.waits)


def test_one_of_the_priority_lane_is_called_after_two_others() -> None:
    crowd = (
        Arrivals("online", CITIZENS, (480, 540), 30),
        Arrivals("priority", CITIZENS, (480, 481), 10, is_booked=False),
    )
    by_terms = {}
    for after in (0, 2, 20):
        day = make_day(counters=1, lateness=(0.0, 0.0))
        day = replace(day, arrivals=crowd, terms=replace(day.terms, priority_after=after))
        one = simulate(Plan(day), 3)
        by_terms[after] = one.visits[:9]
    assert len({tuple(rows) for rows in by_terms.values()}) == 3


def test_without_a_working_camera_nobody_finishes() -> None:
    day = make_day(quota=30, cameras=1, overtime=0.0)
    broken = replace(day.resources, outages=(Outage((480, 900), device=1),))
    one = simulate(Plan(replace(day, resources=broken)), 1)
    assert one.visits == ()
    assert one.unserved == one.arrived


def test_visits_wait_for_the_photo_until_the_camera_works() -> None:
    day = make_day(quota=30, cameras=1)
    broken = replace(day.resources, outages=(Outage((480, 600), device=1),))
    one = simulate(Plan(replace(day, resources=broken)), 1)
    assert one.unserved == 0
    assert max(one.visits) > 60


def test_one_camera_for_four_counters_is_slower_than_four() -> None:
    shared = make_day(quota=75, cameras=1, minutes=24.0, counters=6)
    own = make_day(quota=75, cameras=6, minutes=24.0, counters=6)
    assert mean(shared, "visit_p95") > mean(own, "visit_p95") + 10


def test_counter_out_of_order_is_used_by_nobody() -> None:
    day = make_day(quota=30, counters=1)
    down = replace(day.resources, outages=(Outage((480, 900), counter=1),))
    one = simulate(Plan(replace(day, resources=down)), 1)
    assert one.waits == ()
    assert one.unserved == one.arrived


def test_counters_that_divide_the_stages_share_a_visit() -> None:
    day = make_day(quota=20, counters=2)
    first, second = day.resources.counters
    parts = (
        replace(first, is_one_stop=False, stages=frozenset({"documents", "interview"})),
        replace(second, is_one_stop=False, stages=frozenset({"photo"})),
    )
    one = simulate(Plan(replace(day, resources=replace(day.resources, counters=parts))), 1)
    assert one.unserved == 0
    assert len(one.visits) == one.arrived


def test_without_overtime_those_left_are_unserved() -> None:
    crowded = make_day(quota=150)
    days = run_days(replace(crowded, overtime=0.0), RUNS)
    assert min(one.unserved for one in days) > 10
    # A visit that began before closing time is finished.
    assert max(one.overtime for one in days) < 4 * 60
    assert mean(crowded, "overtime") > 120


def test_calls_that_nobody_answers_cost_time() -> None:
    silent = make_day(quota=85, unanswered=0.25, most_calls=2)
    days = run_days(silent, RUNS)
    assert all(one.unserved == 0 for one in days)
    assert sum(len(one.visits) for one in days) < sum(one.arrived for one in days)
    assert mean(silent, "wait_p95") > mean(make_day(quota=85), "wait_p95") - 5


def test_late_people_are_served_after_those_present_or_sent_away() -> None:
    late = make_day(quota=40, lateness=(95.0, 95.0))
    assert simulate(Plan(late), 1).arrived > 0
    assert simulate(Plan(replace(late, is_late_rebooked=True)), 1).arrived == 0
