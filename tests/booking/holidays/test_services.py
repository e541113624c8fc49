"""A holiday announced for a booked day: previewed, everybody moved and notified, nobody restricted."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from booking.bookings.models import Booking
from booking.closures.tasks import move_displaced
from booking.holidays.services import (
    HolidayData,
    announce_holiday,
    preview_holiday,
    withdraw_holiday,
)
from booking.restrictions.models import Restriction
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed
from counters.service.tasks import mark_no_shows
from notices.models import Message
from offices.closures.models import Closure
from offices.hours.models import Holiday
from offices.limits.models import NoShowRule
from offices.staff.models import Role
from ops.verification.services import verify
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_office,
    make_officer,
    make_open_office,
    make_open_slot,
)

pytestmark = pytest.mark.django_db
UNSENT = 9  # no worker runs here, so messages stay unsent
SetClock = Callable[[datetime], None]


@pytest.fixture
def office() -> Any:
    return make_open_office(places=20)


@pytest.fixture
def bookings(office: Any) -> list[Booking]:
    slot = make_open_slot(office=office)
    return [make_booking(slot) for _number in range(4)]


def data_for(day: date, **changes: Any) -> HolidayData:
    values = {"day": day, "name": "Cuti bersama Natal", "kind": "cuti_bersama"}
    return HolidayData(**(values | changes))


@pytest.fixture
def national(office: Any) -> Any:
    return make_officer(None, Role.NATIONAL)


def test_the_preview_counts_the_people_of_every_office(
    office: Any, bookings: list[Booking], national: Any
) -> None:
    other = make_open_office(places=20)
    make_booking(make_open_slot(office=other))
    day = bookings[0].slot.day
    rows = preview_holiday(data=data_for(day), by=national, now=NOW)
    assert [(row[0], row[1].people) for row in rows] == [(office, 4), (other, 1)]
    assert not Holiday.objects.filter(day=day).exists()


def test_everybody_is_moved_and_notified_and_nobody_restricted(
    office: Any, bookings: list[Booking], national: Any, set_clock: SetClock
) -> None:
    NoShowRule.objects.create(
        office=office,
        instrument=INSTRUMENT,
        no_shows=1,
        within_days=90,
        restricted_days=14,
        valid_from=SINCE,
    )
    day, ends_at = bookings[0].slot.day, bookings[0].slot.ends_at
    for _twice in range(2):
        announce_holiday(data=data_for(day), by=national, now=NOW)
    assert Holiday.objects.filter(day=day, office=None).count() == 1
    assert Closure.objects.filter(office=office).count() == 1
    set_clock(NOW)
    move_displaced()
    assert {row.status for row in Booking.objects.all()} == {Status.BOOKED}
    assert not Booking.objects.filter(slot__day=day).exists()
    assert Message.objects.filter(kind="booking_moved").count() == 4
    set_clock(ends_at + timedelta(hours=10))
    mark_no_shows()
    assert not Restriction.objects.exists()
    findings = verify(now=NOW + timedelta(minutes=1))
    assert [row for row in findings if row.breaches and row.law != UNSENT] == []


def test_the_scope_needs_its_own_right(office: Any, bookings: list[Booking]) -> None:
    day = bookings[0].slot.day
    supervisor = make_officer(office, Role.SUPERVISOR)
    regional = make_officer(None, Role.REGIONAL, region=office.region)
    announce_holiday(data=data_for(day + timedelta(days=1), office=office), by=supervisor, now=NOW)
    for by, scope in (
        (supervisor, {}),
        (supervisor, {"region": office.region}),
        (regional, {}),
        (make_officer(office, Role.GATE), {"office": office}),
    ):
        with pytest.raises(NotAllowed):
            announce_holiday(data=data_for(day, **scope), by=by, now=NOW)
    announce_holiday(data=data_for(day, region=office.region), by=regional, now=NOW)
    assert Holiday.objects.filter(day=day, office=office).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": date(2026, 11, 1)}, "day"),
        ({"day": date(9999, 12, 31)}, "day"),
        ({"name": " "}, "name"),
        ({"kind": "x"}, "kind"),
    ],
)
def test_impossible_holidays_are_refused(
    office: Any, national: Any, changes: dict[str, Any], field: str
) -> None:
    values: dict[str, Any] = {"day": date(2026, 12, 24)} | changes
    with pytest.raises(InvalidInput) as refusal:
        announce_holiday(data=data_for(values.pop("day"), **values), by=national, now=NOW)
    assert set(refusal.value.fields) == {field}


def test_a_withdrawn_holiday_reopens_the_day(
    office: Any, bookings: list[Booking], national: Any
) -> None:
    day = bookings[0].slot.day
    [holiday] = announce_holiday(data=data_for(day), by=national, now=NOW)
    withdraw_holiday(holiday_id=holiday.pk, by=national, now=NOW + timedelta(minutes=1))
    assert not Holiday.objects.filter(day=day).exists()
    assert Closure.objects.get().lifted_at is not None


def test_the_officer_sees_the_effect_before_announcing(
    office: Any, bookings: list[Booking], national: Any, client: Any, set_clock: SetClock
) -> None:
    set_clock(NOW)
    client.force_login(national)
    url = reverse("holidays:holiday_new") + f"?office={office.code}"
    form = {
        "scope": "nation",
        "day": bookings[0].slot.day.isoformat(),
        "name": "Cuti bersama Natal",
        "kind": "cuti_bersama",
    }
    preview = client.post(url, form).content.decode()
    assert "4 orang sudah punya jadwal" in preview
    assert not Holiday.objects.filter(day=bookings[0].slot.day).exists()
    assert client.post(url, form | {"apply": ""}).status_code == 302
    holiday = Holiday.objects.get(day=bookings[0].slot.day)
    assert holiday.name in client.get(reverse("holidays:holidays")).content.decode()
    withdraw = reverse("holidays:holiday_withdraw", args=[holiday.pk])
    assert client.post(withdraw).status_code == 302
    assert not Holiday.objects.filter(pk=holiday.pk).exists()


def test_the_stock_form_of_holidays_is_read_only(client: Any, national: Any) -> None:
    client.force_login(national)
    assert client.get("/admin/offices/holiday/").status_code == 200
    assert client.get("/admin/offices/holiday/add/").status_code == 403
    make_office()
