"""The waiting list: joining, order, offers, quiet hours, answers, ends of entries."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import InternalError, connection, transaction

from booking.bookings.changes import mark_no_show
from booking.bookings.errors import AlreadyBooked, NotBookable, TooLate
from booking.bookings.models import Booking
from booking.closures.moves import move_everyone
from booking.closures.services import ClosureData, close_office
from booking.closures.tasks import serve_waiting_lists
from booking.people import services as people_services
from booking.restrictions.errors import Restricted
from booking.restrictions.models import Restriction
from booking.statuses import Status
from booking.waiting_list import selectors
from booking.waiting_list import services as waiting_list_services
from booking.waiting_list.accepting import accept_offer
from booking.waiting_list.errors import AlreadyWaiting, OfferOver
from booking.waiting_list.models import Offer, WaitingListEntry
from booking.waiting_list.offers import decline_offer, offer_next, stop_waiting
from booking.waiting_list.selectors import OFFER_LINK
from core.errors import InvalidInput, NotFound
from notices import links
from notices.models import Message
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.errors import SlotFull, WindowClosed
from quotas.places.models import Place, Slot
from tests.booking.waiting_list.waiting_world import (
    DAY,
    HOUR,
    MINUTE,
    accept,
    book_family,
    decline,
    fill,
    give_back,
    make_full_slot,
    make_offer,
    offer_to,
    preferences_for,
    serve,
    wait,
    wait_as_family,
)
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_slot,
    make_person,
    make_return_rule,
    make_user,
)
from tests.outbox import link_of, text_of

pytestmark = pytest.mark.django_db
# NOW is Monday 10.00 WIB; the slot is on Thursday 08.00.
EVENING = NOW + 9 * HOUR  # 19.00
LATER = NOW + 3 * HOUR


def laws_hold(now: datetime = LATER) -> bool:
    """Check the laws. Law 1 is left out where builders created holders without bookings."""
    return not any(row.breaches for row in verify(now=now) if row.law not in (1, 9))


def strictly(now: datetime = LATER) -> list[Any]:
    return [row for row in verify(now=now) if row.breaches and row.law != 9]


# --- Joining ---------------------------------------------------------------------------------------
def test_joining_creates_an_entry_and_history() -> None:
    slot, _ = make_full_slot()
    entry = wait(slot)
    assert (entry.status, entry.size, entry.offers_made) == ("waiting", 1, 0)
    line = entry.history.get()
    assert (line.old, line.new, line.by) == ("", "waiting", entry.account)


def test_joining_again_changes_the_days_and_keeps_the_position() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    first = wait(slot, person)
    again = wait(slot, person, now=NOW + HOUR, last_day=slot.day + DAY)
    assert (again.pk, again.joined_at, again.last_day) == (first.pk, NOW, slot.day + DAY)
    assert [line.reason for line in again.history.all()] == ["", "changed"]


def test_a_person_waits_once_per_office_across_accounts() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    wait(slot, person)
    twin = make_person(identity_number=person.identity_number)
    with pytest.raises(NotBookable):
        wait(slot, twin)
    # The same person with somebody else of the account: the account may know about its own entry.
    with pytest.raises(AlreadyWaiting):
        wait(slot, person, make_person(person.account))
    elsewhere, _ = make_full_slot()
    assert wait(elsewhere, twin).status == "waiting"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"office_code": "tidak-ada"}, "office"),
        ({"service_type": "tidak-ada"}, "service_type"),
        ({"lane": "walk_in"}, "lane"),
        ({"first_day": NOW.date() - DAY}, "first_day"),
        ({"first_day": NOW.date(), "last_day": NOW.date()}, "last_day"),
        ({"first_day": NOW.date() + 3 * DAY, "last_day": NOW.date() + 2 * DAY}, "last_day"),
        ({"last_day": NOW.date() + 100 * DAY}, "last_day"),
    ],
)
def test_invalid_preferences_are_refused_at_their_field(
    changes: dict[str, Any], field: str
) -> None:
    slot, _ = make_full_slot()
    with pytest.raises(InvalidInput) as refused:
        wait(slot, **changes)
    assert list(refused.value.fields) == [field]


def test_joining_needs_one_to_five_own_people() -> None:
    slot, _ = make_full_slot()
    account = make_user()
    people = [make_person(account).pk for _each in range(6)]
    for ids in ([], people, [people[0], people[0]], [make_person().pk]):
        with pytest.raises(InvalidInput) as refused:
            waiting_list_services.join_waiting_list(
                account_id=account.pk, applicant_ids=ids, preferences=preferences_for(slot), now=NOW
            )
        assert list(refused.value.fields) == ["applicants"]


def test_a_person_booked_in_another_account_cannot_wait() -> None:
    slot, [booking] = make_full_slot()
    twin = make_person(identity_number=booking.applicant.identity_number)
    with pytest.raises(NotBookable):
        wait(slot, twin)


# --- Offers ----------------------------------------------------------------------------------------
def test_a_returned_place_is_offered_only_to_the_waiting_list() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking)
    done = serve(NOW + MINUTE)
    assert (done.offered, done.notified) == (1, 1)
    offer = offer_to(entry)
    place = Place.objects.get(holder=offer.pk)
    assert (place.slot, offer.slot) == (slot, slot)
    assert offer.answer_by == NOW + MINUTE + 4 * HOUR
    with pytest.raises(SlotFull):
        make_booking(slot, now=NOW + 2 * HOUR)
    email = Message.objects.get(kind="waiting_offer")
    assert email.address == entry.account.email
    assert link_of(email).endswith(f"/offers/{_token(email)}/")
    assert "/waiting/stop/" in text_of(email)


def _token(email: Message) -> str:
    return link_of(email).rstrip("/").rpartition("/")[2]


def test_messages_and_links_contain_no_names() -> None:
    offer = make_offer()
    email = Message.objects.get(kind="waiting_offer")
    name = offer.entry.members.get().applicant.full_name
    assert name not in text_of(email)
    assert links.read(_token(email), OFFER_LINK, now=NOW).subject == str(offer.pk)


def test_entries_are_served_in_order_and_refusals_pass_on() -> None:
    slot, [booking] = make_full_slot()
    entries = [wait(slot, now=NOW + n * MINUTE) for n in range(3)]
    give_back(booking, now=NOW + 5 * MINUTE)
    for entry in entries:
        serve(NOW + 6 * MINUTE)
        assert Offer.objects.get(status="open").entry == entry
        decline(offer_to(entry), now=NOW + 6 * MINUTE)
    assert serve(NOW + 6 * MINUTE).offered == 0
    assert Message.objects.filter(kind="waiting_offer").count() == 3


def test_without_entries_a_place_returns_within_an_hour() -> None:
    slot, [booking] = make_full_slot()
    give_back(booking)
    assert serve().offered == 0
    assert make_booking(slot, now=NOW + HOUR).slot == slot


def test_a_place_nobody_returned_is_not_offered() -> None:
    slot = make_open_slot(places=3)
    wait(slot)
    assert serve().offered == 0


def test_only_requested_days_are_offered() -> None:
    slot, [booking] = make_full_slot()
    wait(slot, first_day=slot.day + DAY, last_day=slot.day + 7 * DAY)
    give_back(booking)
    assert serve().offered == 0


def test_a_family_is_offered_places_in_one_slot() -> None:
    slot = make_open_slot(places=3)
    family = book_family(slot, 3)
    entry = wait_as_family(slot, 3)
    give_back(*family)
    serve()
    offer = offer_to(entry)
    assert Place.objects.filter(holder=offer.pk, slot=slot).count() == 3
    accept(offer)
    assert Booking.objects.filter(via="waiting_list", slot=slot, status="booked").count() == 3
    assert Booking.objects.filter(via="waiting_list").values("party").distinct().count() == 1
    assert not strictly()


def test_too_few_places_for_a_family_go_to_the_next_entry() -> None:
    slot, [booking] = make_full_slot()
    family, single = wait_as_family(slot, 2), wait(slot, now=NOW + MINUTE)
    give_back(booking, now=NOW + 2 * MINUTE)
    serve(NOW + 2 * MINUTE)
    assert Offer.objects.get().entry == single
    assert family.history.filter(reason="passed").count() == 1
    assert not single.history.filter(reason="passed").exists()


def test_a_family_gets_two_places_before_later_entries() -> None:
    slot, bookings = make_full_slot(places=2, given=2)
    family = wait_as_family(slot, 2)
    wait(slot, now=NOW + MINUTE)
    give_back(*bookings, now=NOW + 2 * MINUTE)
    serve(NOW + 2 * MINUTE)
    assert Offer.objects.get().entry == family


def test_places_of_a_closed_window_are_still_offered() -> None:
    slot, [booking] = make_full_slot()
    closed = slot.places.get().closes_at + MINUTE  # 16.01 of the day before
    give_back(booking, now=closed - 6 * HOUR)
    with pytest.raises(WindowClosed):
        make_booking(slot, now=closed)
    entry = wait(slot, now=closed)
    serve(closed)
    accept(offer_to(entry), now=closed + HOUR)
    assert Booking.objects.get(via="waiting_list").slot == slot
    assert laws_hold(closed + 2 * HOUR)


def test_a_slot_that_begins_too_soon_is_not_offered() -> None:
    slot, [booking] = make_full_slot()
    wait(slot)
    evening = slot.starts_at - 12.5 * HOUR  # 19.30 of the day before: half an hour to answer
    give_back(booking, now=evening)
    assert serve(evening).offered == 0


def test_answers_are_due_before_the_day_of_the_slot() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    afternoon = slot.starts_at - 15 * HOUR  # 17.00 of the day before
    give_back(booking, now=afternoon)
    serve(afternoon)
    assert offer_to(entry).answer_by == slot.starts_at - 12 * HOUR  # 20.00


def test_the_night_does_not_count_towards_the_answer_time() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking, now=EVENING)
    serve(EVENING)
    offer = offer_to(entry)
    assert (
        offer.answer_by == NOW + DAY
    )  # one hour in the evening, three in the morning: due at 10.00
    for moment in (EVENING + 2 * HOUR, EVENING + 8 * HOUR, NOW + DAY - MINUTE):
        assert serve(moment).expired == 0
    assert serve(NOW + DAY).expired == 1
    offer.refresh_from_db()
    assert offer.status == "expired"


def test_an_offer_made_at_night_is_sent_in_the_morning() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking, now=NOW + 13 * HOUR)  # 23.00
    assert serve(NOW + 13 * HOUR).notified == 0
    offer = offer_to(entry)
    assert (offer.tell_at, offer.answer_by) == (NOW + 21 * HOUR, NOW + 25 * HOUR)
    assert serve(NOW + 20 * HOUR).notified == 0
    assert not Message.objects.filter(kind="waiting_offer").exists()
    assert serve(NOW + 21 * HOUR).notified == 1


def test_two_messages_to_an_entry_are_an_hour_apart() -> None:
    slot, bookings = make_full_slot(places=2, given=2)
    other, [elsewhere] = make_full_slot(office=slot.office, days_from_now=4)
    entry = wait(slot, last_day=other.day)
    give_back(bookings[0])
    serve()
    decline(offer_to(entry), now=NOW + MINUTE)
    give_back(elsewhere, now=NOW + MINUTE)
    assert (
        serve(NOW + 2 * MINUTE).offered,
        Message.objects.filter(kind="waiting_offer").count(),
    ) == (1, 1)
    offer = offer_to(entry)
    assert offer.tell_at == NOW + HOUR
    assert offer.answer_by == NOW + 5 * HOUR
    serve(NOW + 59 * MINUTE)
    assert Message.objects.filter(kind="waiting_offer").count() == 1
    serve(NOW + HOUR)
    assert Message.objects.filter(kind="waiting_offer").count() == 2


def test_an_outage_of_workers_does_not_shorten_the_answer_time() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking)
    offer_next(office_id=slot.office_id, now=NOW)  # then the worker is killed
    assert serve(NOW + 6 * HOUR).expired == 0
    offer = offer_to(entry)
    assert (offer.notified_at, offer.answer_by) == (NOW + 6 * HOUR, NOW + 10 * HOUR)


def test_an_offer_notified_too_late_does_not_count() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot, last_day=slot.day + 7 * DAY)
    give_back(booking)
    offer_next(office_id=slot.office_id, now=NOW)
    late = slot.starts_at - HOUR
    assert serve(late).notified == 0
    entry.refresh_from_db()
    assert (entry.status, entry.offers_made) == ("waiting", 0)
    assert Offer.objects.get().status == "withdrawn"


def test_an_office_sets_answer_time_and_number_of_offers() -> None:
    slot, [booking] = make_full_slot()
    make_return_rule(slot.office, answer_hours=2, offers_at_most=1)
    entry = wait(slot)
    give_back(booking)
    serve()
    assert offer_to(entry).answer_by == NOW + 2 * HOUR
    serve(NOW + 2 * HOUR)
    entry.refresh_from_db()
    assert entry.status == "used_up"
    email = Message.objects.get(kind="waiting_ended")
    assert email.due_at >= NOW + 2 * HOUR
    assert f"/offices/{slot.office.code}/" in link_of(email)


def test_an_office_without_bookings_offers_nothing() -> None:
    slot, [booking] = make_full_slot()
    wait(slot)
    give_back(booking)
    slot.office.booking_stopped_reason = "listrik padam"
    slot.office.save(update_fields=["booking_stopped_reason"])
    assert serve().offered == 0


def test_beat_serves_the_lists(set_clock: Any) -> None:
    set_clock(NOW)
    slot, [booking] = make_full_slot()
    wait(slot)
    give_back(booking)
    serve_waiting_lists()
    serve_waiting_lists()
    assert Offer.objects.count() == 1
    assert Message.objects.filter(kind="waiting_offer").count() == 1


# --- Answers ---------------------------------------------------------------------------------------
def test_accepting_creates_a_booking() -> None:
    slot = make_open_slot(places=1)
    booking = make_booking(slot)
    entry = wait(slot)
    give_back(booking)
    serve()
    offer = accept(offer_to(entry), now=NOW + HOUR)
    entry.refresh_from_db()
    made = Booking.objects.get(via="waiting_list")
    assert (made.status, made.slot, made.party, entry.status) == (
        "booked",
        slot,
        offer.party,
        "placed",
    )
    assert Place.objects.get(holder=made.pk).slot == slot
    assert Message.objects.get(kind="booking_confirmed", about_id=str(made.pk))
    assert selectors.bookings_from(offer) == [made]
    assert not strictly()


def test_accepting_twice_creates_one_booking() -> None:
    offer = make_offer()
    assert accept(offer).party == accept(offer, now=NOW + 8 * HOUR).party
    assert Booking.objects.filter(via="waiting_list").count() == 1


def test_a_late_answer_is_refused() -> None:
    offer = make_offer()
    with pytest.raises(OfferOver):
        accept(offer, now=offer.answer_by)
    decline(offer)
    with pytest.raises(OfferOver):
        accept(offer)


def test_another_accounts_offer_is_unknown() -> None:
    offer, other_user = make_offer(), make_user()
    for answer in (accept_offer, decline_offer):
        with pytest.raises(NotFound):
            answer(offer_id=offer.pk, account_id=other_user.pk, now=NOW)
    with pytest.raises(NotFound):
        stop_waiting(entry_id=offer.entry_id, account_id=other_user.pk, now=NOW)
    with pytest.raises(NotFound):
        accept_offer(offer_id=uuid4(), account_id=other_user.pk, now=NOW)


def test_accepting_moves_an_existing_booking() -> None:
    slot, [given] = make_full_slot()
    late = make_open_slot(office=slot.office, days_from_now=7)
    mine = make_booking(late)
    entry = wait(slot, mine.applicant)
    give_back(given)
    serve()
    accept(offer_to(entry), now=NOW + HOUR)
    mine.refresh_from_db()
    assert (mine.slot, mine.status, mine.via, mine.changes_used) == (
        slot,
        "booked",
        "waiting_list",
        0,
    )
    old = Place.objects.get(slot=late, cooldown_until__gt=NOW)
    assert old.holder is None
    assert Message.objects.filter(kind="booking_changed", about_id=str(mine.pk)).count() == 1
    assert laws_hold()


def test_accepting_after_cancelling_creates_a_new_booking() -> None:
    slot, [given] = make_full_slot()
    mine = make_booking(make_open_slot(office=slot.office, days_from_now=7))
    entry = wait(slot, mine.applicant)
    give_back(given)
    serve()
    give_back(mine, now=NOW + MINUTE)
    accept(offer_to(entry), now=NOW + HOUR)
    assert Booking.objects.get(via="waiting_list").pk != mine.pk


def test_a_booking_for_today_is_not_moved() -> None:
    slot, [given] = make_full_slot(days_from_now=4)
    mine = make_booking(make_open_slot())
    entry = wait(slot, mine.applicant)
    afternoon = mine.slot.starts_at - 16 * HOUR  # 16.00 on the day before the own booking
    give_back(given, now=afternoon + 2 * HOUR)
    serve(afternoon + 2 * HOUR)
    offer = offer_to(entry)
    with pytest.raises(TooLate):
        accept(offer, now=mine.slot.starts_at)
    assert serve(mine.slot.starts_at).ended == 1
    entry.refresh_from_db()
    assert entry.status == "booked"


def test_booking_elsewhere_ends_the_entry_with_a_message() -> None:
    slot, [booking] = make_full_slot()
    person = make_person()
    entry, behind = wait(slot, person), wait(slot, now=NOW + MINUTE)
    give_back(booking)
    serve()
    offer = offer_to(entry)
    make_booking(make_open_slot(), person=person)
    with pytest.raises(AlreadyBooked):
        accept(offer, now=NOW + 2 * MINUTE)
    serve(NOW + 3 * MINUTE)
    entry.refresh_from_db()
    assert entry.status == "booked"
    assert offer_to(behind).slot == slot
    assert Message.objects.get(kind="waiting_ended").due_at == NOW + HOUR
    assert laws_hold()


def test_changed_personal_data_end_the_entry() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    entry = wait(slot, person)
    people_services.remove_applicant(applicant_id=person.pk, account_id=entry.account_id, now=NOW)
    serve()
    entry.refresh_from_db()
    assert entry.status == "changed"


def test_an_entry_without_remaining_days_ends_with_a_message() -> None:
    slot, _ = make_full_slot()
    entry = wait(slot)
    assert serve(slot.starts_at - 9 * HOUR).ended == 0  # 23.00 on the day before
    assert serve(slot.starts_at - 2 * HOUR).ended == 1
    entry.refresh_from_db()
    assert entry.status == "lapsed"
    email = Message.objects.get(kind="waiting_ended")
    assert email.due_at == slot.starts_at - HOUR  # 07.00, after the quiet hours
    assert laws_hold()


def test_leaving_passes_the_offer_on_and_allows_rejoining() -> None:
    slot, [booking] = make_full_slot()
    entry, behind = wait(slot), wait(slot, now=NOW + MINUTE)
    give_back(booking)
    serve()
    for _twice in range(2):
        stop_waiting(entry_id=entry.pk, account_id=entry.account_id, now=NOW + 2 * MINUTE)
    serve(NOW + 2 * MINUTE)
    assert offer_to(behind).slot == slot
    again = wait(slot, entry.members.get().applicant, now=NOW + HOUR)
    assert again.pk != entry.pk


def test_the_entry_ends_after_the_last_offer() -> None:
    slot, [first] = make_full_slot()
    entry = wait(slot, last_day=slot.day + 7 * DAY)
    others = Slot.objects.filter(office=slot.office, lane="online", day__gt=slot.day)
    given = [first, *(make_booking(hour) for hour in others.order_by("starts_at"))]
    assert len(given) == 3
    for number, booking in enumerate(given):
        moment = NOW + number * 5 * MINUTE
        give_back(booking, now=moment)
        serve(moment)
        decline(offer_to(entry), now=moment)
    entry.refresh_from_db()
    assert (entry.status, entry.offers_made) == ("used_up", 3)
    assert Message.objects.filter(kind="waiting_ended").count() == 1
    # The other two were answered within the hour between two messages.
    assert Message.objects.filter(kind="waiting_offer").count() == 1


def test_a_declined_slot_is_not_offered_again() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking)
    serve()
    decline(offer_to(entry))
    assert serve(NOW + 2 * MINUTE).offered == 0
    assert make_booking(slot, now=NOW + HOUR).slot == slot


# --- Closures and the displaced ----------------------------------------------------------------------
def close(slot: Slot, now: datetime = NOW) -> Any:
    by = make_officer(slot.office, Role.SUPERVISOR)
    data = ClosureData(first_day=slot.day, last_day=slot.day, reason="Banjir")
    return close_office(office_id=slot.office_id, data=data, by=by, now=now)


def test_closing_a_slot_revokes_its_offer_without_counting_it() -> None:
    offer = make_offer()
    close(offer.slot)
    with pytest.raises(OfferOver):
        accept(offer, now=NOW + MINUTE)
    assert serve(NOW + MINUTE).withdrawn == 1
    entry = WaitingListEntry.objects.get()
    assert (entry.status, entry.offers_made) == ("waiting", 0)
    email = Message.objects.get(kind="waiting_withdrawn")
    assert email.due_at == NOW + HOUR
    assert not Place.objects.filter(holder=offer.pk).exists()
    assert laws_hold()


def test_people_displaced_by_a_closure_come_first() -> None:
    slot, _ = make_full_slot()
    other, [booking] = make_full_slot(office=slot.office, days_from_now=4)
    rest = Slot.objects.filter(office=slot.office, day__gt=other.day, lane="online")
    for hour in rest:
        fill(hour)
    closure = close(slot)
    move_everyone(closure_id=closure.pk, now=NOW)
    displaced = Booking.objects.get(slot=slot, status=Status.DISPLACED)
    waits = wait(other)
    give_back(booking, now=NOW + MINUTE)
    serve(NOW + MINUTE)
    displaced.refresh_from_db()
    assert (displaced.status, displaced.slot) == ("booked", other)
    assert not Offer.objects.filter(entry=waits).exists()


# --- Database constraints ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE booking_offer SET status = 'open', answered_at = NULL",
        "UPDATE booking_waitinglistentry SET status = 'waiting', ended_at = NULL",
        "DELETE FROM booking_offerevent",
        "UPDATE booking_waitingevent SET reason = 'lain'",
    ],
)
def test_answered_offers_and_ended_entries_cannot_change(statement: str) -> None:
    accept(make_offer())
    with (
        pytest.raises(InternalError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_place_with_an_open_offer_cannot_be_freed() -> None:
    offer = make_offer()
    with pytest.raises(Exception, match="offer_holds_its_place"):
        Place.objects.filter(holder=offer.pk).update(holder=None)


def test_a_restricted_person_cannot_wait() -> None:
    slot, _ = make_full_slot()
    missed = make_booking(make_open_slot())
    mark_no_show(booking_id=missed.pk, now=NOW)
    Restriction.objects.create(
        applicant=missed.applicant,
        person_key=missed.person_key,
        booking=missed,
        office=missed.office,
        made_at=NOW,
        until_at=NOW + 30 * DAY,
        instrument="SK uji",
    )
    with pytest.raises(Restricted):
        wait(slot, missed.applicant)
