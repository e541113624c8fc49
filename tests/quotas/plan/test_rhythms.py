"""Every release rhythm: monthly, twice a month, in tranches; and impossible rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offices.hours.models import Holiday
from quotas.places.models import Place, ReleaseWindow
from quotas.plan.days import plan_day
from quotas.plan.decrees import QuotaDecree, ReleaseDecree
from quotas.plan.faults import faults_of
from quotas.plan.rows import DayOff, Hours, OfficeRules
from quotas.plan.shares import deal, spread, tranche_sizes
from quotas.plan.windows import plan_windows
from quotas.policies.models import ReleaseRule
from quotas.windows.services import prepare_windows
from tests.builders import NOW, make_lane, make_office, make_policy

FIRST = date(2026, 1, 1)
WEEK = tuple(Hours(day, ((time(8), time(12)), (time(13), time(15))), FIRST) for day in range(1, 6))
QUOTA = QuotaDecree(
    office=1, lane="online", group=1, base=75, valid_from=FIRST, instrument="SK uji"
)
KARAWANG = ((Decimal(10), 3), (Decimal(30), 2), (Decimal(60), 0))


def monthly(*days: int, **changes: object) -> ReleaseDecree:
    values: dict[str, object] = {"closes_before_days": 1, "instrument": "SK uji", **changes}
    return ReleaseDecree(
        office=1,
        lane="online",
        opens_time=time(9),
        closes_time=time(16),
        valid_from=FIRST,
        kind="monthly",
        month_days=days,
        **values,
    )


def office(release: ReleaseDecree, **changes: object) -> OfficeRules:
    values = {"hours": WEEK, "policies": (QUOTA,), "releases": (release,), **changes}
    return OfficeRules("Asia/Jakarta", **values)


def test_the_last_working_day_opens_the_next_month() -> None:
    rules = office(monthly(-1, counts_working_days=True))
    for day in (date(2026, 12, 1), date(2026, 12, 31)):
        lane = plan_day(rules, day).lane("online", 1)
        assert lane is not None
        assert lane.opens_at == datetime(2026, 11, 30, 2, tzinfo=UTC)
        assert (lane.window_first_day, lane.window_last_day) == (
            date(2026, 12, 1),
            date(2026, 12, 31),
        )


def test_a_holiday_moves_the_last_working_day_back() -> None:
    rules = office(
        monthly(-1, counts_working_days=True), holidays={date(2026, 11, 30): DayOff("Pemilu")}
    )
    lane = plan_day(rules, date(2026, 12, 1)).lane("online", 1)
    assert lane is not None
    assert lane.opens_at == datetime(2026, 11, 27, 2, tzinfo=UTC)


def test_twice_a_month_openings_work_across_the_year_end() -> None:
    rules = office(monthly(1, 16))
    now = datetime(2026, 11, 23, 3, tzinfo=UTC)
    windows = plan_windows(rules, today=now.date(), now=now)
    marks = [(row.opens_at.date(), row.first_day, row.last_day) for row in windows]
    assert (date(2026, 12, 1), date(2027, 1, 1), date(2027, 1, 15)) in marks
    assert (date(2026, 12, 16), date(2027, 1, 16), date(2027, 1, 31)) in marks
    assert len([row for row in windows if row.opens_at > now]) >= 3


def test_tranches_together_open_the_whole_day() -> None:
    rules = office(monthly(1, closes_before_days=0, tranches=KARAWANG))
    day = date(2026, 12, 15)
    parts = plan_day(rules, day).lanes
    assert [(part.tranche, part.places, part.opens_at.date()) for part in parts] == [
        (1, 7, date(2026, 9, 1)),
        (2, 22, date(2026, 10, 1)),
        (3, 46, date(2026, 12, 1)),
    ]
    whole = plan_day(rules, day).lane("online", 1)
    assert whole is not None
    assert [slot.places for slot in whole.slots] == spread(75, [60] * 6)


@given(st.integers(0, 400), st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_tranches_are_rounded_down_except_the_last(total: int, weights: list[int]) -> None:
    percents = [Decimal(weight * 100) / sum(weights) for weight in weights]
    sizes = tranche_sizes(total, percents)
    assert sum(sizes) == total
    assert sizes[:-1] == [int(total * percent // 100) for percent in percents[:-1]]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=10), st.data())
def test_dealing_gives_each_slot_its_exact_places(counts: list[int], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, sum(counts)))
    dealt = deal(counts, [cut, sum(counts) - cut])
    assert [a + b for a, b in zip(*dealt, strict=True)] == counts
    assert [sum(mine) for mine in dealt] == [cut, sum(counts) - cut]


def codes(release: ReleaseDecree) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in faults_of(release)]


@pytest.mark.parametrize(
    ("release", "field", "code"),
    [
        (monthly(31), "month_days", "february"),
        (monthly(-29), "month_days", "no_such_day"),
        (monthly(20, counts_working_days=True), "month_days", "no_such_day"),
        (monthly(16, 1), "month_days", "month_days_in_order"),
        (monthly(10, months_ahead=0), "opens_time", "opens_too_late"),
        (monthly(1, instrument=" "), "instrument", "no_instrument"),
        (monthly(1, valid_until=FIRST - timedelta(days=1)), "valid_until", "ends_before_it_begins"),
        (monthly(1, closes_after_days=2), "closes_after_days", "closes_one_way"),
        (
            monthly(1, tranches=((Decimal(60), 2), (Decimal(50), 1))),
            "tranches",
            "tranche_sum",
        ),
        (
            monthly(1, tranches=((Decimal(-10), 2), (Decimal(110), 1))),
            "tranches",
            "tranche_percent",
        ),
        (
            monthly(1, tranches=((Decimal(40), 1), (Decimal(60), 2))),
            "tranches",
            "tranche_order",
        ),
    ],
)
def test_an_impossible_rule_names_its_field(release: ReleaseDecree, field: str, code: str) -> None:
    assert (field, code) in codes(release)


def test_a_possible_rule_has_no_faults() -> None:
    assert codes(monthly(-1, counts_working_days=True)) == []
    assert codes(monthly(1, closes_before_days=0, tranches=KARAWANG)) == []
    assert faults_of(QUOTA) == []


def test_a_negative_percentage_is_a_fault() -> None:
    quota = replace(QUOTA, percent=Decimal(-1))
    assert [fault.code for fault in faults_of(quota)] == ["percent"]


# --- In the database ----------------------------------------------------------------------------


def make_tranches(now: datetime = NOW, **changes: object) -> ReleaseWindow:
    """A week's days open half two weeks before, half one week before, on Friday at 14.00."""
    place = make_office()
    make_policy(place, places=75)
    ReleaseRule.objects.create(
        office=place,
        lane=make_lane(),
        kind="weekly",
        weekday=5,
        opens_time=time(14),
        closes_before_days=1,
        closes_time=time(16),
        valid_from=FIRST,
        instrument="SK uji",
        tranches=[["40", 2], ["60", 1]],
    )
    prepare_windows(office_id=place.pk, now=now)
    return ReleaseWindow.objects.get(office=place, first_day=date(2026, 12, 7), tranche=1)


@pytest.mark.django_db
def test_each_tranche_has_its_own_window_and_places() -> None:
    first = make_tranches()
    rows = ReleaseWindow.objects.filter(office=first.office, first_day=first.first_day)
    assert [(row.tranche, row.places.count()) for row in rows.order_by("tranche")] == [
        (1, 5 * 30),
        (2, 5 * 45),
    ]
    day = Place.objects.offered().filter(slot__day=date(2026, 12, 8))
    assert day.count() == 75


@pytest.mark.django_db
def test_an_open_tranche_leaves_later_ones_their_share() -> None:
    first = make_tranches()
    later = first.opens_at + timedelta(hours=1)
    assert prepare_windows(office_id=first.office_id, now=later).inserted >= 0
    assert Place.objects.offered().filter(slot__day=date(2026, 12, 8)).count() == 75
    fresh = make_tranches(now=later + timedelta(days=1))
    assert (
        Place.objects.offered()
        .filter(slot__office=fresh.office, slot__day=date(2026, 12, 8))
        .count()
        == 75
    )


@pytest.mark.django_db
def test_late_joint_leave_removes_a_day_and_moves_an_opening() -> None:
    place = make_office()
    make_policy(place, places=10)
    ReleaseRule.objects.create(
        office=place,
        lane=make_lane(),
        kind="monthly",
        month_days=[-1],
        counts_working_days=True,
        opens_time=time(9),
        closes_before_days=1,
        closes_time=time(16),
        valid_from=FIRST,
        instrument="SK uji",
    )
    prepare_windows(office_id=place.pk, now=NOW)
    window = ReleaseWindow.objects.get(office=place, first_day=date(2027, 1, 1))
    assert window.opens_at == datetime(2026, 12, 31, 2, tzinfo=UTC)
    Holiday.objects.create(day=date(2026, 12, 31), name="Cuti bersama", kind="cuti_bersama")
    prepare_windows(office_id=place.pk, now=NOW + timedelta(hours=1))
    window.refresh_from_db()
    assert window.opens_at == datetime(2026, 12, 30, 2, tzinfo=UTC)
    assert set(window.places.values_list("opens_at", flat=True)) == {window.opens_at}
    assert not Place.objects.offered().filter(slot__office=place, slot__day=date(2026, 12, 31))
