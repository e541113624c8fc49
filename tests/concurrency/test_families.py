"""Families of two service groups compete for the last places of two slots: all of one family or nobody."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from booking.bookings.changes import cancel_bookings, reschedule_bookings
from booking.bookings.models import Booking, Party
from core.errors import DomainError
from quotas.places.errors import SlotFull
from quotas.places.models import Place, Slot
from tests.booking.bookings.families import book_family, hours_of, make_family, make_mixed_office
from tests.builders import NOW, book_online, fill_slot, make_person
from tests.retries import press_again

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
FAMILIES, SINGLES, ROUNDS = 2, 4, 30


def book_alone(foreigners: Slot) -> Callable[[], Any]:
    """A foreigner who needs one place of the foreigners' slot."""
    number = f"D{uuid4().int % 10**8:08d}"
    person = make_person(identity_kind="passport", identity_number=number, nationality="DE")
    return partial(
        press_again,
        book_online,
        account_id=person.account_id,
        slot_id=foreigners.pk,
        applicant_ids=[person.pk],
        service_type="stay_permit",
        key=uuid4().hex,
        now=NOW,
    )


def last_places(run_together: Race) -> tuple[list[Any], int, int]:
    """Families and single foreigners want the last place of the foreigners' slot.

    A family also needs the last three places of the citizens' slot. Return the outcomes, the greatest number
    of bookings that a slot has above its places, and how many families got a part of their places.
    """
    office = make_mixed_office(citizens=6, foreigners=2)
    citizens, foreigners = hours_of(office)[0], hours_of(office, "foreigners")[0]
    families = [make_family() for _rival in range(FAMILIES)]
    calls = [partial(press_again, book_family, people, citizens, foreigners) for people in families]
    outcomes = run_together([*calls, *(book_alone(foreigners) for _single in range(SINGLES))])
    sizes = [Booking.objects.filter(applicant__in=people).count() for people in families]
    over = max(
        Booking.objects.filter(slot=slot).count() - Place.objects.filter(slot=slot).count()
        for slot in (citizens, foreigners)
    )
    return outcomes, over, sum(size not in (0, 4) for size in sizes)


def test_the_last_places_go_to_one_whole_party(run_together: Race) -> None:
    for _round in range(3):
        outcomes, over, halves = last_places(run_together)
        kinds = sorted(type(one).__name__ for one in outcomes)
        assert kinds == ["Party", *["SlotFull"] * (FAMILIES + SINGLES - 1)], outcomes
        assert (over, halves) == (0, 0)


def test_control_without_guards_the_last_place_is_given_twice(
    unguarded_database: str, run_together: Race
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    assert any(last_places(run_together)[1] > 0 for _round in range(ROUNDS))


def test_a_family_that_moves_and_one_that_cancels_never_split(run_together: Race) -> None:
    """The move of all and the cancellation of all lock the bookings in one order: one of them wins."""
    office = make_mixed_office()
    citizens, foreigners = hours_of(office), hours_of(office, "foreigners")
    people = make_family()
    party = book_family(people, citizens[0], foreigners[0])
    ids = [row.pk for row in party.bookings.order_by("pk")]
    account = people[0].account
    move = partial(
        press_again,
        reschedule_bookings,
        booking_ids=ids,
        slot_id=citizens[1].pk,
        by=account,
        now=NOW,
    )
    cancel = partial(press_again, cancel_bookings, booking_ids=ids[::-1], by=account, now=NOW)
    outcomes = run_together([move, cancel])
    assert all(isinstance(one, list | DomainError) for one in outcomes), outcomes
    assert set(party.bookings.values_list("status", flat=True)) == {"cancelled"}
    assert not Place.objects.filter(holder__isnull=False).exists()


def test_families_that_want_two_slots_in_any_order_do_not_deadlock(run_together: Race) -> None:
    """Places are taken slot by slot in the order of their ids, whatever the order of the people."""
    office = make_mixed_office()
    citizens, foreigners = hours_of(office)[0], hours_of(office, "foreigners")[0]
    fill_slot(foreigners)
    families = [make_family() for _rival in range(FAMILIES + 1)]
    outcomes = run_together(
        partial(book_family, people, citizens, foreigners) for people in families
    )
    assert {type(one) for one in outcomes} == {SlotFull}, outcomes
    assert not Party.objects.exists()
