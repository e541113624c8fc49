"""Changed opening hours: the people of the lost hours are moved, the others stay."""

from datetime import date, time
from typing import Any

import pytest
from django.urls import reverse

from booking.bookings.models import Booking
from booking.closures.tasks import move_displaced
from booking.holidays.opening_hours import HoursData, change_hours, preview_hours
from core.errors import InvalidInput, NotAllowed
from offices.closures.models import Closure
from offices.hours.models import OpeningHours
from offices.hours.selectors import opening_hours_on
from offices.staff.models import Role
from tests.builders import INSTRUMENT, NOW, make_booking, make_officer
from tests.counters.world import DAY, World

pytestmark = pytest.mark.django_db


def data_for(**changes: Any) -> HoursData:
    values = {
        "weekdays": (DAY.isoweekday(),),
        "opens": time(9),
        "closes": time(15),
        "valid_from": DAY,
        "instrument": INSTRUMENT,
    }
    return HoursData(**(values | changes))


@pytest.fixture
def early(world: World) -> Booking:
    return world.book(8)


def test_only_the_people_of_the_lost_hours_are_moved(
    world: World, early: Booking, set_clock: Any
) -> None:
    late = make_booking(world.slot(10))
    rows = preview_hours(office=world.office, data=data_for(), now=NOW)
    assert [(day, preview.people) for day, preview in rows if preview.people] == [(DAY, 1)]
    for _twice in range(2):
        change_hours(office_id=world.office.pk, data=data_for(), by=world.supervisor, now=NOW)
    set_clock(NOW)
    move_displaced()
    early.refresh_from_db()
    late.refresh_from_db()
    assert early.slot == world.slot(9)
    assert late.slot == world.slot(10)
    hours = opening_hours_on(world.office, DAY)
    assert hours is not None
    assert hours.opens == time(9)
    assert OpeningHours.objects.filter(office=world.office, valid_from=DAY).count() == 1
    assert Closure.objects.filter(office=world.office, first_day=DAY).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"closes": time(8)}, "closes"),
        ({"valid_from": date(2026, 11, 23)}, "valid_from"),
        ({"valid_from": date(9999, 12, 31)}, "valid_from"),
        ({"valid_until": date(2026, 11, 25)}, "valid_until"),
        ({"instrument": " "}, "instrument"),
    ],
)
def test_impossible_hours_are_refused(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        preview_hours(office=world.office, data=data_for(**changes), now=NOW)
    assert set(refusal.value.fields) == {field}


def test_only_the_supervisor_changes_hours(world: World) -> None:
    for by in (world.gate, make_officer(None, Role.REGIONAL, region=world.office.region)):
        with pytest.raises(NotAllowed):
            change_hours(office_id=world.office.pk, data=data_for(), by=by, now=NOW)


def test_the_screen_shows_the_effect_before_the_change(
    world: World, early: Booking, client: Any, set_clock: Any
) -> None:
    set_clock(NOW)
    client.force_login(world.supervisor)
    url = reverse("holidays:hours")
    form = {
        "weekdays": [DAY.isoweekday()],
        "opens": "09:00",
        "closes": "15:00",
        "valid_from": DAY.isoformat(),
        "instrument": INSTRUMENT,
    }
    assert "1 orang sudah punya jadwal" in client.post(url, form).content.decode()
    assert not Closure.objects.exists()
    assert client.post(url, form | {"apply": ""}).status_code == 302
    assert Closure.objects.filter(reason="Jam buka berubah").exists()
    assert client.post(url, {"opens": "x"}).status_code == 400
    assert early.slot.day == DAY
