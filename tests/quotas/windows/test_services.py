"""Preparing windows: once, following the rules until frozen, never withdrawing a held place."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from offices.directory.models import Office
from offices.hours.models import Holiday
from offices.staff.models import Role
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.places.services import take_places
from quotas.policies.models import QuotaPolicy, ReleaseRule
from quotas.windows import tasks
from quotas.windows.openings import open_due_windows
from quotas.windows.services import Prepared, prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_office,
    make_officer,
    make_open_office,
    make_policy,
    make_weekly_release,
)
from tests.killed_workers import kill_in_the_middle
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
FRIDAY_14 = NOW.replace(hour=7) + timedelta(days=4)  # 27 November, 14.00 WIB
WEEK = date(2026, 11, 30)


def make_weekly_office(places: int = 75) -> Office:
    office = make_office()
    make_policy(office, places=places)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def day_places(office: Office, day: date) -> int:
    return Place.objects.offered().filter(slot__office=office, slot__day=day).count()


def test_a_week_opens_on_friday_with_every_days_places() -> None:
    office = make_weekly_office()
    window = ReleaseWindow.objects.get(office=office, first_day=WEEK)
    assert window.opens_at == FRIDAY_14
    assert window.closes_at == FRIDAY_14 + timedelta(days=2, hours=2)
    assert window.last_day == date(2026, 12, 4)
    assert Place.objects.filter(window=window).count() == 375
    assert {day_places(office, WEEK + timedelta(days=step)) for step in range(5)} == {75}


def test_a_window_records_its_rules() -> None:
    office = make_weekly_office()
    window = ReleaseWindow.objects.filter(office=office)[0]
    assert {row["kind"] for row in window.sources} == {"release_rule", "quota_policy"}
    assert {row["instrument"] for row in window.sources} == {"SK uji"}


def test_at_first_load_past_openings_are_open() -> None:
    office = make_open_office()
    tomorrow = NOW.date() + timedelta(days=1)
    place = Place.objects.filter(slot__office=office, slot__day=tomorrow, slot__lane="online")[0]
    assert place.opens_at < NOW < place.closes_at


def test_preparing_again_changes_nothing() -> None:
    office = make_weekly_office()
    assert prepare_windows(office_id=office.pk, now=NOW) == Prepared()
    assert prepare_windows(office_id=office.pk, now=NOW + timedelta(hours=1)) == Prepared()


def test_a_holiday_has_no_places() -> None:
    Holiday.objects.create(day=WEEK, name="Hari Raya Natal", kind="national")
    office = make_weekly_office()
    assert day_places(office, WEEK) == 0
    assert day_places(office, WEEK + timedelta(days=1)) == 75


def test_a_changed_quota_withdraws_or_adds_places() -> None:
    office = make_weekly_office()
    QuotaPolicy.objects.filter(office=office).update(percent=Decimal(50))
    done = prepare_windows(office_id=office.pk, now=NOW)
    assert (done.inserted, day_places(office, WEEK)) == (0, 37)
    rows = Place.objects.filter(slot__office=office, slot__day=WEEK)
    assert rows.count() == 75
    QuotaPolicy.objects.filter(office=office).update(percent=Decimal(200))
    prepare_windows(office_id=office.pk, now=NOW)
    assert day_places(office, WEEK) == 150


def test_a_held_place_survives_rule_changes() -> None:
    office = make_weekly_office(places=6)
    slot = Slot.objects.filter(office=office, day=WEEK)[0]
    held = Place.objects.filter(slot=slot)[0]
    Place.objects.filter(pk=held.pk).update(holder=uuid4())
    QuotaPolicy.objects.filter(office=office).update(percent=Decimal(0))
    prepare_windows(office_id=office.pk, now=NOW)
    assert list(Place.objects.offered().filter(slot__office=office, slot__day=WEEK)) == [held]


def test_a_window_is_frozen_fifteen_minutes_before_opening() -> None:
    office = make_weekly_office()
    QuotaPolicy.objects.filter(office=office).update(percent=Decimal(50))
    prepare_windows(office_id=office.pk, now=FRIDAY_14 - timedelta(minutes=15))
    assert day_places(office, WEEK) == 75
    assert day_places(office, WEEK + timedelta(days=7)) == 37


def test_a_new_rule_moves_openings_that_are_not_frozen() -> None:
    office = make_weekly_office()
    ReleaseRule.objects.filter(office=office).update(weekday=4)
    prepare_windows(office_id=office.pk, now=NOW)
    window = ReleaseWindow.objects.get(office=office, first_day=WEEK)
    assert window.opens_at == FRIDAY_14 - timedelta(days=1)
    assert set(window.places.values_list("opens_at", flat=True)) == {window.opens_at}


def test_a_replaced_rule_never_doubles_places() -> None:
    """Before the old window freezes its free places are withdrawn; afterwards it keeps the days."""
    for now, owner in ((NOW, "new"), (FRIDAY_14, "old")):
        office = make_weekly_office()
        old = ReleaseRule.objects.get(office=office)
        old.valid_until = WEEK - timedelta(days=1)
        old.save(update_fields=["valid_until"])
        new = make_daily_release(office, days_ahead=3, valid_from=WEEK)
        prepare_windows(office_id=office.pk, now=now)
        places = Place.objects.offered().filter(slot__office=office, slot__day=WEEK)
        assert places.count() == 75
        assert set(places.values_list("window__rule_id", flat=True)) == {
            {"new": new.pk, "old": old.pk}[owner]
        }


def test_a_new_holiday_withdraws_free_places_despite_the_freeze() -> None:
    office = make_weekly_office(places=6)
    slot = Slot.objects.filter(office=office, day=WEEK)[0]
    with transaction.atomic():
        [held] = take_places(slot_id=slot.pk, holders=[uuid4()], now=FRIDAY_14)
    Holiday.objects.create(day=WEEK, name="Cuti bersama", kind="cuti_bersama")
    prepare_windows(office_id=office.pk, now=FRIDAY_14)
    rows = Place.objects.offered().filter(slot__office=office, slot__day=WEEK)
    assert list(rows.values_list("pk", flat=True)) == [held]


def test_a_clock_moved_back_withdraws_nothing() -> None:
    office = make_weekly_office()
    prepare_windows(office_id=office.pk, now=NOW + timedelta(days=30))
    done = prepare_windows(office_id=office.pk, now=NOW)
    assert done.withdrawn == 0


def test_a_clock_moved_back_completes_a_partial_week() -> None:
    office = make_office()
    make_policy(office)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=NOW + timedelta(days=3))
    monday = office.local_day(NOW)
    assert [day_places(office, monday + timedelta(days=step)) for step in range(5)] == [
        0,
        0,
        0,
        75,
        75,
    ]
    for _run in range(2):
        prepare_windows(office_id=office.pk, now=NOW)
    assert [day_places(office, monday + timedelta(days=step)) for step in range(5)] == [75] * 5


def test_three_concurrent_workers_create_one_window(run_together: Any) -> None:
    office = make_office()
    make_policy(office, places=12)
    make_weekly_release(office)
    outcomes = run_together([partial(prepare_windows, office_id=office.pk, now=NOW)] * 3)
    assert all(isinstance(outcome, Prepared) for outcome in outcomes), outcomes
    windows = ReleaseWindow.objects.filter(office=office)
    assert windows.count() == len({window.first_day for window in windows}) == 5
    assert sum(outcome.inserted for outcome in outcomes) == 5 * 60 - 0
    assert day_places(office, WEEK) == 12


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dies_in", ["_write_places", "insert_places"])
def test_another_worker_prepares_after_a_killed_one(
    dies_in: str,
) -> None:
    office = make_office()
    make_policy(office)
    make_weekly_release(office)
    kill_in_the_middle(
        module="quotas.windows.services",
        work=f"prepare_windows(office_id={office.pk}, now=datetime.fromisoformat('{NOW.isoformat()}'))",
        dies_in=dies_in,
        after=2,
    )
    made = ReleaseWindow.objects.filter(office=office)
    assert [Place.objects.filter(window=window).count() for window in made] == [375, 375]
    assert prepare_windows(office_id=office.pk, now=NOW).windows > 0
    assert {Place.objects.filter(window=window).count() for window in made.all()} == {375}
    assert prepare_windows(office_id=office.pk, now=NOW) == Prepared()


def test_the_database_refuses_duplicate_windows_and_places() -> None:
    office = make_weekly_office()
    for row in (ReleaseWindow.objects.filter(office=office)[0], Place.objects.all()[0]):
        row.pk = None
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_a_release_is_announced_once_to_each_supervisor() -> None:
    from notices.models import Message

    office = make_weekly_office()
    make_officer(office, Role.SUPERVISOR, email="pengawas@imigrasi.example")
    make_officer(office, Role.COUNTER)
    make_officer(make_office(), Role.SUPERVISOR)
    assert open_due_windows(now=FRIDAY_14 - timedelta(seconds=1)) == 1  # was open when prepared
    assert not Message.objects.exists()
    assert open_due_windows(now=FRIDAY_14) == 1
    assert open_due_windows(now=FRIDAY_14) == 0
    [message] = Message.objects.all()
    assert (message.kind, message.address) == ("window_opened", "pengawas@imigrasi.example")
    assert "375" in text_of(message)
    window = ReleaseWindow.objects.get(office=office, first_day=WEEK)
    assert window.announced_at == FRIDAY_14


def test_two_concurrent_openers_announce_once(run_together: Any) -> None:
    from notices.models import Message

    office = make_weekly_office()
    make_officer(office, Role.SUPERVISOR)
    outcomes = run_together([partial(open_due_windows, now=FRIDAY_14)] * 4)
    assert sum(outcomes) == 2
    assert Message.objects.count() == 1


def test_late_announcements_do_not_delay_the_opening() -> None:
    office = make_weekly_office()
    slot = Slot.objects.filter(office=office, day=WEEK)[0]
    with transaction.atomic():
        assert take_places(slot_id=slot.pk, holders=[uuid4()], now=FRIDAY_14)
    assert open_due_windows(now=FRIDAY_14 + timedelta(hours=1)) == 2


def test_beat_prepares_and_opens_every_office(
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(FRIDAY_14 - timedelta(days=3))
    office = make_office()
    make_policy(office)
    make_weekly_release(office)
    tasks.prepare_windows()
    assert Holiday.objects.filter(day=date(2026, 12, 25)).exists()
    set_clock(FRIDAY_14 + timedelta(seconds=2))
    tasks.open_due_windows()
    window = ReleaseWindow.objects.get(office=office, first_day=WEEK)
    assert window.announced_at is not None
