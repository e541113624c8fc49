"""Each booking's reminder has one wording, and the report compares what became of them."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from booking.bookings.changes import cancel_booking, mark_no_show
from booking.bookings.messages import queue_reminders
from booking.bookings.models import Booking
from booking.reminders.models import ReminderWording
from booking.reminders.selectors import wording_for
from notices.models import Message
from offices.staff.models import Role
from reports.reminders.selectors import Outcome, differ, outcomes
from tests.booking.bookings.test_reminders import day_before, make_willing_booking
from tests.builders import INSTRUMENT, NOW, SINCE, make_officer
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def wordings() -> dict[str, ReminderWording]:
    return {
        code: ReminderWording.objects.create(
            code=code,
            text=f"Kalimat {code}.",
            text_en=f"Sentence {code}.",
            valid_from=SINCE,
            instrument=INSTRUMENT,
        )
        for code in "ab"
    }


def test_wordings_are_given_evenly_and_always_the_same(
    wordings: dict[str, ReminderWording],
) -> None:
    ids = [uuid4() for _number in range(400)]
    first = [wording_for(pk, TODAY) for pk in ids]
    assert first == [wording_for(pk, TODAY) for pk in ids]
    assert 140 < first.count(wordings["a"]) < 260
    assert wording_for(ids[0], SINCE - timedelta(days=1)) is None


def test_the_reminder_holds_the_sentence_of_its_variant(
    wordings: dict[str, ReminderWording],
) -> None:
    booking = make_willing_booking()
    queue_reminders(now=day_before(booking, 9))
    booking.refresh_from_db()
    assert booking.reminder_code in wordings
    message = Message.objects.get(kind="booking_reminder")
    assert f"Kalimat {booking.reminder_code}." in text_of(message)
    # A row of the version before has no wording.
    del message.context["wording"]
    assert "Berhalangan?" in text_of(message)


def test_the_report_counts_what_became_of_the_reminded(
    wordings: dict[str, ReminderWording], client: Client, set_clock: Any
) -> None:
    missed = make_willing_booking()
    office, day = missed.office, missed.slot.day
    queue_reminders(now=day_before(missed, 9))
    missed.refresh_from_db()
    later = missed.slot.ends_at + timedelta(days=1)
    assert outcomes(office, day, day, now=later) == []  # nobody has recorded the outcome yet
    mark_no_show(booking_id=missed.pk, now=later)
    assert outcomes(office, day, day, now=later) == [Outcome(missed.reminder_code, 0, 0, 1)]
    set_clock(later)
    client.force_login(make_officer(office, Role.SUPERVISOR))
    span = {"first": day.isoformat(), "last": day.isoformat()}
    page = client.get("/admin/reports/reminders/", span).content.decode()
    assert f"Kalimat {missed.reminder_code}." in page


def test_a_cancelled_booking_is_not_missed(wordings: dict[str, ReminderWording]) -> None:
    booking = make_willing_booking()
    queue_reminders(now=day_before(booking, 9))
    assert booking.account is not None
    cancel_booking(booking_id=booking.pk, by=booking.account, now=day_before(booking, 10))
    booking = Booking.objects.get(pk=booking.pk)
    day, later = booking.slot.day, booking.slot.ends_at + timedelta(hours=1)
    [row] = outcomes(booking.office, day, day, now=later)
    assert (row.cancelled, row.missed, row.rate) == (1, 0, 0.0)


def test_a_difference_is_reported_only_beyond_chance() -> None:
    few = [Outcome("a", 8, 0, 2), Outcome("b", 6, 0, 4)]
    many = [Outcome("a", 800, 0, 200), Outcome("b", 600, 0, 400)]
    assert not differ(few)
    assert differ(many)
    low, high = many[0].interval or (0, 0)
    assert low < 0.2 < high
    assert high - low < 0.06
