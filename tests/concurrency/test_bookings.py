"""Races over real connections, and controls that show the races are real."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from booking.bookings.changes import cancel_booking, expire_hold, mark_no_show, reschedule_booking
from booking.bookings.errors import BookingChanged, KeyReused, NoChangeLeft, NotBookable
from booking.bookings.models import Booking, Party
from booking.people.errors import LockedByBooking
from booking.people.models import Applicant
from booking.people.services import PEOPLE_LIMIT, add_applicant, change_applicant
from booking.statuses import Status
from core.errors import DomainError
from notices.models import Message
from quotas.places.errors import SlotFull
from quotas.places.models import Place, Slot
from tests.builders import (
    NOW,
    book_online,
    make_booking,
    make_open_slot,
    make_person,
    make_user,
    person_data,
)
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
ROUNDS = 60


def book(slot: Slot, *people: Applicant, key: str = "") -> Callable[[], Party]:
    return partial(
        press_again,
        book_online,
        account_id=people[0].account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk for person in people],
        service_type="new",
        key=key or uuid4().hex,
        now=NOW,
    )


def tally(outcomes: list[Any]) -> dict[type, int]:
    faults = [
        each
        for each in outcomes
        if isinstance(each, BaseException) and not isinstance(each, DomainError)
    ]
    assert not faults, faults
    return dict(Counter(type(each) for each in outcomes))


def holders_of(slot: Slot) -> int:
    return Place.objects.filter(slot=slot, holder__isnull=False).count()


# --- The last place is never sold twice -----------------------------------------------------------
def sell(run_together: Race, *, places: int, applicants: int) -> tuple[dict[type, int], Slot]:
    slot = make_open_slot(places=places)
    people = [make_person() for _ in range(applicants)]
    return tally(run_together(book(slot, person) for person in people)), slot


def test_ten_places_go_to_ten_applicants_and_others_are_refused(run_together: Race) -> None:
    outcomes, slot = sell(run_together, places=10, applicants=40)
    assert outcomes == {Party: 10, SlotFull: 30}
    assert Booking.objects.filter(status=Status.BOOKED).count() == holders_of(slot) == 10
    assert Message.objects.filter(kind="booking_confirmed").count() == 10


def test_control_without_guards_the_same_race_oversells(
    unguarded_database: str, run_together: Race
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    assert any(
        sell(run_together, places=10, applicants=40)[0].get(Party, 0) > 10 for _ in range(ROUNDS)
    )


def test_families_get_all_of_their_places_or_none(run_together: Race) -> None:
    slot = make_open_slot(places=10)
    families = []
    for size in (3, 3, 3, 3, 2, 4):
        account = make_user()
        families.append([make_person(account) for _ in range(size)])
    tally(run_together(book(slot, *family) for family in families))
    sizes = {len(family) for family in families}
    for party in Party.objects.all():
        assert party.bookings.count() in sizes
    for family in families:
        assert Booking.objects.filter(applicant__in=family).count() in {0, len(family)}
    assert Booking.objects.count() == holders_of(slot) <= 10


def test_a_slot_is_not_full_while_a_place_is_free(run_together: Race) -> None:
    for _round in range(5):
        outcomes, slot = sell(run_together, places=8, applicants=8)
        assert outcomes == {Party: 8}
        assert holders_of(slot) == 8


# --- One person, one live booking -----------------------------------------------------------------
def squat(run_together: Race) -> dict[type, int]:
    """One person in two accounts, each booking a slot of another office."""
    number = make_person().identity_number
    twins = [make_person(identity_number=number) for _ in range(2)]
    return tally(run_together(book(make_open_slot(), twin) for twin in twins))


def test_a_person_in_two_accounts_gets_one_booking(run_together: Race) -> None:
    for _round in range(3):
        assert squat(run_together) == {Party: 1, NotBookable: 1}
    assert Place.objects.filter(holder__isnull=False).count() == 3


def test_control_without_guards_a_person_gets_two_bookings(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(squat(run_together).get(Party, 0) > 1 for _ in range(ROUNDS))


def test_families_with_shared_members_do_not_deadlock(run_together: Race) -> None:
    slot = make_open_slot(places=20)
    numbers = [make_person().identity_number for _ in range(3)]
    families = []
    for turn in range(4):
        account = make_user()
        order = numbers if turn % 2 else numbers[::-1]
        families.append([make_person(account, identity_number=number) for number in order])
    outcomes = tally(run_together(book(slot, *family) for family in families))
    assert outcomes == {Party: 1, NotBookable: 3}


# --- The same request twice -----------------------------------------------------------------------
def press_twice(run_together: Race) -> list[Any]:
    slot, person = make_open_slot(places=1), make_person()
    return run_together(book(slot, person, key="sekali") for _press in range(4))


def test_a_form_sent_four_times_at_once_creates_one_booking(
    run_together: Race,
) -> None:
    outcomes = press_twice(run_together)
    assert tally(outcomes) == {Party: 4}
    assert len({party.pk for party in outcomes}) == 1
    assert Booking.objects.count() == 1
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_two_forms_under_one_key_give_one_booking_and_one_refusal(
    run_together: Race,
) -> None:
    for _round in range(4):
        slot, account = make_open_slot(places=5), make_user()
        people = [make_person(account) for _ in range(2)]
        outcomes = tally(run_together(book(slot, person, key="sekali") for person in people))
        assert outcomes == {Party: 1, KeyReused: 1}


def test_control_without_guards_the_same_form_books_twice(
    unguarded_database: str, run_together: Race
) -> None:
    def made() -> int:
        before = Booking.objects.count()
        press_twice(run_together)
        return Booking.objects.count() - before

    assert any(made() > 1 for _ in range(ROUNDS))


# --- Concurrent changes ---------------------------------------------------------------------------
def moves_of(booking: Booking, slot: Slot) -> list[Callable[[], Booking]]:
    account = booking.account
    return [
        partial(cancel_booking, booking_id=booking.pk, by=account, now=NOW),
        partial(reschedule_booking, booking_id=booking.pk, slot_id=slot.pk, by=account, now=NOW),
    ]


def test_concurrent_cancel_and_reschedule_leave_no_place_behind(run_together: Race) -> None:
    first = make_open_slot()
    second = make_open_slot(office=first.office, days_from_now=4)
    for _round in range(6):
        booking = make_booking(first)
        outcomes = tally(run_together(moves_of(booking, second)))
        booking.refresh_from_db()
        assert outcomes in ({Booking: 2}, {Booking: 1, BookingChanged: 1})
        assert (booking.status, booking.place) == (Status.CANCELLED, None)
        assert not Place.objects.filter(holder=booking.pk).exists()


def double_move(run_together: Race) -> tuple[dict[type, int], int]:
    """Reschedule one booking twice concurrently; return the outcomes and how many places it then holds."""
    booking = make_booking(make_open_slot())
    targets = [make_open_slot(), make_open_slot()]
    outcomes = tally(
        run_together(
            partial(
                reschedule_booking,
                booking_id=booking.pk,
                slot_id=slot.pk,
                by=booking.account,
                now=NOW,
            )
            for slot in targets
        )
    )
    return outcomes, Place.objects.filter(holder=booking.pk).count()


def test_two_concurrent_reschedules_move_a_booking_once(run_together: Race) -> None:
    for _round in range(4):
        assert double_move(run_together) == ({Booking: 1, NoChangeLeft: 1}, 1)


def test_rescheduling_into_each_others_slot_does_not_deadlock(run_together: Race) -> None:
    """Both slots have one more place, so that both moves are possible."""
    one, other = make_open_slot(places=2), make_open_slot(places=2)
    pair = [(make_booking(one), other), (make_booking(other), one)]
    outcomes = run_together(
        partial(reschedule_booking, booking_id=mine.pk, slot_id=wanted.pk, by=mine.account, now=NOW)
        for mine, wanted in pair
    )
    assert tally(outcomes) == {Booking: 2}
    assert {booking.slot for booking in Booking.objects.all()} == {one, other}
    assert holders_of(one) == holders_of(other) == 1


def test_full_slots_cannot_be_swapped_and_bookings_stay(run_together: Race) -> None:
    one, other = make_open_slot(places=1), make_open_slot(places=1)
    pair = [(make_booking(one), other), (make_booking(other), one)]
    outcomes = tally(
        run_together(
            partial(
                reschedule_booking, booking_id=mine.pk, slot_id=wanted.pk, by=mine.account, now=NOW
            )
            for mine, wanted in pair
        )
    )
    assert outcomes == {SlotFull: 2}
    for booking in Booking.objects.all():
        assert booking.place.holder == booking.pk


def test_a_returned_place_goes_to_one_waiting_request(run_together: Race) -> None:
    slot = make_open_slot(places=1)
    held = make_booking(slot)
    people = [make_person() for _ in range(5)]
    give_back = partial(cancel_booking, booking_id=held.pk, by=held.account, now=NOW)
    outcomes = run_together([give_back, *(book(slot, person) for person in people)])
    assert sum(isinstance(each, Party) for each in outcomes) <= 1
    assert Booking.objects.filter(status=Status.BOOKED).count() == holders_of(slot) <= 1


def give_up(run_together: Race) -> tuple[dict[type, int], Booking]:
    """The applicant cancels while the office records a no-show."""
    booking = make_booking()
    outcomes = run_together(
        [
            partial(cancel_booking, booking_id=booking.pk, by=booking.account, now=NOW),
            partial(mark_no_show, booking_id=booking.pk, now=NOW),
        ]
    )
    return tally(outcomes), booking


def test_of_a_concurrent_cancel_and_no_show_one_wins(run_together: Race) -> None:
    for _round in range(4):
        outcomes, booking = give_up(run_together)
        assert outcomes == {Booking: 1, BookingChanged: 1}
        assert booking.history.count() == 2


def test_control_without_guards_a_booking_is_cancelled_and_missed(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(give_up(run_together)[0] == {Booking: 2} for _ in range(ROUNDS))


# --- People ---------------------------------------------------------------------------------------
def test_an_identity_number_cannot_change_during_booking(run_together: Race) -> None:
    for _round in range(6):
        slot, person = make_open_slot(), make_person()
        change = partial(
            change_applicant,
            applicant_id=person.pk,
            account_id=person.account_id,
            data=person_data(),
            now=NOW,
        )
        outcomes = tally(run_together([book(slot, person), change]))
        assert outcomes in ({Party: 1, Applicant: 1}, {Party: 1, LockedByBooking: 1})
        booking = Booking.objects.get(applicant=person)
        assert booking.person_key == Applicant.objects.get(pk=person.pk).person_key


def fill(run_together: Race) -> tuple[User, dict[type, int]]:
    account = make_user()
    for _person in range(PEOPLE_LIMIT - 1):
        make_person(account)
    add = [
        partial(add_applicant, account_id=account.pk, data=person_data(), now=NOW) for _ in range(4)
    ]
    return account, tally(run_together(add))


def test_an_account_never_exceeds_its_maximum_of_people(run_together: Race) -> None:
    account, _outcomes = fill(run_together)
    assert account.applicants.count() == PEOPLE_LIMIT


def test_control_without_guards_an_account_has_too_many_people(
    unguarded_database: str, run_together: Race
) -> None:
    assert any(fill(run_together)[0].applicants.count() > PEOPLE_LIMIT for _ in range(ROUNDS))


def test_a_hold_expires_once(run_together: Race) -> None:
    """Two workers expire the same hold: one changes it, the other does nothing."""
    from tests.booking.bookings.test_changes import make_hold

    hold = make_hold(NOW)
    outcomes = tally(
        run_together(partial(expire_hold, booking_id=hold.pk, now=NOW) for _worker in range(2))
    )
    assert outcomes == {Booking: 1, BookingChanged: 1}
