"""The accelerated same-day lane, booked online and at the desk."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.bookings.errors import AcceleratedClosed
from booking.bookings.models import Booking
from counters.walk_in.services import admit_at_desk
from offices.day_rules.models import DayRule
from ops.verification.services import verify
from quotas.places.errors import NotYetOpen, SlotFull
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows
from reports.load.highlights import came
from reports.load.selectors import daily_load
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_daily_release,
    make_policy,
    person_data,
)
from tests.counters.world import DAY, World, make_world

TWO_HOURS = [["08:00", "10:00"]]


@pytest.fixture
def fast(db: None, set_clock: Any) -> World:
    """The world with two accelerated places a day, before they are booked."""
    world = make_world()
    make_policy(world.office, places=2, lane="accelerated", valid_until=DAY, hours=TWO_HOURS)
    make_daily_release(world.office, days_ahead=0, lane="accelerated")
    prepare_windows(office_id=world.office.pk, now=NOW)
    set_clock(world.at(7, 30))
    return world


def slot_of(world: World, **fields: Any) -> Slot:
    return Slot.objects.filter(office=world.office, lane="accelerated", day=DAY, **fields)[0]


def page(world: World) -> str:
    return Client().get(reverse("booking:office", args=[world.office.code])).content.decode()


def test_the_offices_page_offers_todays_hours(fast: World) -> None:
    html = page(fast)
    assert "Percepatan hari ini" in html
    assert "paspor siap hari ini mulai pukul 14.00" in html
    assert reverse("booking:book", args=[slot_of(fast).pk]) in html


def test_after_the_cut_off_no_hour_is_offered(fast: World, set_clock: Any) -> None:
    set_clock(fast.at(10))
    html = page(fast)
    assert "Untuk hari ini sudah ditutup" in html
    assert reverse("booking:book", args=[slot_of(fast).pk]) not in html


def test_it_is_booked_online_on_the_day_until_the_cut_off(fast: World) -> None:
    slot = slot_of(fast)
    with pytest.raises(NotYetOpen):
        make_booking(slot, now=fast.at(12, day=DAY - timedelta(days=1)))
    assert make_booking(slot, now=fast.at(8)).via == Booking.Via.FIRST_COME
    with pytest.raises(AcceleratedClosed):
        make_booking(slot, now=fast.at(10))


def test_the_cut_off_is_a_dated_rule(fast: World) -> None:
    DayRule.objects.create(
        office=fast.office,
        accelerated_until=time(9),
        accelerated_ready_from=time(15),
        valid_from=SINCE,
        instrument=INSTRUMENT,
    )
    with pytest.raises(AcceleratedClosed):
        make_booking(slot_of(fast), now=fast.at(9))


def test_online_and_desk_share_one_quota(fast: World) -> None:
    slot = slot_of(fast)
    online = make_booking(slot, now=fast.at(8))
    desk = admit_at_desk(
        office_id=fast.office.pk,
        applicant=person_data(),
        service_type_id=fast.office.service_types.get(code="new").pk,
        lane="accelerated",
        by=fast.gate,
        now=fast.at(8, 5),
    )
    with pytest.raises(SlotFull):
        make_booking(slot, now=fast.at(8, 10))
    visit = fast.check_in(online, fast.at(8, 20))
    assert desk.visit is not None
    assert [str(desk.visit.ticket), str(visit.ticket)] == ["C-001", "C-002"]
    [load] = daily_load(fast.office, DAY, DAY, fast.at(12))
    assert (load.accelerated, load.arrived, load.walk_in, came(load.figures)) == (2, 0, 0, 2)
    assert load.planned == 18  # online places only
    assert [row.law for row in verify(now=fast.at(9)) if row.breaches and row.law != 9] == []


def test_the_booking_page_names_the_terms(fast: World) -> None:
    client = Client()
    booking = fast.book(8, DAY + timedelta(days=1))
    assert booking.account is not None
    client.force_login(booking.account)
    html = client.get(reverse("booking:book", args=[slot_of(fast).pk])).content.decode()
    assert "datang sebelum pukul 10.00" in html
    assert "dengan biaya tambahan" in html
