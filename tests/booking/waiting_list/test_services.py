"""The waiting list: joining, order, offers, quiet hours, answers, ends of entries."""

from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import InternalError, connection, transaction

from booking.bookings.changes import mark_no_show
from booking.bookings.errors import AlreadyBooked, TooLate
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
from core.errors import InvalidInput, NotFound
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
def test_joining_keeps_a_turn_and_a_line_of_history() -> None:
    slot, _ = make_full_slot()
    entry = wait(slot)
    assert (entry.status, entry.size, entry.offers_made) == ("waiting", 1, 0)
    line = entry.history.get()
    assert (line.old, line.new, line.by) == ("", "waiting", entry.account)


def test_the_same_people_again_change_their_days_and_keep_their_turn() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    first = wait(slot, person)
    again = wait(slot, person, now=NOW + HOUR, last_day=slot.day + DAY)
    assert (again.pk, again.joined_at, again.last_day) == (first.pk, NOW, slot.day + DAY)
    assert [line.reason for line in again.history.all()] == ["", "changed"]


def test_a_person_waits_once_at_an_office_whatever_the_account() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    wait(slot, person)
    twin = make_person(identity_number=person.identity_number)
    with pytest.raises(AlreadyWaiting):
        wait(slot, twin)
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
def test_a_wish_that_makes_no_sense_is_refused_at_its_field(
    changes: dict[str, Any], field: str
) -> None:
    slot, _ = make_full_slot()
    with pytest.raises(InvalidInput) as refused:
        wait(slot, **changes)
    assert list(refused.value.fields) == [field]


def test_nobody_waits_for_strangers_for_six_or_for_nobody() -> None:
    slot, _ = make_full_slot()
    account = make_user()
    people = [make_person(account).pk for _each in range(6)]
    for ids in ([], people, [people[0], people[0]], [make_person().pk]):
        with pytest.raises(InvalidInput) as refused:
            waiting_list_services.join_waiting_list(
                account_id=account.pk, applicant_ids=ids, wish=preferences_for(slot), now=NOW
            )
        assert list(refused.value.fields) == ["applicants"]


def test_who_is_booked_in_another_account_does_not_wait() -> None:
    slot, [booking] = make_full_slot()
    twin = make_person(identity_number=booking.applicant.identity_number)
    with pytest.raises(AlreadyBooked):
        wait(slot, twin)


# --- Offers ----------------------------------------------------------------------------------------
def test_a_place_given_back_is_offered_to_who_waits_and_to_nobody_else() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking)
    done = serve(NOW + MINUTE)
    assert (done.offered, done.told) == (1, 1)
    offer = offer_to(entry)
    place = Place.objects.get(holder=offer.pk)
    assert (place.slot, offer.slot) == (slot, slot)
    assert offer.answer_by == NOW + MINUTE + 4 * HOUR
    with pytest.raises(SlotFull):
        make_booking(slot, now=NOW + 2 * HOUR)
    letter = Message.objects.get(kind="waiting_offer")
    assert letter.address == entry.account.email
    assert link_of(letter).endswith(f"/offers/{_token(letter)}/")
    assert "/waiting/stop/" in text_of(letter)


def _token(letter: Message) -> str:
    return link_of(letter).rstrip("/").rpartition("/")[2]


def test_letters_and_links_name_nobody() -> None:
    offer = make_offer()
    letter = Message.objects.get(kind="waiting_offer")
    name = offer.entry.members.get().applicant.full_name
    assert name not in text_of(letter)
    assert selectors.offer_behind(_token(letter)).pk == offer.pk
    for token in (_token(letter)[:-1] + "x", "x", selectors.stop_token(offer.entry)):
        with pytest.raises(NotFound):
            selectors.offer_behind(token)


def test_who_joined_first_is_asked_first_and_a_no_goes_on_to_the_next() -> None:
    slot, [booking] = make_full_slot()
    entries = [wait(slot, now=NOW + n * MINUTE) for n in range(3)]
    give_back(booking, now=NOW + 5 * MINUTE)
    for entry in entries:
        serve(NOW + 6 * MINUTE)
        assert Offer.objects.get(status="open").entry == entry
        decline(offer_to(entry), now=NOW + 6 * MINUTE)
    assert serve(NOW + 6 * MINUTE).offered == 0
    assert Message.objects.filter(kind="waiting_offer").count() == 3


def test_without_anyone_who_waits_the_place_comes_back_within_the_hour() -> None:
    slot, [booking] = make_full_slot()
    give_back(booking)
    assert serve().offered == 0
    assert make_booking(slot, now=NOW + HOUR).slot == slot


def test_a_place_that_nobody_gave_back_is_not_offered() -> None:
    slot = make_open_slot(places=3)
    wait(slot)
    assert serve().offered == 0


def test_only_days_that_were_asked_for_are_offered() -> None:
    slot, [booking] = make_full_slot()
    wait(slot, first_day=slot.day + DAY, last_day=slot.day + 7 * DAY)
    give_back(booking)
    assert serve().offered == 0


def test_a_family_is_offered_places_of_one_hour_together() -> None:
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


def test_a_place_too_few_for_a_family_goes_to_who_is_behind_and_the_family_can_see_it() -> None:
    slot, [booking] = make_full_slot()
    family, single = wait_as_family(slot, 2), wait(slot, now=NOW + MINUTE)
    give_back(booking, now=NOW + 2 * MINUTE)
    serve(NOW + 2 * MINUTE)
    assert Offer.objects.get().entry == single
    assert family.history.filter(reason="passed").count() == 1
    assert not single.history.filter(reason="passed").exists()


def test_two_places_go_to_the_family_before_them() -> None:
    slot, bookings = make_full_slot(places=2, given=2)
    family = wait_as_family(slot, 2)
    wait(slot, now=NOW + MINUTE)
    give_back(*bookings, now=NOW + 2 * MINUTE)
    serve(NOW + 2 * MINUTE)
    assert Offer.objects.get().entry == family


def test_a_place_of_a_window_that_has_closed_is_offered_however_long_ago_it_came_back() -> None:
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


def test_an_hour_that_begins_too_soon_is_not_offered() -> None:
    slot, [booking] = make_full_slot()
    wait(slot)
    evening = slot.starts_at - 12.5 * HOUR  # 19.30 of the day before: half an hour to answer
    give_back(booking, now=evening)
    assert serve(evening).offered == 0


def test_an_answer_is_due_before_the_day_of_the_hour_begins() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    afternoon = slot.starts_at - 15 * HOUR  # 17.00 of the day before
    give_back(booking, now=afternoon)
    serve(afternoon)
    assert offer_to(entry).answer_by == slot.starts_at - 12 * HOUR  # 20.00


def test_the_night_counts_for_nobody() -> None:
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


def test_an_offer_of_the_night_is_told_in_the_morning() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking, now=NOW + 13 * HOUR)  # 23.00
    assert serve(NOW + 13 * HOUR).told == 0
    offer = offer_to(entry)
    assert (offer.tell_at, offer.answer_by) == (NOW + 21 * HOUR, NOW + 25 * HOUR)
    assert serve(NOW + 20 * HOUR).told == 0
    assert not Message.objects.filter(kind="waiting_offer").exists()
    assert serve(NOW + 21 * HOUR).told == 1


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


def test_workers_that_were_away_cost_nobody_the_time_to_answer() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot)
    give_back(booking)
    offer_next(office_id=slot.office_id, now=NOW)  # then the worker is killed
    assert serve(NOW + 6 * HOUR).expired == 0
    offer = offer_to(entry)
    assert (offer.told_at, offer.answer_by) == (NOW + 6 * HOUR, NOW + 10 * HOUR)


def test_an_offer_that_could_not_be_told_in_time_does_not_count() -> None:
    slot, [booking] = make_full_slot()
    entry = wait(slot, last_day=slot.day + 7 * DAY)
    give_back(booking)
    offer_next(office_id=slot.office_id, now=NOW)
    late = slot.starts_at - HOUR
    assert serve(late).told == 0
    entry.refresh_from_db()
    assert (entry.status, entry.offers_made) == ("waiting", 0)
    assert Offer.objects.get().status == "withdrawn"


def test_an_office_sets_how_long_and_how_often() -> None:
    slot, [booking] = make_full_slot()
    make_return_rule(slot.office, answer_hours=2, offers_at_most=1)
    entry = wait(slot)
    give_back(booking)
    serve()
    assert offer_to(entry).answer_by == NOW + 2 * HOUR
    serve(NOW + 2 * HOUR)
    entry.refresh_from_db()
    assert entry.status == "used_up"
    letter = Message.objects.get(kind="waiting_ended")
    assert letter.due_at >= NOW + 2 * HOUR
    assert f"/offices/{slot.office.code}/" in link_of(letter)


def test_an_office_that_takes_no_bookings_offers_nothing() -> None:
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
def test_accepting_makes_a_booking_by_its_own_right() -> None:
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


def test_accepting_twice_is_accepting_once() -> None:
    offer = make_offer()
    assert accept(offer).party == accept(offer, now=NOW + 8 * HOUR).party
    assert Booking.objects.filter(via="waiting_list").count() == 1


def test_an_answer_that_is_late_is_no_answer() -> None:
    offer = make_offer()
    with pytest.raises(OfferOver):
        accept(offer, now=offer.answer_by)
    decline(offer)
    with pytest.raises(OfferOver):
        accept(offer)


def test_a_strangers_offer_is_not_found() -> None:
    offer, stranger = make_offer(), make_user()
    for answer in (accept_offer, decline_offer):
        with pytest.raises(NotFound):
            answer(offer_id=offer.pk, account_id=stranger.pk, now=NOW)
    with pytest.raises(NotFound):
        stop_waiting(entry_id=offer.entry_id, account_id=stranger.pk, now=NOW)
    with pytest.raises(NotFound):
        accept_offer(offer_id=uuid4(), account_id=stranger.pk, now=NOW)


def test_who_has_an_hour_waits_for_another_and_the_booking_moves() -> None:
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


def test_who_cancels_meanwhile_gets_a_new_booking_by_the_offer() -> None:
    slot, [given] = make_full_slot()
    mine = make_booking(make_open_slot(office=slot.office, days_from_now=7))
    entry = wait(slot, mine.applicant)
    give_back(given)
    serve()
    give_back(mine, now=NOW + MINUTE)
    accept(offer_to(entry), now=NOW + HOUR)
    assert Booking.objects.get(via="waiting_list").pk != mine.pk


def test_an_hour_of_today_is_not_moved_any_more() -> None:
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


def test_who_booked_elsewhere_meanwhile_leaves_the_list_and_is_told() -> None:
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


def test_other_data_end_a_turn() -> None:
    slot, _ = make_full_slot()
    person = make_person()
    entry = wait(slot, person)
    people_services.remove_applicant(applicant_id=person.pk, account_id=entry.account_id, now=NOW)
    serve()
    entry.refresh_from_db()
    assert entry.status == "changed"


def test_a_turn_ends_when_no_day_is_left_and_its_people_are_told() -> None:
    slot, _ = make_full_slot()
    entry = wait(slot)
    assert serve(slot.starts_at - 9 * HOUR).ended == 0  # 23.00 on the day before
    assert serve(slot.starts_at - 2 * HOUR).ended == 1
    entry.refresh_from_db()
    assert entry.status == "lapsed"
    letter = Message.objects.get(kind="waiting_ended")
    assert letter.due_at == slot.starts_at - HOUR  # 07.00, after the quiet hours
    assert laws_hold()


def test_stopping_gives_the_offer_to_the_next_and_lets_one_join_again() -> None:
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


def test_after_the_last_offer_the_turn_is_over() -> None:
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


def test_an_hour_that_was_declined_is_not_offered_to_the_same_again() -> None:
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


def test_an_offer_of_an_hour_that_is_closed_is_taken_back_and_does_not_count() -> None:
    offer = make_offer()
    close(offer.slot)
    with pytest.raises(OfferOver):
        accept(offer, now=NOW + MINUTE)
    assert serve(NOW + MINUTE).withdrawn == 1
    entry = WaitingListEntry.objects.get()
    assert (entry.status, entry.offers_made) == ("waiting", 0)
    letter = Message.objects.get(kind="waiting_withdrawn")
    assert letter.due_at == NOW + HOUR
    assert not Place.objects.filter(holder=offer.pk).exists()
    assert laws_hold()


def test_whom_a_closure_took_the_hour_from_comes_before_who_waits() -> None:
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
def test_an_answered_offer_and_an_ended_turn_stay_so(statement: str) -> None:
    accept(make_offer())
    with (
        pytest.raises(InternalError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_place_cannot_be_freed_under_an_open_offer() -> None:
    offer = make_offer()
    with pytest.raises(Exception, match="offer_holds_its_place"):
        Place.objects.filter(holder=offer.pk).update(holder=None)


def test_a_restricted_person_does_not_wait() -> None:
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
