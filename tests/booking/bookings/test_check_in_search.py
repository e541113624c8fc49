"""Searching a ticket code at the gate: any notation matches, otherwise a message gives the reason."""

from datetime import datetime, time

import pytest

from booking.bookings.changes import cancel_booking, check_in_booking, mark_no_show
from booking.bookings.errors import BookingEnded, WrongDay, WrongOffice
from booking.bookings.models import Booking
from booking.bookings.selectors import day_list, find_for_check_in
from core.errors import NotFound
from tests.builders import NOW, make_booking, make_office, make_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking() -> Booking:
    return make_booking()


def morning(booking: Booking) -> datetime:
    return booking.office.at(booking.slot.day, time(8))


def find(booking: Booking, code: str = "") -> Booking:
    return find_for_check_in(booking.office, code or booking.code, morning(booking))


@pytest.mark.parametrize("typed", ["{code}", " {lower} ", "{spaced}", "{dashed}"])
def test_a_code_matches_in_any_notation(booking: Booking, typed: str) -> None:
    code = booking.code
    halves = (code[:5], code[5:])
    text = typed.format(
        code=code, lower=code.lower(), spaced=" ".join(halves), dashed="-".join(halves)
    )
    assert find(booking, text) == booking


def test_an_unknown_code_is_reported(booking: Booking) -> None:
    for code in ("TIDAKADA", "---", "🙂"):
        with pytest.raises(NotFound):
            find(booking, code)


def test_a_ticket_of_another_office_shows_its_place_and_time(booking: Booking) -> None:
    with pytest.raises(WrongOffice) as refusal:
        find_for_check_in(make_office(), booking.code, morning(booking))
    assert booking.office.name in str(refusal.value)
    assert "08.00–09.00" in str(refusal.value)


def test_a_ticket_for_another_day_shows_its_date(booking: Booking) -> None:
    with pytest.raises(WrongDay) as refusal:
        find_for_check_in(booking.office, booking.code, NOW)
    assert "26" in str(refusal.value)


def test_a_cancelled_ticket_is_reported(booking: Booking) -> None:
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    with pytest.raises(BookingEnded):
        find(booking)


def test_a_second_scan_returns_the_same_booking(booking: Booking) -> None:
    check_in_booking(booking_id=booking.pk, by=make_officer(booking.office), now=morning(booking))
    assert find(booking) == booking


def test_todays_no_shows_can_still_be_searched(booking: Booking) -> None:
    mark_no_show(booking_id=booking.pk, now=morning(booking))
    assert find(booking) == booking


def test_the_day_list_shows_expected_people_by_slot(booking: Booking) -> None:
    other = make_booking(booking.slot)
    gone = make_booking(booking.slot)
    cancel_booking(booking_id=gone.pk, by=gone.account, now=NOW)
    assert list(day_list(booking.office, booking.slot.day)) == [booking, other]
