"""Cancelling, rescheduling, and status changes by officers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import InternalError, connection, transaction

from booking.bookings.changes import (
    cancel_booking,
    check_in_booking,
    expire_hold,
    mark_no_show,
    mark_served,
    reschedule_booking,
)
from booking.bookings.errors import AlreadyBooked, BookingChanged, NoChangeLeft, SameSlot, TooLate
from booking.bookings.models import Booking, BookingEvent
from booking.bookings.tasks import expire_holds
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed, NotFound
from notices.models import Message
from offices.staff.models import Role
from quotas.places.errors import SlotFull, WindowClosed
from quotas.places.models import Place, Slot
from quotas.places.services import take_places
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_return_rule,
    make_user,
)
from tests.outbox import calendar_of, link_of, text_of

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def two_hours() -> tuple[Slot, Slot]:
    """Two open slots of one office, a day apart."""
    first = make_open_slot()
    return first, make_open_slot(office=first.office, days_from_now=4)


def cancel(booking: Booking, now: datetime = NOW) -> Booking:
    return cancel_booking(booking_id=booking.pk, by=booking.account, now=now)


def reschedule(booking: Booking, slot: Slot, now: datetime = NOW) -> Booking:
    return reschedule_booking(booking_id=booking.pk, slot_id=slot.pk, by=booking.account, now=now)


# --- Cancelling -----------------------------------------------------------------------------------
def test_cancelling_returns_the_place() -> None:
    booking = make_booking()
    place = booking.place
    cancelled = cancel(booking)
    place.refresh_from_db()
    assert (cancelled.status, cancelled.place, place.holder) == (Status.CANCELLED, None, None)


def test_a_freed_place_returns_after_a_random_cooldown() -> None:
    slot = make_open_slot(places=1)
    booking = make_booking(slot)
    cancel(booking)
    place = Place.objects.get(slot=slot)
    assert timedelta(minutes=5) <= place.cooldown_until - NOW <= timedelta(minutes=60)
    with pytest.raises(SlotFull):
        make_booking(slot, now=NOW + timedelta(minutes=4))
    assert make_booking(slot, now=NOW + timedelta(minutes=60)).status == Status.BOOKED


def test_the_end_of_a_cooldown_cannot_be_predicted() -> None:
    slot = make_open_slot(places=8)
    for _each in range(8):
        cancel(make_booking(slot))
    rests = set(Place.objects.filter(slot=slot).values_list("cooldown_until", flat=True))
    assert len(rests) == 8


def test_an_office_sets_the_length_of_its_cooldown() -> None:
    slot = make_open_slot(places=1)
    make_return_rule(slot.office, rest_from_minutes=90, rest_until_minutes=120)
    make_return_rule(None, rest_from_minutes=0, rest_until_minutes=0)
    cancel(make_booking(slot))
    with pytest.raises(SlotFull):
        make_booking(slot, now=NOW + timedelta(minutes=89))
    assert make_booking(slot, now=NOW + timedelta(minutes=120)).status == Status.BOOKED
    elsewhere = make_open_slot(places=1)
    cancel(make_booking(elsewhere))
    assert make_booking(elsewhere).status == Status.BOOKED


def test_cancelling_writes_history_and_a_message() -> None:
    booking = make_booking()
    place = booking.place
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW, reason="sakit")
    line = booking.history.last()
    assert (line.old, line.new, line.by, line.reason) == (
        "booked",
        "cancelled",
        booking.account,
        "sakit",
    )
    assert (line.place_from, line.place_to) == (place, None)
    message = Message.objects.get(kind="booking_cancelled")
    assert "METHOD:CANCEL" in calendar_of(message)
    assert f"/offices/{booking.office.code}/" in link_of(message)


def test_cancelling_twice_changes_nothing() -> None:
    booking = make_booking()
    cancel(booking)
    assert cancel(booking).status == Status.CANCELLED
    assert booking.history.count() == 2
    assert Message.objects.filter(kind="booking_cancelled").count() == 1


def test_a_booking_can_be_cancelled_until_its_slot_ends() -> None:
    booking = make_booking()
    with pytest.raises(TooLate):
        cancel(booking, booking.slot.ends_at)
    assert cancel(booking, booking.slot.ends_at - timedelta(seconds=1)).status == Status.CANCELLED


def test_a_visit_in_progress_cannot_be_cancelled() -> None:
    booking = make_booking()
    officer = make_officer(booking.office, Role.GATE)
    check_in_booking(booking_id=booking.pk, by=officer, now=NOW)
    with pytest.raises(TooLate):
        cancel(booking)


def test_another_account_cannot_cancel() -> None:
    booking = make_booking()
    with pytest.raises(NotAllowed):
        cancel_booking(booking_id=booking.pk, by=make_user(), now=NOW)


def test_only_officers_of_the_office_can_cancel() -> None:
    booking, elsewhere = make_booking(), make_open_office()
    with pytest.raises(NotAllowed):
        cancel_booking(booking_id=booking.pk, by=make_officer(elsewhere, Role.SUPERVISOR), now=NOW)
    officer = make_officer(booking.office, Role.SUPERVISOR)
    assert cancel_booking(booking_id=booking.pk, by=officer, now=NOW).status == Status.CANCELLED


# --- Rescheduling ---------------------------------------------------------------------------------
def test_rescheduling_moves_the_same_booking_to_another_place() -> None:
    first, second = two_hours()
    booking = make_booking(first)
    old = booking.place
    moved = reschedule(booking, second)
    assert (moved.pk, moved.code, moved.slot) == (booking.pk, booking.code, second)
    assert moved.via == Booking.Via.MOVED_BY_APPLICANT
    old.refresh_from_db()
    assert old.holder is None
    assert Place.objects.get(holder=booking.pk).slot == second


def test_rescheduling_writes_history_and_a_message() -> None:
    first, second = two_hours()
    booking = make_booking(first)
    moved = reschedule(booking, second)
    line = booking.history.last()
    assert line.kind == BookingEvent.Kind.RESCHEDULED
    assert (line.place_from, line.place_to) == (booking.place, moved.place)
    assert booking.code in text_of(Message.objects.get(kind="booking_changed"))


def test_a_booking_may_move_to_another_office() -> None:
    booking = make_booking()
    elsewhere = make_open_slot()
    assert reschedule(booking, elsewhere).office == elsewhere.office


def test_a_booking_can_be_rescheduled_once() -> None:
    first, second = two_hours()
    booking = reschedule(make_booking(first), second)
    with pytest.raises(NoChangeLeft):
        reschedule(booking, first)


def test_rescheduling_to_the_same_slot_is_refused() -> None:
    booking = make_booking()
    with pytest.raises(SameSlot):
        reschedule(booking, booking.slot)


@pytest.mark.parametrize("time_zone", ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])
def test_rescheduling_ends_at_midnight_in_the_offices_time_zone(time_zone: str) -> None:
    first = make_open_slot(time_zone=time_zone)
    second = make_open_slot(office=first.office, days_from_now=4)
    booking = make_booking(first)
    midnight = datetime.combine(first.day, datetime.min.time(), first.office.zone)
    with pytest.raises(TooLate):
        reschedule(booking, second, midnight)
    assert reschedule(booking, second, midnight - timedelta(seconds=1)).slot == second


def test_rescheduling_to_a_full_slot_preserves_the_booking() -> None:
    booking, full = make_booking(), make_open_slot(places=1)
    make_booking(full)
    with pytest.raises(SlotFull):
        reschedule(booking, full)
    booking.refresh_from_db()
    assert (booking.status, booking.place.holder, booking.changes_used) == (
        Status.BOOKED,
        booking.pk,
        0,
    )


def test_rescheduling_to_a_closed_window_is_refused() -> None:
    far = make_booking(make_open_slot(days_from_now=10))
    near = make_open_slot(days_from_now=3)
    with pytest.raises(WindowClosed):
        reschedule(far, near, near.places.first().closes_at)


def test_another_account_cannot_reschedule() -> None:
    booking, slot = make_booking(), make_open_slot()
    with pytest.raises(NotFound):
        reschedule_booking(booking_id=booking.pk, slot_id=slot.pk, by=make_user(), now=NOW)


def test_a_cancelled_booking_cannot_be_rescheduled() -> None:
    first, second = two_hours()
    booking = make_booking(first)
    cancel(booking)
    with pytest.raises(BookingChanged):
        reschedule(booking, second)
    with pytest.raises(BookingChanged):
        reschedule(booking, first)


def test_rescheduling_to_an_invalid_or_walk_in_slot_is_refused() -> None:
    office = make_open_office()
    booking = make_booking(make_open_slot(office=office))
    walk_in = Slot.objects.filter(office=office, lane="walk_in").first()
    for slot in (Slot(pk=2**62), walk_in):
        with pytest.raises(InvalidInput) as refusal:
            reschedule(booking, slot)
        assert set(refusal.value.fields) == {"slot"}


def test_rescheduling_to_a_slot_without_the_service_is_refused() -> None:
    booking, slot = make_booking(), make_open_slot()
    slot.office.service_types.clear()
    with pytest.raises(InvalidInput):
        reschedule(booking, slot)


# --- At the office --------------------------------------------------------------------------------
def test_a_booking_is_checked_in_and_served() -> None:
    booking = make_booking()
    officer = make_officer(booking.office)
    check_in_booking(booking_id=booking.pk, by=officer, now=NOW)
    assert mark_served(booking_id=booking.pk, by=officer, now=NOW).status == Status.SERVED
    assert [line.new for line in booking.history.all()] == ["booked", "checked_in", "served"]


def test_a_no_show_does_not_free_its_place() -> None:
    booking = make_booking()
    missed = mark_no_show(booking_id=booking.pk, now=NOW)
    assert missed.place.holder == booking.pk


def test_a_wrongly_recorded_no_show_can_be_checked_in() -> None:
    booking = make_booking()
    officer = make_officer(booking.office)
    mark_no_show(booking_id=booking.pk, now=NOW)
    assert check_in_booking(booking_id=booking.pk, by=officer, now=NOW).status == Status.CHECKED_IN


def test_a_no_show_with_a_new_booking_cannot_be_reinstated() -> None:
    booking = make_booking()
    officer = make_officer(booking.office)
    mark_no_show(booking_id=booking.pk, now=NOW)
    make_booking(person=booking.applicant)
    with pytest.raises(AlreadyBooked):
        check_in_booking(booking_id=booking.pk, by=officer, now=NOW)


def test_a_move_outside_the_table_is_refused() -> None:
    booking = make_booking()
    officer = make_officer(booking.office)
    with pytest.raises(BookingChanged):
        mark_served(booking_id=booking.pk, by=officer, now=NOW)


# --- Holds ----------------------------------------------------------------------------------------
def make_hold(expires_at: datetime) -> Booking:
    """A hold as an offer would create it."""
    made = make_booking()
    hold = Booking(
        account=made.account,
        applicant=make_person(made.account),
        party=made.party,
        slot=made.slot,
        service_type=made.service_type,
        office=made.office,
        status=Status.HELD,
        via=Booking.Via.WAITING_LIST,
        placed_at=NOW,
        expires_at=expires_at,
        key="hold",
    )
    hold.person_key = hold.applicant.person_key
    with transaction.atomic():
        [hold.place_id] = take_places(slot_id=made.slot_id, holders=[hold.pk], now=NOW)
        hold.save(force_insert=True)
    return hold


def test_an_expired_hold_frees_its_place() -> None:
    hold = make_hold(datetime(2026, 1, 1, tzinfo=UTC))
    expire_holds()
    hold.refresh_from_db()
    assert (hold.status, hold.place) == (Status.EXPIRED, None)
    assert not Place.objects.filter(holder=hold.pk).exists()


def test_a_running_hold_stays() -> None:
    hold = make_hold(NOW + DAY)
    with pytest.raises(BookingChanged):
        expire_hold(booking_id=hold.pk, now=NOW)


# --- Database constraints -------------------------------------------------------------------------
def refused_by_database(statement: str, *values: object) -> bool:
    """Return whether the database refuses a statement, including at commit."""
    from django.db import DatabaseError

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError:
        return True
    return False


def test_freeing_a_place_under_a_live_booking_is_refused() -> None:
    booking = make_booking()
    assert refused_by_database(
        "UPDATE quotas_place SET holder = NULL WHERE id = %s", booking.place_id
    )


def test_transferring_a_booked_place_is_refused() -> None:
    booking, other = make_booking(), make_booking()
    assert refused_by_database(
        "UPDATE quotas_place SET holder = %s WHERE id = %s", str(other.pk), booking.place_id
    )


def test_a_second_booking_on_a_held_place_is_refused() -> None:
    booking, other = make_booking(), make_booking()
    assert refused_by_database(
        "UPDATE booking_booking SET place_id = %s WHERE id = %s", booking.place_id, str(other.pk)
    )


def test_a_booking_needs_the_place_its_status_implies() -> None:
    booking = make_booking()
    assert refused_by_database(
        "UPDATE booking_booking SET place_id = NULL WHERE id = %s", str(booking.pk)
    )


def test_a_raw_sql_move_outside_the_table_is_refused() -> None:
    booking = make_booking()
    with pytest.raises(InternalError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(status=Status.SERVED)


def test_history_cannot_be_changed_or_deleted() -> None:
    line = make_booking().history.get()
    with pytest.raises(InternalError), transaction.atomic():
        BookingEvent.objects.filter(pk=line.pk).update(new="served")
    with pytest.raises(InternalError), transaction.atomic():
        BookingEvent.objects.filter(pk=line.pk).delete()
