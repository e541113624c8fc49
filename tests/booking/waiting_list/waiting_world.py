"""A full slot, people waiting for it, and a returned place."""

from datetime import datetime, timedelta
from typing import Any

from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking
from booking.closures.rounds import serve_waiting_lists
from booking.people.models import Applicant
from booking.waiting_list.accepting import accept_offer
from booking.waiting_list.models import Offer, WaitingListEntry
from booking.waiting_list.offers import decline_offer
from booking.waiting_list.services import WaitingPreferences, join_waiting_list
from quotas.places.models import Place, Slot
from tests.builders import (
    NOW,
    book_online,
    fill_slot,
    make_booking,
    make_open_slot,
    make_person,
    make_user,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def make_full_slot(*, places: int = 1, given: int = 1, **where: Any) -> tuple[Slot, list[Booking]]:
    """A full slot, and its bookings that can be returned."""
    slot = make_open_slot(places=places, **where)
    bookings = [make_booking(slot) for _each in range(given)]
    fill(slot)
    return slot, bookings


def fill(slot: Slot) -> None:
    """Let new people take the remaining places."""
    if Place.objects.free().filter(slot=slot).exists():
        fill_slot(slot)


def preferences_for(slot: Slot, **changes: Any) -> WaitingPreferences:
    values = {
        "office_code": slot.office.code,
        "service_type": "new",
        "first_day": slot.day,
        "last_day": slot.day,
    }
    return WaitingPreferences(**(values | changes))


def wait(slot: Slot, *people: Applicant, now: datetime = NOW, **changes: Any) -> WaitingListEntry:
    """Join the list for the slot's day; a new person by default."""
    given = people or (make_person(now=now),)
    account_id = given[0].account_id
    assert account_id is not None
    return join_waiting_list(
        account_id=account_id,
        applicant_ids=[one.pk for one in given],
        preferences=preferences_for(slot, **changes),
        now=now,
    )


def wait_as_family(slot: Slot, size: int, *, now: datetime = NOW) -> WaitingListEntry:
    account = make_user()
    return wait(slot, *[make_person(account) for _each in range(size)], now=now)


def give_back(*bookings: Booking, now: datetime = NOW) -> None:
    for booking in bookings:
        assert booking.account is not None
        cancel_booking(booking_id=booking.pk, by=booking.account, now=now)


def serve(now: datetime = NOW) -> Any:
    return serve_waiting_lists(now=now)


def offer_to(entry: WaitingListEntry) -> Offer:
    return Offer.objects.select_related("slot__office").get(entry=entry, status="open")


def accept(offer: Offer, now: datetime = NOW) -> Offer:
    return accept_offer(offer_id=offer.pk, account_id=offer.entry.account_id, now=now)


def decline(offer: Offer, now: datetime = NOW) -> Offer:
    return decline_offer(offer_id=offer.pk, account_id=offer.entry.account_id, now=now)


def make_offer(**where: Any) -> Offer:
    """A returned place that is offered to the only entry."""
    slot, [booking] = make_full_slot(**where)
    entry = wait(slot)
    give_back(booking)
    serve()
    return offer_to(entry)


def book_family(slot: Slot, size: int, now: datetime = NOW) -> list[Booking]:
    account = make_user()
    people = [make_person(account) for _each in range(size)]
    party = book_online(
        account_id=account.pk,
        slot_id=slot.pk,
        applicant_ids=[one.pk for one in people],
        service_type="new",
        key=f"keluarga-{account.pk}",
        now=now,
    )
    return list(party.bookings.all())
