"""The preview counts as the windows will: frozen places, moved openings, every lane, later decrees, cautions."""

import time as clock_time
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.errors import InvalidInput
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import Place
from quotas.plan.decrees import QuotaDecree, ReleaseDecree
from quotas.policies.errors import ConfirmationNeeded
from quotas.policies.models import NoticeRule, RuleChange
from quotas.rules.services import apply_decree, preview_decree
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_group,
    make_lane,
    make_office,
    make_officer,
    make_policy,
    make_weekly_release,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
WEEK = date(2026, 12, 7)
FRIDAY_14 = NOW.replace(hour=7) + timedelta(days=4)


def quota(office: Office, **changes: Any) -> QuotaDecree:
    values: dict[str, Any] = {
        "lane": "online",
        "group": make_group().pk,
        "base": 75,
        "valid_from": WEEK,
        "instrument": "SK 12/2026",
    }
    return QuotaDecree(office=office.pk, **{**values, **changes})


def release(office: Office, **changes: Any) -> ReleaseDecree:
    values: dict[str, Any] = {
        "lane": "online",
        "kind": "weekly",
        "weekday": 5,
        "opens_time": time(14),
        "closes_time": time(16),
        "closes_after_days": 2,
        "valid_from": WEEK,
        "instrument": "SK 13/2026",
    }
    return ReleaseDecree(office=office.pk, **{**values, **changes})


def places_on(office: Office, day: date) -> int:
    return Place.objects.offered().filter(slot__office=office, slot__day=day).count()


def supervisor(office: Office) -> Any:
    return make_officer(office, Role.SUPERVISOR)


@pytest.fixture
def office() -> Office:
    office = make_office()
    make_policy(office, places=75)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def test_the_preview_of_a_day_opened_in_tranches_is_what_applying_does(office: Office) -> None:
    """Ten percent are open already and stay; the rest follows the new quota."""
    rhythm = release(
        office, tranches=((Decimal(10), 3), (Decimal(90), 1)), weekday=1, opens_time=time(8)
    )
    apply_decree(rhythm, by=supervisor(office), now=NOW, confirmed=tokens(rhythm))
    new = quota(office, base=40)
    [lane] = preview_decree(new, now=NOW).lanes
    first = next(day for day in lane.days if day.day == WEEK)
    assert (first.before, first.frozen, first.is_partly_frozen) == (75, 7, True)
    apply_decree(new, by=supervisor(office), now=NOW)
    assert {day.day: day.after for day in lane.days if day.day < WEEK + timedelta(days=5)} == {
        day.day: places_on(office, day.day)
        for day in lane.days
        if day.day < WEEK + timedelta(days=5)
    }


def tokens(decree: Any) -> list[str]:
    return [row.token for row in preview_decree(decree, now=NOW).cautions]


def test_a_new_rule_leaves_the_days_of_a_frozen_window_to_it(office: Office) -> None:
    later = FRIDAY_14 + timedelta(hours=1)
    middle = date(2026, 12, 2)
    [lane] = preview_decree(release(office, valid_from=middle, weekday=1), now=later).lanes
    days = {day.day: day for day in lane.days}
    assert (days[middle].before, days[middle].after, days[middle].is_changed) == (75, 75, False)


def test_the_moment_of_an_opening_counts_as_a_change(office: Office) -> None:
    preview = preview_decree(release(office, opens_time=time(9)), now=NOW)
    [lane] = preview.lanes
    assert (preview.before, preview.after) == (lane.before, lane.before)
    assert preview.changed == len([day for day in lane.days if day.day >= WEEK])
    assert lane.openings[0].after == lane.openings[0].before


def test_every_group_that_the_rule_decides_is_named(office: Office) -> None:
    make_policy(office, places=10, group="foreigners")
    preview = preview_decree(release(office, opens_time=time(9)), now=NOW)
    assert [lane.group.code for lane in preview.lanes] == ["citizens", "foreigners"]


def test_a_later_decree_that_ends_the_new_one_is_shown(office: Office) -> None:
    apply_decree(
        quota(office, base=60, valid_from=WEEK + timedelta(days=14), instrument="SK 99/2026"),
        by=supervisor(office),
        now=NOW,
    )
    preview = preview_decree(quota(office, base=50), now=NOW)
    assert (preview.last_day, preview.ended_by) == (WEEK + timedelta(days=13), "SK 99/2026")
    assert preview_decree(quota(office, valid_from=date(2027, 3, 1)), now=NOW).last_day is None


# --- Second confirmations -------------------------------------------------------------------------


def test_an_opening_in_the_past_is_refused_until_it_is_confirmed() -> None:
    office = make_office()
    make_daily_release(office)
    new = quota(office, valid_from=TODAY + timedelta(days=1), base=30)
    caution, soon = preview_decree(new, now=NOW).cautions
    assert (caution.code, dict(caution.values)) == ("opens_at_once", {"places": 300})
    assert soon.code == "short_notice"
    with pytest.raises(ConfirmationNeeded) as refused:
        apply_decree(new, by=supervisor(office), now=NOW)
    assert refused.value.tokens == (caution.token, soon.token)
    assert not Place.objects.filter(slot__office=office).exists()
    apply_decree(new, by=supervisor(office), now=NOW, confirmed=[caution.token, soon.token])
    open_now = Place.objects.filter(slot__office=office, opens_at__lte=NOW, closes_at__gt=NOW)
    assert open_now.count() == 300


def test_what_was_confirmed_is_what_is_saved(office: Office) -> None:
    """The token holds the numbers: with another number the confirmation does not count."""
    make_counters_of(office)
    small, large = quota(office, base=800), quota(office, base=900)
    confirmed = tokens(small)
    with pytest.raises(ConfirmationNeeded):
        apply_decree(large, by=supervisor(office), now=NOW, confirmed=confirmed)
    apply_decree(small, by=supervisor(office), now=NOW, confirmed=confirmed)
    assert RuleChange.objects.get().after["base"] == 800


def make_counters_of(office: Office) -> None:
    """One officer at the office's counters."""
    make_officer(office, Role.COUNTER)


def test_more_places_than_the_counters_can_serve_need_a_confirmation(office: Office) -> None:
    make_counters_of(office)
    [caution] = preview_decree(quota(office, base=90), now=NOW).cautions
    values = dict(caution.values)
    assert caution.code == "above_capacity"
    assert values["needed"] == 90 > values["capacity"] > 0
    assert preview_decree(quota(office, base=5), now=NOW).cautions == []


def test_ten_times_the_usual_needs_a_confirmation(office: Office) -> None:
    [caution] = preview_decree(quota(office, base=750), now=NOW).cautions
    assert caution.code == "ten_times"
    assert (dict(caution.values)["usual"], dict(caution.values)["after"]) == (75, 750)
    assert preview_decree(quota(office, base=749), now=NOW).cautions == []


def test_an_opening_within_the_least_notice_needs_a_confirmation(office: Office) -> None:
    soon = ReleaseDecree(
        office=office.pk,
        lane="online",
        kind="daily",
        days_ahead=14,
        opens_time=time(15),
        closes_time=time(16),
        closes_before_days=1,
        valid_from=WEEK,
        instrument="SK 13/2026",
    )
    assert [row.code for row in preview_decree(soon, now=NOW).cautions] == ["short_notice"]
    NoticeRule.objects.create(
        region=office.region, opening_hours=4, valid_from=TODAY, instrument="SK 1/2026"
    )
    assert preview_decree(soon, now=NOW).cautions == []


def test_remote_days_are_refused(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        preview_decree(quota(office, valid_from=date(2099, 12, 31)), now=NOW)
    assert list(refused.value.fields) == ["valid_from"]


def test_a_preview_is_quick_and_stays_within_its_weeks(office: Office) -> None:
    for number, lane in enumerate(("walk_in", "priority", "accelerated"), start=1):
        make_lane(lane)
        make_policy(office, lane=lane, places=10 * number)
        make_policy(office, lane=lane, places=5, group="foreigners")
        make_daily_release(office, lane=lane)
    started = clock_time.perf_counter()
    preview = preview_decree(release(office, valid_from=date(2028, 6, 1)), now=NOW)
    assert clock_time.perf_counter() - started < 2
    [lane] = preview.lanes
    assert (lane.days[-1].day - lane.days[0].day).days < 56
