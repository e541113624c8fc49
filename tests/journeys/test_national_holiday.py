"""The directorate announces a holiday for a booked day: all are moved and notified, nobody is restricted."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from booking.bookings.models import Booking
from booking.closures.tasks import move_displaced
from booking.restrictions.models import Restriction
from booking.statuses import Status
from counters.service.tasks import mark_no_shows
from notices.services import deliver_due
from offices.directory.models import Office
from offices.limits.models import NoShowRule
from offices.staff.models import Role
from ops.verification.services import verify
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
NAME, BASIS = "Cuti bersama Natal", "SKB Tiga Menteri 12/2026"
LATER = NOW + timedelta(minutes=30)


def make_booked_office(people: int) -> Office:
    """An office with people on its first open day, and a rule that restricts after one missed appointment."""
    office = make_open_office(places=20)
    slot = make_open_slot(office=office)
    for _number in range(people):
        make_booking(slot)
    NoShowRule.objects.create(
        office=office,
        instrument=INSTRUMENT,
        no_shows=1,
        within_days=90,
        restricted_days=14,
        valid_from=SINCE,
    )
    return office


def test_a_national_holiday_moves_everybody_of_a_booked_day(
    desk_of: Callable[..., Any],
    new_page: Callable[..., Any],
    mailbox: Any,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(NOW)
    offices = [make_booked_office(4), make_booked_office(3)]
    bookings = list(Booking.objects.select_related("slot"))
    day, ends_at = bookings[0].slot.day, max(row.slot.ends_at for row in bookings)
    assert {row.slot.day for row in bookings} == {day}
    desk = desk_of(make_officer(None, Role.NATIONAL))
    announce(desk, offices, day=day.isoformat())
    move_displaced()
    set_clock(LATER)
    while deliver_due(now=LATER):
        pass
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.BOOKED}
    assert Booking.objects.filter(slot__day__gt=day).count() == 7
    moved = [email for email in mailbox.emails if email.kind == "booking_moved"]
    assert len(moved) == 7
    assert all(NAME in email.text for email in moved)
    phone = new_page(java_script_enabled=False)
    phone.goto(f"/offices/{offices[0].code}/{day.isoformat()}/")
    assert NAME in phone.inner_text("main")
    set_clock(ends_at + timedelta(hours=10))
    mark_no_shows()
    assert not Restriction.objects.exists()
    assert [row for row in verify(now=LATER) if row.breaches] == []


def announce(desk: Any, offices: list[Office], *, day: str) -> None:
    """Preview the holiday: it names both offices and moves nobody; then announce it."""
    desk.goto(f"/admin/holidays/new/?office={offices[0].code}")
    desk.select_option("[name=scope]", "nation")
    desk.fill("[name=day]", day)
    desk.fill("[name=name]", NAME)
    desk.select_option("[name=kind]", "cuti_bersama")
    desk.fill("[name=instrument]", BASIS)
    desk.click("[name=look]")
    people = {
        row.locator("th").inner_text(): row.locator("td").nth(1).inner_text()
        for row in desk.locator("[aria-labelledby=effect] tbody tr").all()
    }
    assert people == {offices[0].name: "4", offices[1].name: "3"}
    assert "7 orang" in desk.inner_text("[aria-labelledby=effect]")
    assert Booking.objects.filter(slot__day=day, place__isnull=False).count() == 7
    desk.click("[name=apply]")
    row = desk.locator("tbody tr", has_text=NAME)
    assert "Semua kantor" in row.inner_text()
