"""Properties of the pure planner that hold for any rules."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quotas.plan.days import DayPlan, day_total, plan_day
from quotas.plan.decrees import QuotaDecree, ReleaseDecree, Scope
from quotas.plan.rows import DayOff, Hours, OfficeRules
from quotas.plan.shares import spread
from quotas.plan.spans import Shut
from quotas.plan.windows import plan_windows

# Slowness is not a failure here: only wrong plans are.
settings.register_profile("calm", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
FIRST = date(2026, 11, 2)
DAYS = [FIRST + timedelta(days=step) for step in range(70)]
OWNERS: dict[Scope, dict[str, Any]] = {
    Scope.OFFICE: {"office": 1},
    Scope.REGION: {"region": 1},
    Scope.NATION: {},
}
LANES, GROUPS = ("online", "walk_in"), (1, 2)
SERVICES = ((11, 1), (12, 1), (21, 2))  # each with its group

days = st.sampled_from(DAYS)
quarters = st.integers(0, 24 * 4 - 1).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def spans(draw: st.DrawFn) -> tuple[tuple[time, time], ...]:
    marks = sorted(draw(st.sets(quarters, min_size=2, max_size=6)))
    pairs = zip(marks[::2], marks[1::2], strict=False)
    return tuple(pairs)


@st.composite
def dates(draw: st.DrawFn) -> dict[str, date | None]:
    first = draw(days)
    length = draw(st.none() | st.integers(0, 60))
    return {
        "valid_from": first,
        "valid_until": None if length is None else first + timedelta(days=length),
    }


@st.composite
def policies(draw: st.DrawFn) -> QuotaDecree:
    return QuotaDecree(
        id=draw(st.integers(1, 10**6)),
        **OWNERS[draw(st.sampled_from(Scope))],
        lane=draw(st.sampled_from(LANES)),
        group=draw(st.sampled_from(GROUPS)),
        base=draw(st.integers(0, 400)),
        percent=draw(st.decimals(0, 1000, places=2)),
        cap=draw(st.none() | st.integers(0, 500)),
        slot_minutes=draw(st.sampled_from((5, 15, 30, 45, 60, 90, 480))),
        hours=draw(st.just(()) | spans()),
        **draw(dates()),
    )


@st.composite
def rhythms(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(("weekly", "daily", "monthly")))
    days_of_month = st.integers(-5, 28).filter(bool)
    return {
        "kind": kind,
        "weekday": draw(st.integers(1, 7)) if kind == "weekly" else None,
        "weeks_ahead": draw(st.integers(0, 3)),
        "covers_days": draw(st.integers(1, 7)),
        "days_ahead": draw(st.integers(0, 30)) if kind == "daily" else None,
        "month_days": tuple(sorted(draw(st.sets(days_of_month, min_size=1, max_size=3))))
        if kind == "monthly"
        else (),
        "months_ahead": draw(st.integers(0, 2)),
        "counts_working_days": draw(st.booleans()),
    }


@st.composite
def tranches(draw: st.DrawFn) -> tuple[tuple[Decimal, int], ...]:
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=3)))
    percents = [Decimal(b - a) for a, b in itertools.pairwise([0, *cuts, 100])]
    aheads = draw(
        st.sets(st.integers(0, 6), min_size=len(percents), max_size=len(percents)).map(sorted)
    )
    return tuple(zip(percents, reversed(aheads), strict=True))


@st.composite
def releases(draw: st.DrawFn) -> ReleaseDecree:
    after = draw(st.none() | st.integers(0, 10))
    return ReleaseDecree(
        id=draw(st.integers(1, 10**6)),
        **OWNERS[draw(st.sampled_from(Scope))],
        lane=draw(st.sampled_from(LANES)),
        group=draw(st.none() | st.sampled_from(GROUPS)),
        opens_time=draw(quarters),
        closes_time=draw(quarters),
        closes_after_days=after,
        closes_before_days=draw(st.integers(0, 5)) if after is None else None,
        tranches=draw(st.just(()) | tranches()),
        **draw(rhythms()),
        **draw(dates()),
    )


@st.composite
def rules(draw: st.DrawFn) -> OfficeRules:
    return OfficeRules(
        time_zone=draw(st.sampled_from(ZONES)),
        hours=tuple(
            Hours(weekday, draw(spans()), FIRST)
            for weekday in sorted(draw(st.sets(st.integers(1, 7))))
        ),
        holidays=dict.fromkeys(draw(st.sets(days, max_size=10)), DayOff("Hari Raya Natal")),
        policies=tuple(draw(st.lists(policies(), max_size=6))),
        releases=tuple(draw(st.lists(releases(), max_size=6))),
    )


@st.composite
def shuts(draw: st.DrawFn) -> Shut:
    first = draw(days)
    length = draw(st.none() | st.integers(0, 60))
    marks = sorted(draw(st.just(()) | st.sets(quarters, min_size=2, max_size=2)))
    pairs = st.sets(st.sampled_from([(lane, group) for lane in LANES for group in GROUPS]))
    return Shut(
        first_day=first,
        last_day=None if length is None else first + timedelta(days=length),
        from_time=marks[0] if marks else None,
        until_time=marks[1] if marks else None,
        pairs=draw(st.none() | pairs.map(frozenset)),
        open_lanes=frozenset(draw(st.sets(st.sampled_from(LANES), max_size=1))),
        reason="Banjir",
        open_services=frozenset(draw(st.sets(st.sampled_from(SERVICES), max_size=3))),
    )


@given(rules(), st.lists(shuts(), min_size=1, max_size=3), days)
def test_overlapping_closures_leave_only_what_all_allow(
    office: OfficeRules, closures: list[Shut], day: date
) -> None:
    def hours(plan: DayPlan) -> dict[Any, Any]:
        return {
            (lane.lane, lane.group, lane.tranche, slot.starts_at, slot.ends_at): slot
            for lane in plan.lanes
            for slot in lane.slots
        }

    before = hours(plan_day(office, day))
    after = hours(plan_day(replace(office, closures=tuple(closures)), day))
    assert set(after) <= set(before)
    for key, was in before.items():
        lane, group, _tranche, starts, ends = key
        covering = [
            row for row in closures if row.covers(day, (lane, group), starts.time(), ends.time())
        ]
        left = [{pk for pk, whose in row.open_services if whose == group} for row in covering]
        served = set.intersection(*left) if left else set()
        if covering and not served:
            assert key not in after
        else:
            assert after[key] == replace(was, only_services=tuple(sorted(served)))


@given(rules(), days)
def test_a_lane_has_exactly_the_places_of_its_policy(office: OfficeRules, day: date) -> None:
    plan = plan_day(office, day)
    for key in {(row.lane, row.group) for row in plan.lanes}:
        lane = plan.lane(*key)
        assert lane is not None
        policy = next(row for row in office.policies if row.id == lane.policy_id)
        total = int(policy.base * policy.percent // 100)
        assert lane.places == (total if policy.cap is None else min(total, policy.cap)) > 0
        parts = [row for row in plan.lanes if (row.lane, row.group) == key]
        assert sum(part.places for part in parts) == lane.places
        assert len({part.tranche for part in parts}) == len(parts)


@given(rules(), days)
def test_places_lie_within_working_hours_of_open_days(office: OfficeRules, day: date) -> None:
    plan = plan_day(office, day)
    zone = ZoneInfo(office.time_zone)
    work = [span for row in office.hours if row.weekday == day.isoweekday() for span in row.spans]
    if day in office.holidays:
        assert plan.reason is not None
        assert (plan.lanes, plan.reason.name) == ((), "Hari Raya Natal")
    for slot in (slot for lane in plan.lanes for slot in lane.slots):
        starts, ends = slot.starts_at.astimezone(zone), slot.ends_at.astimezone(zone)
        assert starts.date() == ends.date() == day
        assert any(first <= starts.time() < ends.time() <= last for first, last in work)


@given(rules(), days)
def test_slots_of_a_lane_never_overlap(office: OfficeRules, day: date) -> None:
    for lane in plan_day(office, day).lanes:
        marks = [(slot.starts_at, slot.ends_at) for slot in lane.slots]
        assert marks == sorted(marks)
        assert all(one[1] <= two[0] for one, two in itertools.pairwise(marks))
        assert all(slot.places > 0 for slot in lane.slots)


@given(rules(), days)
def test_places_are_available_only_between_release_and_slot_end(
    office: OfficeRules, day: date
) -> None:
    for lane in plan_day(office, day).lanes:
        for slot in lane.slots:
            assert lane.opens_at < slot.closes_at
            if lane.opens_at < slot.ends_at:
                assert slot.closes_at <= slot.ends_at
        assert lane.opens_at.astimezone(ZoneInfo(office.time_zone)).date() <= day
        assert lane.window_first_day <= day <= lane.window_last_day


@given(rules(), days)
def test_a_lane_is_planned_once_per_group(office: OfficeRules, day: date) -> None:
    plan: DayPlan = plan_day(office, day)
    planned = {(lane.lane, lane.group) for lane in plan.lanes}
    refused = [(lane, group) for lane, group, _reason in plan.refusals]
    assert len({*planned, *refused}) == len(planned) + len(refused)
    for lane in LANES:
        for group in GROUPS:
            assert (plan.lane(lane, group) is None) or (lane, group) in planned
            assert plan.lane(lane, group) or plan.why_none(lane, group).code


@settings(max_examples=25)
@given(rules(), days)
def test_a_day_of_a_lane_lies_in_one_window(office: OfficeRules, today: date) -> None:
    now = datetime.combine(today, time(3), UTC)
    windows = plan_windows(office, today=today, now=now)
    lane_days = [
        (day, lane.lane, lane.group, window.tranche)
        for window in windows
        for day, lane in window.days
    ]
    assert len(lane_days) == len(set(lane_days))
    assert all(day >= today for day, *_rest in lane_days)


@given(st.integers(0, 1000), st.lists(st.integers(1, 480), min_size=1, max_size=20))
def test_spreading_assigns_the_remainder_to_the_earliest(total: int, lengths: list[int]) -> None:
    shares = spread(total, lengths)
    exact = [total * length // sum(lengths) for length in lengths]
    extra = [share - floor for share, floor in zip(shares, exact, strict=True)]
    assert sum(shares) == total
    assert set(extra) <= {0, 1}
    assert extra == sorted(extra, reverse=True)


WEEK = tuple(Hours(day, ((time(8), time(12)), (time(13), time(15))), FIRST) for day in range(1, 6))


def quota(base: int, **changes: Any) -> QuotaDecree:
    values = {"office": 1, "lane": "online", "group": 1, "valid_from": FIRST, **changes}
    return QuotaDecree(base=base, **values)


def release(opens: int, closes: int, **changes: Any) -> ReleaseDecree:
    values: dict[str, Any] = {"office": 1, "lane": "online", "valid_from": FIRST, **changes}
    return ReleaseDecree(opens_time=time(opens), closes_time=time(closes), **values)


NEW_NORMAL = quota(150, percent=Decimal(50))
FRIDAY = release(14, 16, kind="weekly", weekday=5, closes_after_days=2)
MONDAY = date(2026, 11, 30)


def office(zone: str = "Asia/Jakarta", **changes: object) -> OfficeRules:
    values = {"hours": WEEK, "policies": (NEW_NORMAL,), "releases": (FRIDAY,), **changes}
    return OfficeRules(zone, **values)


def test_half_of_150_is_75_opened_on_friday_at_14() -> None:
    for zone, hour in (("Asia/Jakarta", 7), ("Asia/Makassar", 6), ("Asia/Jayapura", 5)):
        lane = plan_day(office(zone), MONDAY).lane("online", 1)
        assert lane is not None
        assert lane.places == 75
        assert [slot.places for slot in lane.slots] == [13, 13, 13, 12, 12, 12]
        assert lane.opens_at == datetime(2026, 11, 27, hour, tzinfo=UTC)
        assert lane.closes_at == datetime(2026, 11, 29, hour + 2, tzinfo=UTC)
        assert (lane.window_first_day, lane.window_last_day) == (MONDAY, date(2026, 12, 4))


def test_a_half_hour_gets_half_the_places() -> None:
    friday = Hours(5, ((time(8), time(11, 30)), (time(13), time(15))), FIRST)
    lane = plan_day(office(hours=(friday,)), date(2026, 12, 4)).lane("online", 1)
    assert lane is not None
    assert [slot.places for slot in lane.slots] == [14, 14, 14, 7, 13, 13]


def test_limits_apply_and_places_are_rounded_down() -> None:
    assert day_total(quota(100, percent=Decimal("33.33"))) == 33
    assert day_total(quota(200, cap=150)) == 150


def test_office_rules_override_region_and_nation() -> None:
    nation, region = quota(30, office=None), quota(20, office=None, region=1)
    own = quota(10, valid_until=MONDAY)
    rules = office(policies=(nation, region, own))
    assert [plan_day(rules, day).lanes[0].places for day in (MONDAY, date(2026, 12, 1))] == [10, 20]


def test_a_group_rule_overrides_one_for_all() -> None:
    own = release(8, 16, kind="daily", id=2, group=1, days_ahead=3, closes_before_days=1)
    assert plan_day(office(releases=(FRIDAY, own)), MONDAY).lanes[0].rule_id == 2


def test_a_midweek_rule_splits_the_week_into_two_windows() -> None:
    old = release(
        14, 16, kind="weekly", id=1, weekday=5, closes_after_days=2, valid_until=date(2026, 12, 1)
    )
    new = release(
        8, 16, kind="weekly", id=2, valid_from=date(2026, 12, 2), weekday=4, closes_after_days=2
    )
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    windows = plan_windows(office(releases=(old, new)), today=now.date(), now=now)
    week = [row for row in windows if MONDAY <= row.first_day <= date(2026, 12, 4)]
    assert [(row.rule_id, row.first_day.day, row.last_day.day) for row in week] == [
        (2, 2, 4),
        (1, 30, 1),
    ]


def test_a_rule_that_opens_too_late_opens_nothing() -> None:
    late = release(14, 16, kind="weekly", weekday=5, weeks_ahead=0, closes_after_days=2)
    assert plan_day(office(releases=(late,)), MONDAY).why_none("online", 1).code == "no_release"
    shut = release(8, 7, kind="daily", days_ahead=0, closes_before_days=0)
    assert plan_day(office(releases=(shut,)), MONDAY).why_none("online", 1).code == "no_release"


def test_windows_are_prepared_28_days_and_three_openings_ahead() -> None:
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    weekly = plan_windows(office(), today=now.date(), now=now)
    assert [row.opens_at.date().day for row in weekly] == [20, 27, 4, 11, 18]
    sparse = OfficeRules(
        "Asia/Jakarta",
        hours=WEEK,
        policies=(NEW_NORMAL,),
        releases=(FRIDAY,),
        holidays={MONDAY + timedelta(days=step): DayOff("Libur panjang") for step in range(28)},
    )
    coming = [row for row in plan_windows(sparse, today=now.date(), now=now) if row.opens_at > now]
    assert len(coming) == 3
    assert coming[-1].opens_at > now + timedelta(days=28)
