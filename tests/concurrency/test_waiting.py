"""The waiting list under load and faults: two devices, two workers, deadlines, closures, a killed worker."""

import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from booking.bookings.changes import cancel_booking
from booking.bookings.errors import NotBookable
from booking.bookings.models import Booking
from booking.closures.moves import move_everyone
from booking.closures.rounds import serve_waiting_lists
from booking.closures.services import ClosureData, close_office
from booking.waiting_list.accepting import accept_offer
from booking.waiting_list.errors import OfferOver
from booking.waiting_list.models import Offer, WaitingListEntry
from booking.waiting_list.offers import decline_offer, expire_offer, offer_next, stop_waiting
from core.errors import Busy, DomainError
from notices.models import Message
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place
from tests import guards
from tests.booking.waiting_list.waiting_world import (
    HOUR,
    MINUTE,
    accept,
    give_back,
    make_full_slot,
    offer_to,
    serve,
    wait,
)
from tests.builders import (
    NOW,
    book_online,
    make_booking,
    make_officer,
    make_open_slot,
    make_person,
    make_return_rule,
)

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
ROUNDS = 60

DIES = """
import os, signal
import django
django.setup()
from django.db import connections
connections["default"].settings_dict.update({known})
from booking.waiting_list import offers
def die(*_args, **_given):
    os.kill(os.getpid(), signal.SIGKILL)
offers.{step} = die
from datetime import datetime
from booking.closures.rounds import serve_waiting_lists
serve_waiting_lists(now=datetime.fromisoformat("{now}"))
"""


def kinds(outcomes: list[Any]) -> Counter[str]:
    faults = [
        one
        for one in outcomes
        if isinstance(one, BaseException) and not isinstance(one, DomainError)
    ]
    assert not faults, faults
    return Counter(type(one).__name__ for one in outcomes)


def broken() -> list[Any]:
    findings = verify(now=NOW + HOUR)
    return [row for row in findings if row.breaches and row.law != 9]  # no worker delivers here


def offered_alone() -> Offer:
    """An offer in a slot whose holders all have bookings, so that every law can be checked."""
    slot = make_open_slot(places=1)
    booking = make_booking(slot)
    entry = wait(slot)
    give_back(booking)
    serve()
    return offer_to(entry)


def both(offer: Offer, *, verb: Callable[..., Any] = accept_offer) -> list[Callable[[], Any]]:
    account_id = offer.entry.account_id
    return [
        partial(accept_offer, offer_id=offer.pk, account_id=account_id, now=NOW + HOUR),
        partial(verb, offer_id=offer.pk, account_id=account_id, now=NOW + HOUR),
    ]


def holders(offer: Offer) -> int:
    return Booking.objects.filter(place__offers__offer=offer).count()


# --- Two devices ---------------------------------------------------------------------------------
def accepted_twice(run_together: Race) -> int:
    """Accept one offer from two devices concurrently; return the number of bookings."""
    offer = offered_alone()
    before = Booking.objects.filter(via="waiting_list").count()
    run_together(both(offer))
    return Booking.objects.filter(via="waiting_list").count() - before


def test_accepting_on_two_devices_creates_one_booking(
    run_together: Race,
) -> None:
    for _round in range(4):
        offer = offered_alone()
        outcomes = run_together(both(offer))
        assert kinds(outcomes) == {"Offer": 2}
        assert len({one.party_id for one in outcomes}) == 1
    assert Booking.objects.filter(via="waiting_list").count() == 4
    assert not broken()


def test_control_without_guards_an_offer_is_accepted_twice(
    unguarded_database: str, run_together: Race
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    assert any(accepted_twice(run_together) > 1 for _ in range(ROUNDS))


def test_concurrent_accept_and_decline_give_one_result(run_together: Race) -> None:
    for _round in range(4):
        offer = offered_alone()
        outcomes = kinds(run_together(both(offer, verb=decline_offer)))
        assert outcomes == {"Offer": 1, "OfferOver": 1}
        offer.refresh_from_db()
        assert holders(offer) == (offer.status == "accepted")
    assert not broken()


# --- The deadline --------------------------------------------------------------------------------
def at_the_deadline(
    run_together: Race, *, lag: float = 0, linger: float = 0
) -> tuple[list[Any], Offer]:
    """Accept in the last second, by a clock slightly behind that of the worker who expires the offer.

    Expiring is faster, so it begins `lag` milliseconds later for the two to meet. Without guards it may also
    `linger` for seconds after reading the offer.
    """
    offer = offered_alone()

    def end() -> bool:
        time.sleep(lag / 1000)
        with guards.lingering('FROM "booking_offer" INNER JOIN', seconds=linger):
            return expire_offer(offer_id=offer.pk, now=offer.answer_by)

    yes = partial(
        accept_offer,
        offer_id=offer.pk,
        account_id=offer.entry.account_id,
        now=offer.answer_by - timedelta(seconds=1),
    )
    outcomes = run_together([yes, end])
    return outcomes, Offer.objects.get(pk=offer.pk)


def test_an_offer_is_accepted_or_expired_but_never_both(run_together: Race) -> None:
    for number in range(6):
        (yes, ended), offer = at_the_deadline(run_together, lag=4 * number)
        is_taken = isinstance(yes, Offer)
        assert is_taken or isinstance(yes, OfferOver)
        assert ended is not is_taken or (is_taken and not ended)
        assert offer.status == ("accepted" if is_taken else "open" if not ended else "expired")
        assert holders(offer) == is_taken
        assert offer.history.count() == (1 if offer.status == "open" else 2)
    assert not broken()


def test_control_without_guards_an_offer_is_accepted_and_expired(
    unguarded_database: str, run_together: Race
) -> None:
    """If this fails, the test above no longer races and proves nothing."""

    def is_both() -> bool:
        (yes, ended), _offer = at_the_deadline(run_together, linger=2)
        return isinstance(yes, Offer) and ended is True

    assert any(is_both() for _round in range(ROUNDS))


# --- Several workers -------------------------------------------------------------------------------
def offered_by(run_together: Race, *, workers: int) -> list[int]:
    """Several concurrent workers, one place, three entries; return the places of the open offers."""
    slot, [booking] = make_full_slot()
    for number in range(3):
        wait(slot, now=NOW + number * MINUTE)
    give_back(booking, now=NOW + 5 * MINUTE)
    now = NOW + 6 * MINUTE
    run_together(
        [partial(offer_next, office_id=slot.office_id, now=now) for _each in range(workers)]
    )
    rows = Offer.objects.filter(slot=slot, status="open")
    return list(rows.values_list("places__place", flat=True))


def test_concurrent_workers_offer_a_place_once(run_together: Race) -> None:
    for _round in range(4):
        places = offered_by(run_together, workers=4)
        assert len(places) == 1


def test_control_without_guards_a_place_is_offered_twice(
    unguarded_database: str, run_together: Race
) -> None:
    def twice() -> bool:
        places = offered_by(run_together, workers=4)
        return len(places) > len(set(places))

    assert any(twice() for _ in range(ROUNDS))


def test_concurrent_rounds_notify_everyone_once(run_together: Race) -> None:
    slot, bookings = make_full_slot(places=3, given=3)
    entries = [wait(slot, now=NOW + number * MINUTE) for number in range(5)]
    give_back(*bookings, now=NOW + 6 * MINUTE)
    now = NOW + 7 * MINUTE
    kinds(run_together([partial(serve_waiting_lists, now=now) for _each in range(3)]))
    serve(now)
    assert [offer_to(entry).slot for entry in entries[:3]] == [slot] * 3
    assert Offer.objects.count() == 3
    assert Message.objects.filter(kind="waiting_offer").count() == 3


@pytest.mark.parametrize("step", ["_write", "_record_passed"])
def test_another_worker_continues_after_a_killed_one(step: str) -> None:
    slot, bookings = make_full_slot(places=2, given=2)
    entries = [wait(slot, now=NOW + number * MINUTE) for number in range(2)]
    give_back(*bookings, now=NOW + 3 * MINUTE)
    names = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
    known = {name: connection.settings_dict[name] for name in names}
    now = NOW + 4 * MINUTE
    program = DIES.format(step=step, now=now.isoformat(), known=known)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=settings.BASE_DIR,
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-600:]
    assert not Offer.objects.exists()
    assert not Message.objects.filter(kind="waiting_offer").exists()
    serve(now)
    assert {offer_to(entry).slot for entry in entries} == {slot}


# --- Others ----------------------------------------------------------------------------------------
def test_returned_places_go_to_the_list_despite_concurrent_bookings(run_together: Race) -> None:
    """Cancel while five people book and two workers run: during the cooldown nobody else can take the place."""
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    people = [make_person() for _each in range(5)]
    takers = [
        partial(
            book_online,
            account_id=one.account_id,
            slot_id=slot.pk,
            applicant_ids=[one.pk],
            service_type="new",
            key=uuid4().hex,
            now=NOW,
        )
        for one in people
    ]
    cancel = partial(cancel_booking, booking_id=booking.pk, by=booking.account, now=NOW)
    worker = partial(serve_waiting_lists, now=NOW)
    outcomes = run_together([cancel, worker, *takers, worker])
    assert kinds(outcomes)["SlotFull"] == 5
    serve()
    assert offer_to(entry).slot == slot
    assert Place.objects.filter(slot=slot, holder__isnull=False).count() == 1


def test_accepting_while_the_slot_closes_is_safe(run_together: Race) -> None:
    for _round in range(4):
        offer = offered_alone()
        officer = make_officer(offer.slot.office, Role.SUPERVISOR)
        day = offer.slot.day
        close = partial(
            close_office,
            office_id=offer.slot.office_id,
            by=officer,
            now=NOW + MINUTE,
            data=ClosureData(first_day=day, last_day=day, reason="Banjir"),
        )
        closure, answer = run_together([close, partial(accept, offer, NOW + MINUTE)])
        assert kinds([closure, answer])["Closure"] == 1
        move_everyone(closure_id=closure.pk, now=NOW + 2 * MINUTE)
        serve(NOW + 2 * MINUTE)
        offer.refresh_from_db()
        if isinstance(answer, Offer):
            moved = Booking.objects.get(party=answer.party)
            assert moved.slot_id != offer.slot_id or moved.status == "displaced"
        else:
            assert isinstance(answer, OfferOver | Busy)
            assert offer.status == "withdrawn"
    assert not broken()


def test_accepting_offers_of_two_offices_gives_one_booking(run_together: Race) -> None:
    number = make_person().identity_number
    offers = []
    for _each in range(2):
        slot = make_open_slot(places=1)
        booking = make_booking(slot)
        entry = wait(slot, make_person(identity_number=number))
        give_back(booking)
        serve()
        offers.append(offer_to(entry))
    outcomes = run_together([partial(accept, offer) for offer in offers])
    assert kinds(outcomes) == {"Offer": 1, "NotBookable": 1}
    [refused] = [one for one in outcomes if isinstance(one, NotBookable)]
    assert refused.http_status == 409
    serve(NOW + MINUTE)
    assert sorted(WaitingListEntry.objects.values_list("status", flat=True)) == ["booked", "placed"]
    assert not broken()


def test_concurrent_leave_and_accept_leave_no_place_behind(run_together: Race) -> None:
    for _round in range(4):
        offer = offered_alone()
        entry = offer.entry
        stop = partial(stop_waiting, entry_id=entry.pk, account_id=entry.account_id, now=NOW + HOUR)
        kinds(run_together([both(offer)[0], stop]))
        offer.refresh_from_db()
        assert holders(offer) == (offer.status == "accepted")
        assert not Place.objects.filter(holder=offer.pk).exists()
    assert not broken()


def test_concurrent_forms_create_one_entry(run_together: Race) -> None:
    slot, _ = make_full_slot()
    person = make_person()
    outcomes = run_together([partial(wait, slot, person) for _each in range(4)])
    assert kinds(outcomes) == {"WaitingListEntry": 4}
    assert WaitingListEntry.objects.count() == 1


def test_without_a_cooldown_a_place_is_available_at_once(run_together: Race) -> None:
    slot = make_open_slot(places=1)
    make_return_rule(slot.office, rest_from_minutes=0, rest_until_minutes=0)
    booking = make_booking(slot)
    wait(slot)
    give_back(booking)
    assert serve().offered == 0
    assert make_booking(slot, now=NOW + MINUTE).slot == slot
