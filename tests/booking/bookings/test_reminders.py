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
def test_reminders_are_sent_at_nine_the_day_before(time_zone: str) -> None:
    booking = make_willing_booking(time_zone)
    assert queue_reminders(now=day_before(booking, 8, 59)) == 0
    assert queue_reminders(now=day_before(booking, 9)) == 1
    message = Message.objects.get(kind="booking_reminder")
    assert booking.code in text_of(message)
    assert message.address == booking.account.email


def test_a_reminder_is_sent_once() -> None:
    booking = make_willing_booking()
    assert queue_reminders(now=day_before(booking, 9)) == 1
    assert queue_reminders(now=day_before(booking, 10)) == 0


def test_bookings_made_after_nine_get_no_reminder() -> None:
    booking = make_willing_booking()
    Booking.objects.filter(pk=booking.pk).update(placed_at=day_before(booking, 10))
    assert queue_reminders(now=day_before(booking, 11)) == 0


def test_late_reminders_wait_until_morning() -> None:
    booking = make_willing_booking()
    assert queue_reminders(now=day_before(booking, 20)) == 0
    morning = booking.office.at(booking.slot.day, time(7))
    assert queue_reminders(now=morning - timedelta(minutes=1)) == 0
    assert queue_reminders(now=morning) == 1


def test_no_reminder_is_sent_after_the_slot_begins() -> None:
    booking = make_willing_booking()
    assert queue_reminders(now=booking.slot.starts_at) == 0


def test_accounts_without_consent_get_none() -> None:
    booking = make_willing_booking()
    withdraw_consent(user_id=booking.account_id, purpose=Consent.Purpose.REMINDERS, now=NOW)
    assert queue_reminders(now=day_before(booking, 9)) == 0


def test_unconfirmed_addresses_get_none() -> None:
    booking = make_willing_booking()
    EmailAddress.objects.update(verified=False)
    assert queue_reminders(now=day_before(booking, 9)) == 0


def test_cancelled_bookings_get_none() -> None:
    booking = make_willing_booking()
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert queue_reminders(now=day_before(booking, 9)) == 0


def test_a_rescheduled_booking_is_reminded_of_its_new_slot() -> None:
    booking = make_willing_booking()
    later = make_open_slot(office=booking.office, days_from_now=4)
    reschedule_booking(booking_id=booking.pk, slot_id=later.pk, by=booking.account, now=NOW)
    assert queue_reminders(now=day_before(booking, 9)) == 0
    booking.refresh_from_db()
    assert queue_reminders(now=day_before(booking, 9)) == 1
