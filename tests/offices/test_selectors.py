"""Roles of the day, and the rules in force."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from core.errors import NotAllowed, NotFound
from offices.directory import selectors as directory_selectors
from offices.directory.models import Region
from offices.hours import selectors as hours_selectors
from offices.hours import services
from offices.hours.models import AdmissionRule, Attendance, Holiday
from offices.permissions import Right, check_right, has_right, offices_with, workplace
from offices.staff import selectors as staff_selectors
from offices.staff.models import Role, StaffRole
from tests.builders import INSTRUMENT, NOW, SINCE, make_office, make_officer, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def test_officers_work_at_their_own_office_only() -> None:
    here, there = make_office(), make_office()
    officer = make_officer(here, Role.COUNTER)
    assert has_right(officer, Right.SERVE_COUNTER, office=here, now=NOW)
    assert not has_right(officer, Right.SERVE_COUNTER, office=there, now=NOW)
    assert not has_right(officer, Right.HAND_OVER_PASSPORTS, office=here, now=NOW)
    with pytest.raises(NotAllowed):
        check_right(officer, Right.SERVE_COUNTER, office=there, now=NOW)


def test_regional_staff_read_their_region_and_national_staff_all() -> None:
    one, two, far = make_office(), make_office(), make_office(region="jauh")
    regional = make_officer(None, Role.REGIONAL, region=one.region)
    national = make_officer(None, Role.NATIONAL)
    chief = make_user(is_superuser=True, is_staff=True)
    assert set(offices_with(regional, Right.READ_REPORTS, now=NOW)) == {one, two}
    assert set(offices_with(national, Right.READ_REPORTS, now=NOW)) == {one, two, far}
    assert set(offices_with(chief, now=NOW)) == {one, two, far}
    assert not has_right(regional, Right.SERVE_COUNTER, office=one, now=NOW)


def test_applicants_and_disabled_accounts_have_no_rights() -> None:
    office = make_office()
    gone = make_officer(office, Role.SUPERVISOR)
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    for user in (make_user(), AnonymousUser(), gone):
        assert not any(has_right(user, right, office=office, now=NOW) for right in Right)
        assert not offices_with(user, *Right, now=NOW)


def test_a_role_is_valid_by_the_offices_calendar() -> None:
    """At 15.30 UTC it is still the 23rd in Jakarta and already the 24th in Jayapura."""
    late = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    west, east = make_office(), make_office(time_zone="Asia/Jayapura")
    for office, expected in ((west, True), (east, False)):
        officer = make_officer(office, Role.GATE)
        StaffRole.objects.filter(user=officer).update(valid_until=TODAY)
        assert has_right(officer, Right.SERVE_GATE, office=office, now=late) is expected
        result = workplace(officer, Right.SERVE_GATE, now=late)
        assert result == (office if expected else None)


def test_the_newest_role_determines_the_workplace() -> None:
    old, new = make_office(), make_office()
    officer = make_officer(old, Role.COUNTER)
    StaffRole.objects.create(user=officer, role=Role.COUNTER, office=new, valid_from=TODAY)
    assert workplace(officer, Right.SERVE_COUNTER, now=NOW) == new
    assert workplace(officer, Right.SERVE_COUNTER, now=NOW - timedelta(days=2)) == old


def test_a_role_needs_its_scope() -> None:
    office = make_office()
    for role, scope in (
        (Role.COUNTER, {}),
        (Role.NATIONAL, {"office": office}),
        (Role.REGIONAL, {}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffRole.objects.create(user=make_user(), role=role, valid_from=SINCE, **scope)


def test_an_unknown_office_is_unknown() -> None:
    with pytest.raises(NotFound):
        directory_selectors.get_office("lain")


def test_the_rule_in_force_on_the_day_applies() -> None:
    office = make_office()
    AdmissionRule.objects.filter(office=office).update(valid_until=TODAY)
    AdmissionRule.objects.create(
        office=office,
        admits_walk_ins=False,
        admits_companions=False,
        valid_from=TODAY + timedelta(days=1),
        instrument=INSTRUMENT,
    )
    today, tomorrow = (
        hours_selectors.admission_on(office, TODAY + timedelta(days=n)) for n in (0, 1)
    )
    assert today is not None
    assert tomorrow is not None
    assert (today.admits_walk_ins, tomorrow.admits_walk_ins) == (True, False)
    assert hours_selectors.attendance_on(office, TODAY) == 100
    Attendance.objects.create(office=office, percent=50, valid_from=TODAY, instrument=INSTRUMENT)
    assert hours_selectors.attendance_on(office, TODAY) == 50


def test_rows_for_the_same_thing_never_overlap() -> None:
    office = make_office()
    with pytest.raises(IntegrityError), transaction.atomic():
        AdmissionRule.objects.create(
            office=office,
            admits_walk_ins=False,
            admits_companions=False,
            valid_from=TODAY,
            instrument=INSTRUMENT,
        )


def test_working_days_exclude_weekends_holidays_and_joint_leave() -> None:
    office = make_office()
    services.seed_holidays(years=[2026])
    # Thursday 24 is cuti bersama, Friday 25 is Christmas.
    assert hours_selectors.add_working_days(office, date(2026, 12, 22), 4) == date(2026, 12, 30)
    assert hours_selectors.add_working_days(office, date(2026, 11, 23), 4) == date(2026, 11, 27)
    assert hours_selectors.add_working_days(office, date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert hours_selectors.add_working_days(office, date(2026, 11, 28), 0) == date(2026, 11, 28)


def test_an_offices_own_holiday_applies_to_it_only() -> None:
    here, there = make_office(), make_office()
    Holiday.objects.create(office=here, day=TODAY, name="Hari jadi kota", kind="local")
    assert str(hours_selectors.holiday_on(here, TODAY)) == "Hari jadi kota"
    assert hours_selectors.holiday_on(there, TODAY) is None
    assert hours_selectors.add_working_days(here, date(2026, 11, 20), 1) == date(2026, 11, 24)


def test_hours_and_breaks_depend_on_the_weekday() -> None:
    office = make_office()
    hours = hours_selectors.opening_hours_on(office, TODAY)
    assert hours is not None
    assert hours.break_names() == [("12:00", "13:00", "Istirahat")]
    assert len(hours.spans()) == 2
    assert hours_selectors.opening_hours_on(office, date(2026, 11, 28)) is None


def test_seeding_holidays_twice_adds_nothing() -> None:
    assert services.seed_holidays(years=[2026, 2027]) > 40
    assert services.seed_holidays(years=[2026, 2027]) == 0
    assert Holiday.objects.filter(name_en="").count() == 0


def test_a_new_year_adds_holidays_but_not_deleted_ones() -> None:
    assert services.ensure_holidays(now=NOW) > 80
    Holiday.objects.filter(day=date(2026, 12, 24)).delete()
    assert services.ensure_holidays(now=NOW) == 0
    next_year = services.ensure_holidays(now=NOW + timedelta(days=365))
    assert 10 < next_year < 30
    assert Holiday.objects.filter(day__year=2029).count() == next_year
    assert not Holiday.objects.filter(day=date(2026, 12, 24)).exists()


def test_office_staff_are_those_with_a_role_today() -> None:
    office = make_office()
    chief = make_officer(office, Role.SUPERVISOR)
    former = make_officer(office, Role.SUPERVISOR)
    StaffRole.objects.filter(user=former).update(valid_until=TODAY - timedelta(days=1))
    assert staff_selectors.staff_of(office, role=Role.SUPERVISOR, day=TODAY) == [chief]
    assert Region.objects.count() == 1
