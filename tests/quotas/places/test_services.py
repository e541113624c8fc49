"""Taking and freeing places, alone and concurrently."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from core.errors import Busy, NotFound
from quotas.places.errors import NotYetOpen, PlaceNotHeld, SlotFull, WindowClosed
from quotas.places.models import Place, Slot
from quotas.places.returns import free_place
from quotas.places.services import take_places
from tests.builders import (
    NOW,
    make_office,
    make_open_office,
    make_open_slot,
    make_policy,
    make_return_rule,
)
from tests.builders import make_weekly_release as weekly
from tests.retries import press_again

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@transaction.atomic
def take(slot_id: int, n: int = 1, **options: object) -> list[int]:
    options.setdefault("now", NOW)
    return take_places(slot_id=slot_id, holders=[uuid4() for _ in range(n)], **options)


def test_a_place_is_taken_by_writing_its_holder() -> None:
    slot, holder = make_open_slot(places=3), uuid4()
    with transaction.atomic():
        [place_id] = take_places(slot_id=slot.pk, holders=[holder], now=NOW)
    assert Place.objects.get(pk=place_id).holder == holder
    assert Place.objects.free().filter(slot=slot).count() == 2


def test_a_family_gets_one_place_each_in_order() -> None:
    slot, family = make_open_slot(places=5), [uuid4() for _ in range(4)]
    with transaction.atomic():
        place_ids = take_places(slot_id=slot.pk, holders=family, now=NOW)
    assert [Place.objects.get(pk=pk).holder for pk in place_ids] == family
    assert place_ids == sorted(place_ids)


def test_a_family_that_does_not_fit_takes_nothing() -> None:
    slot = make_open_slot(places=3)
    with pytest.raises(SlotFull):
        take(slot.pk, 4)
    assert Place.objects.free().filter(slot=slot).count() == 3


def test_taking_places_requires_a_transaction(transactional_db: None) -> None:
    slot = make_open_slot()
    with pytest.raises(transaction.TransactionManagementError):
        take_places(slot_id=slot.pk, holders=[uuid4()], now=NOW)


def test_an_unknown_slot_is_unknown() -> None:
    with pytest.raises(NotFound):
        take(987_654_321)


def test_desk_and_online_slots_are_separate() -> None:
    office = make_open_office()
    desk = Slot.objects.filter(office=office, lane="walk_in", day=office.local_day(NOW)).last()
    online = make_open_slot(office=office)
    assert desk is not None
    with pytest.raises(NotFound):
        take(desk.pk)
    with pytest.raises(NotFound):
        take(online.pk, lanes_booked_at="desk")
    assert take(desk.pk, lanes_booked_at="desk")
    assert take(online.pk, lanes_booked_at=None)


def test_a_slot_before_its_opening_shows_when_it_opens() -> None:
    office = make_open_office()
    slot = Slot.objects.filter(office=office, day=NOW.date() + timedelta(days=15)).first()
    assert slot is not None
    opens_at = Place.objects.filter(slot=slot).first().opens_at
    with pytest.raises(NotYetOpen) as refused:
        take(slot.pk, now=opens_at - timedelta(microseconds=1))
    assert "pukul 08.00 WIB" in str(refused.value)
    assert take(slot.pk, now=opens_at)


def test_a_slot_after_its_closing_shows_when_it_closed() -> None:
    slot = make_open_slot()
    closes_at = Place.objects.filter(slot=slot).first().closes_at
    with pytest.raises(WindowClosed) as refused:
        take(slot.pk, now=closes_at)
    assert "ditutup Rabu 25 Nov pukul 16.00 WIB" in str(refused.value)
    assert take(slot.pk, now=closes_at - timedelta(microseconds=1))


def test_withdrawn_places_cannot_be_taken() -> None:
    slot = make_open_slot(places=2)
    Place.objects.filter(slot=slot).update(withdrawn_at=NOW)
    with pytest.raises(WindowClosed):
        take(slot.pk)


def test_an_office_without_bookings_gives_the_reason() -> None:
    slot = make_open_slot()
    slot.office.booking_stopped_reason = "listrik padam"
    slot.office.save(update_fields=["booking_stopped_reason"])
    with pytest.raises(WindowClosed) as refused:
        take(slot.pk)
    assert "listrik padam" in str(refused.value)


def test_a_freed_place_is_available_after_its_cooldown() -> None:
    slot, holder = make_open_slot(places=1), uuid4()
    with transaction.atomic():
        [place_id] = take_places(slot_id=slot.pk, holders=[holder], now=NOW)
    make_return_rule(slot.office, rest_from_minutes=60, rest_until_minutes=60)
    free_place(place_id=place_id, holder=holder, now=NOW)
    with pytest.raises(SlotFull):
        take(slot.pk, now=NOW + HOUR - timedelta(seconds=1))
    assert take(slot.pk, now=NOW + HOUR) == [place_id]


def test_only_the_holder_can_free_a_place() -> None:
    slot, holder = make_open_slot(places=1), uuid4()
    with transaction.atomic():
        [place_id] = take_places(slot_id=slot.pk, holders=[holder], now=NOW)
    with pytest.raises(PlaceNotHeld):
        free_place(place_id=place_id, holder=uuid4(), now=NOW)
    free_place(place_id=place_id, holder=holder, now=NOW)
    with pytest.raises(PlaceNotHeld):
        free_place(place_id=place_id, holder=holder, now=NOW)


def test_twelve_places_go_to_twelve_of_thirty_people(run_together: Any) -> None:
    slot = make_open_slot(places=12)
    outcomes = run_together([partial(press_again, take, slot.pk) for _ in range(30)])
    assert Counter(type(outcome) for outcome in outcomes) == {list: 12, SlotFull: 18}
    taken = [place for outcome in outcomes if isinstance(outcome, list) for place in outcome]
    assert len(set(taken)) == 12


def test_concurrent_families_leave_no_usable_place(run_together: Any) -> None:
    """Ten places, five families of three: three fit, and one place stays for a single person."""
    for _round in range(5):
        slot = make_open_slot(places=10)
        outcomes = run_together([partial(press_again, take, slot.pk, 3) for _ in range(5)])
        assert Counter(type(outcome) for outcome in outcomes) == {list: 3, SlotFull: 2}
        assert Place.objects.free().filter(slot=slot).count() == 1


def test_a_request_waits_for_a_locked_last_place(
    transactional_db: None,
) -> None:
    """Without the retry this person would be refused while the place stays free."""
    import threading

    slot = make_open_slot(places=1)
    is_locked, outcomes = threading.Event(), []

    def hesitate() -> None:
        try:
            with transaction.atomic():
                take_places(slot_id=slot.pk, holders=[uuid4()], now=NOW)
                is_locked.set()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.4)")
                transaction.set_rollback(True)
        finally:
            connection.close()

    rival = threading.Thread(target=hesitate)
    rival.start()
    assert is_locked.wait(10)
    outcomes.append(take(slot.pk))
    rival.join()
    assert len(outcomes[0]) == 1


def test_a_retry_that_times_out_is_busy_and_changes_nothing(
    transactional_db: None,
) -> None:
    import threading

    slot = make_open_slot(places=1)
    is_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                take_places(slot_id=slot.pk, holders=[uuid4()], now=NOW)
                is_locked.set()
                may_end.wait(10)
                transaction.set_rollback(True)
        finally:
            connection.close()

    rival = threading.Thread(target=hold)
    rival.start()
    assert is_locked.wait(10)
    with pytest.raises(Busy):
        take(slot.pk)
    may_end.set()
    rival.join()
    assert Place.objects.free().filter(slot=slot).count() == 1


def test_the_lock_timeout_is_restored_after_a_retry() -> None:
    slot = make_open_slot(places=2)
    with transaction.atomic():
        take_places(slot_id=slot.pk, holders=[UUID(int=1)], now=NOW)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone() == ("3s",)


def test_a_weekly_window_opens_by_the_clock_alone() -> None:
    office = make_office()
    make_policy(office, places=75)
    weekly(office)
    from quotas.windows.services import prepare_windows

    prepare_windows(office_id=office.pk, now=NOW)
    slot = Slot.objects.filter(office=office, day__gt=NOW.date() + timedelta(days=5)).first()
    assert slot is not None
    friday_14 = NOW.replace(hour=7) + timedelta(days=4)
    with pytest.raises(NotYetOpen):
        take(slot.pk, now=friday_14 - timedelta(seconds=1))
    assert take(slot.pk, now=friday_14)
