"""Reminders are sent once, with consent, outside quiet hours."""

from datetime import datetime, time, timedelta

import pytest
from allauth.account.models import EmailAddress

from accounts.models import Consent, User
from accounts.services import give_consent, withdraw_consent
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.messages import queue_reminders
from booking.bookings.models import Booking
from notices.models import Message
from tests.builders import NOW, make_booking, make_open_slot, make_person, make_user
from tests.outbox import text_of

pytestmark = pytest.mark.django_db


def make_willing_user() -> User:
    user = make_user()
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    give_consent(user_id=user.pk, purpose=Consent.Purpose.REMINDERS, now=NOW)
    return user


def make_willing_booking(time_zone: str = "Asia/Jakarta", now: datetime = NOW) -> Booking:
    slot = make_open_slot(time_zone=time_zone)
    return make_booking(slot, person=make_person(make_willing_user()), now=now)


def day_before(booking: Booking, hour: int, minute: int = 0) -> datetime:
    return booking.office.at(booking.slot.day - timedelta(days=1), time(hour, minute))


@pytest.mark.parametrize("time_zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
def test_the_reminder_goes_out_at_nine_the_day_before_by_the_offices_clock(time_zone: str) -> None:
    booking = make_willing_booking(time_zone)
    assert queue_reminders(now=day_before(booking, 8, 59)) == 0
    assert queue_reminders(now=day_before(booking, 9)) == 1
    message = Message.objects.get(kind="booking_reminder")
    assert booking.code in text_of(message)
    assert message.address == booking.account.email


def test_it_goes_out_once() -> None:
    booking = make_willing_booking()
    assert queue_reminders(now=day_before(booking, 9)) == 1
    assert queue_reminders(now=day_before(booking, 10)) == 0


def test_who_booked_after_nine_has_a_fresh_confirmation_and_gets_none() -> None:
    booking = make_willing_booking()
    Booking.objects.filter(pk=booking.pk).update(placed_at=day_before(booking, 10))
    assert queue_reminders(now=day_before(booking, 11)) == 0


def test_nobody_is_woken_a_late_one_waits_for_the_morning() -> None:
    booking = make_willing_booking()
    assert queue_reminders(now=day_before(booking, 20)) == 0
    morning = booking.office.at(booking.slot.day, time(7))
    assert queue_reminders(now=morning - timedelta(minutes=1)) == 0
    assert queue_reminders(now=morning) == 1


def test_nothing_is_sent_once_the_hour_has_begun() -> None:
    booking = make_willing_booking()
    assert queue_reminders(now=booking.slot.starts_at) == 0


def test_who_did_not_agree_gets_none() -> None:
    booking = make_willing_booking()
    withdraw_consent(user_id=booking.account_id, purpose=Consent.Purpose.REMINDERS, now=NOW)
    assert queue_reminders(now=day_before(booking, 9)) == 0


def test_an_address_that_was_never_confirmed_gets_none() -> None:
    booking = make_willing_booking()
    EmailAddress.objects.update(verified=False)
    assert queue_reminders(now=day_before(booking, 9)) == 0


def test_a_cancelled_booking_is_not_reminded_of() -> None:
    booking = make_willing_booking()
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert queue_reminders(now=day_before(booking, 9)) == 0


def test_a_moved_booking_is_reminded_of_its_new_hour() -> None:
    booking = make_willing_booking()
    later = make_open_slot(office=booking.office, days_from_now=4)
    reschedule_booking(booking_id=booking.pk, slot_id=later.pk, by=booking.account, now=NOW)
    assert queue_reminders(now=day_before(booking, 9)) == 0
    booking.refresh_from_db()
    assert queue_reminders(now=day_before(booking, 9)) == 1
