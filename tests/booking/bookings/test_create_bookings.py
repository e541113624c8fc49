"""One contract for every booking channel: what it writes, and each reason for refusal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from booking.applications.models import PassportApplication
from booking.applications.selectors import ACCOUNT_PEOPLE
from booking.bookings import checks
from booking.bookings.models import Booking, BookingEvent, Party
from booking.bookings.requests import (
    PEOPLE,
    AcceptedOffer,
    Assisted,
    AtOffice,
    BookingRequest,
    DeskOfficer,
    LotteryWin,
    OpenWindow,
)
from booking.bookings.services import create_bookings
from booking.restrictions.models import Restriction
from booking.statuses import Status
from core.errors import Busy, DomainError, NotAllowed
from notices.models import Message
from offices.limits.models import BookingLimit, ProductRule
from quotas.places.errors import PlaceNotHeld
from quotas.places.models import Slot
from tests.booking.bookings.test_limits import make_limit
from tests.booking.bookings.ways import BOOKED, WAYS, Way, by_claimed_win, places_of
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    fill_slot,
    make_booking,
    make_group,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_service_type,
    make_user,
)

pytestmark = pytest.mark.django_db
MADE, MOVED = BookingEvent.Kind.MADE, BookingEvent.Kind.MOVED
Via = Booking.Via


@pytest.fixture(autouse=True)
def _monday(set_clock: Callable[..., None]) -> None:
    set_clock(NOW)


# --- What every channel writes --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("prepare", "via", "statuses", "kinds"),
    [
        (WAYS["page"], Via.FIRST_COME, ["booked"], ["booking_confirmed"]),
        (WAYS["api"], Via.FIRST_COME, ["booked"], ["booking_confirmed"]),
        (WAYS["desk"], Via.DESK, ["booked"], []),  # nobody has an address there
        (WAYS["assisted"], Via.ASSISTED, ["booked"], []),
        (WAYS["offer"], Via.WAITING_LIST, ["booked"], ["booking_confirmed"]),
        (WAYS["lottery"], Via.DRAW, ["held"], []),
        (by_claimed_win, Via.DRAW, ["held", "booked"], ["booking_confirmed"]),
    ],
    ids=["page", "api", "desk", "assisted", "offer", "held win", "claimed win"],
)
def test_every_booking_channel_writes_the_same_history_and_messages(
    prepare: Callable[[], Way], via: str, statuses: list[str], kinds: list[str]
) -> None:
    way = prepare()
    assert way.book() == BOOKED
    booking = way.booking()
    lines = list(booking.history.order_by("pk"))
    assert [line.kind for line in lines] == [MADE, MOVED][: len(statuses)]
    assert [line.old for line in lines] == ["", *statuses][: len(statuses)]
    assert [line.new for line in lines] == statuses
    first = lines[0]
    assert (first.place_from_id, first.place_to_id) == (None, booking.place_id)
    assert (first.by_id, first.at, first.reason) == (way.actor_id, booking.placed_at, "")
    assert (booking.via, booking.status, booking.changes_used) == (via, statuses[-1], 0)
    assert booking.place is not None
    assert booking.place.holder == booking.pk
    assert booking.person_key == booking.applicant.person_key
    messages = Message.objects.filter(kind__startswith="booking_", about_id=str(booking.pk))
    assert list(messages.values_list("kind", flat=True)) == kinds


def test_every_channel_with_an_account_uses_the_prepared_application() -> None:
    for name in ("page", "api", "offer", "lottery"):
        way = WAYS[name]()
        prepare_application(way, "electronic_10")
        assert way.book() == BOOKED
        assert way.booking().application is not None, name


# --- Each reason on each channel ------------------------------------------------------------------
def prepare_application(way: Way, product: str) -> None:
    PassportApplication.objects.create(
        applicant=way.person,
        service_type=make_service_type("new"),
        reason="first",
        purpose="umrah",
        product=product,
        created_at=NOW,
        changed_at=NOW,
    )


def has_a_booking(way: Way) -> None:
    make_booking(person=make_person(identity_number=way.person.identity_number))


def left_the_list(way: Way) -> None:
    change_person(way, removed_at=NOW)


def has_another_identity(way: Way) -> None:
    change_person(way, identity_kind="passport")


def change_person(way: Way, **values: Any) -> None:
    type(way.person).objects.filter(pk=way.person.pk).update(**values)


def is_restricted(way: Way) -> None:
    missed = make_booking(person=make_person())
    Restriction.objects.create(
        booking=missed,
        person_key=way.person.person_key,
        applicant=way.person,
        office=missed.office,
        made_at=NOW,
        until_at=NOW + timedelta(days=30),
        instrument=INSTRUMENT,
    )


def reached_the_limit(way: Way) -> None:
    make_booking(person=make_person(way.person.account))
    make_limit(way.office, BookingLimit.Subject.ACCOUNT, 1)


def wants_another_product(way: Way) -> None:
    prepare_application(way, "plain_10")
    ProductRule.objects.create(
        office=way.office, products=["electronic_10"], instrument=INSTRUMENT, valid_from=SINCE
    )


def stopped_bookings(way: Way) -> None:
    type(way.office).objects.filter(pk=way.office.pk).update(booking_stopped_reason="Banjir")


def left_the_slot_to_others(way: Way) -> None:
    change_slot(way, only_services=[make_service_type("replacement").pk])


def is_for_another_group(way: Way) -> None:
    change_slot(way, group=make_group("foreigners"))


def is_in_another_lane(way: Way) -> None:
    change_slot(way, lane="priority" if way.slot.lane_id == "walk_in" else "walk_in")


def change_slot(way: Way, **values: Any) -> None:
    Slot.objects.filter(pk=way.slot.pk).update(**values)


def dropped_the_service(way: Way) -> None:
    way.office.service_types.remove(make_service_type("new"))


def used_the_key(way: Way) -> None:
    Party.objects.create(
        account_id=way.person.account_id, key=way.key, body_hash="another", created_at=NOW
    )


def sold_every_place(way: Way) -> None:
    if way.slot.lane.booked_at == "desk":
        places_of(way).filter(holder=None).update(holder=uuid4())
    elif places_of(way).filter(window__mode="draw").exists():
        places_of(way).update(withdrawn_at=NOW)
    elif places_of(way).filter(holder=None, cooldown_until=None).exists():
        fill_slot(way.slot)
    else:
        places_of(way).update(withdrawn_at=NOW)


def is_not_open_yet(way: Way) -> None:
    places_of(way).update(opens_at=way.now + timedelta(minutes=1))


def has_closed(way: Way) -> None:
    places_of(way).update(closes_at=way.now)


NAMES = ("page", "api", "desk", "offer", "lottery", "assisted")
# The result of each reason by page, API, desk, offer, lottery and assisted booking. "booked": the reason does not apply to that channel.
# What another account did makes a number "not_bookable"; officers and the lottery read the reason.
# An offer ends when its people changed or its place is gone; a lottery is retried ("busy").
REASONS: dict[Callable[[Way], None], tuple[str, ...]] = {
    has_a_booking: (
        "not_bookable",
        "not_bookable",
        "already_booked",
        "not_bookable",
        "already_booked",
        "already_booked",
    ),
    left_the_list: ("invalid", "invalid", BOOKED, "offer_over", "invalid", BOOKED),
    has_another_identity: ("invalid",) * 6,
    is_restricted: ("not_bookable", "not_bookable", BOOKED, "not_bookable", BOOKED, "restricted"),
    reached_the_limit: ("limit_reached", "limit_reached", BOOKED, "limit_reached", BOOKED, BOOKED),
    wants_another_product: (
        "product_not_made",
        "product_not_made",
        BOOKED,
        "product_not_made",
        BOOKED,
        BOOKED,
    ),
    stopped_bookings: ("window_closed", "window_closed", BOOKED, BOOKED, BOOKED, "window_closed"),
    left_the_slot_to_others: ("invalid", "invalid", "full", "invalid", "invalid", "invalid"),
    is_for_another_group: ("not_found", "invalid", "full", "invalid", "invalid", "invalid"),
    is_in_another_lane: ("not_found", "invalid", "full", "invalid", BOOKED, "invalid"),
    dropped_the_service: ("invalid", "invalid", "invalid", "invalid", BOOKED, "invalid"),
    used_the_key: ("key_reused", "key_reused", BOOKED, "key_reused", "key_reused", BOOKED),
    sold_every_place: ("full", "full", "full", "offer_over", "busy", "full"),
    is_not_open_yet: ("not_yet_open", "not_yet_open", "full", BOOKED, "busy", "not_yet_open"),
    has_closed: ("window_closed", "window_closed", "full", BOOKED, "busy", "window_closed"),
}
CASES = [
    pytest.param(reason, name, outcome, id=f"{reason.__name__} by {name}")
    for reason, outcomes in REASONS.items()
    for name, outcome in zip(NAMES, outcomes, strict=True)
]


@pytest.mark.parametrize(("reason", "name", "outcome"), CASES)
def test_each_rule_refuses_the_channels_it_applies_to(
    reason: Callable[[Way], None], name: str, outcome: str
) -> None:
    way = WAYS[name]()
    reason(way)
    before = (Booking.objects.count(), Party.objects.count(), Message.objects.count())
    assert way.book() == outcome
    if outcome == BOOKED:
        assert way.booking().status in (Status.BOOKED, Status.HELD)
    else:
        after = (Booking.objects.count(), Party.objects.count(), Message.objects.count())
        assert before == after


# --- The right of each channel (law 3) ------------------------------------------------------------
def request_of(slot: Slot, person: Any) -> BookingRequest:
    return BookingRequest(
        account_id=person.account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key=uuid4().hex,
    )


def refused(slot: Slot, person: Any, right: Any, by: Any, error: type[DomainError]) -> None:
    with pytest.raises(error):
        create_bookings(requests=[request_of(slot, person)], right=right, by=by, now=NOW)
    assert not Booking.objects.exists()


@pytest.mark.parametrize("right", [OpenWindow(), AcceptedOffer(offer_id=uuid4(), place_ids=[1])])
def test_an_account_books_its_own_people_only(right: Any) -> None:
    slot, person = make_open_slot(), make_person()
    refused(slot, person, right, make_user(), NotAllowed)
    refused(slot, person, right, None, NotAllowed)


def test_only_officers_of_the_office_book_at_its_desk() -> None:
    office = make_open_office(places=12)
    slot = Slot.objects.filter(office=office, lane="walk_in", starts_at__lte=NOW).last()
    other = make_officer(make_open_office(), "gate")
    for by in (None, make_user(), other):
        refused(slot, make_person(), DeskOfficer(), by, NotAllowed)


def test_a_place_without_an_offer_is_not_transferred() -> None:
    slot, person = make_open_slot(), make_person()
    right = AcceptedOffer(offer_id=uuid4(), place_ids=[slot.places.first().pk])
    refused(slot, person, right, person.account, PlaceNotHeld)


def test_a_lottery_takes_only_its_reserved_places() -> None:
    slot, person = make_open_slot(), make_person()
    window_id = slot.places.first().window_id
    right = LotteryWin(window_id=window_id, expires_at=NOW + timedelta(hours=1))
    refused(slot, person, right, None, Busy)


# --- Several parties at once ----------------------------------------------------------------------
def test_several_parties_take_as_many_statements_as_one() -> None:
    counts = []
    for size in (1, 1, 6):
        way = WAYS["lottery"]()
        places_of(way).update(window=places_of(way).first().window)
        people = [way.person, *(make_person() for _ in range(size - 1))]
        slots = Slot.objects.filter(office=way.office).order_by("starts_at")
        requests = [request_of(slots[turn // 3], one) for turn, one in enumerate(people)]
        right = LotteryWin(
            window_id=places_of(way).first().window_id, expires_at=way.now + timedelta(hours=1)
        )
        with CaptureQueriesContext(connection) as queries:
            parties = create_bookings(requests=requests, right=right, by=None, now=way.now)
        assert [party.bookings.get().applicant for party in parties] == people
        counts.append(len(queries))
    # Two slots instead of one: the slots and their places.
    assert counts[2] <= counts[1] + 3


def test_one_refused_party_cancels_all() -> None:
    way = WAYS["lottery"]()
    right = LotteryWin(
        window_id=places_of(way).first().window_id, expires_at=way.now + timedelta(hours=1)
    )
    has_a_booking(way)
    before = Booking.objects.count()
    requests = [request_of(way.slot, one) for one in (make_person(), way.person)]
    with pytest.raises(DomainError):
        create_bookings(requests=requests, right=right, by=None, now=way.now)
    assert Booking.objects.count() == before


# --- The number of queries ------------------------------------------------------------------------
MOST_QUERIES = 14


def queries_of_a_post(size: int) -> int:
    account, slot = make_user(), make_open_slot(places=10)
    people = [make_person(account).pk for _ in range(size)]
    client = Client()
    client.force_login(account)
    sent = {"applicants": people, "service_type": "new", "key": uuid4().hex}
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(reverse("booking:book", args=[slot.pk]), sent)
    assert answer.status_code == 302
    return len(queries)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_shared", [False, True])
def test_a_booking_takes_at_most_14_queries(is_shared: bool, settings: Any) -> None:
    """Django counts BEGIN, COMMIT and savepoints too. Shared reads are off here; caching would only lower the count."""
    settings.SHARED_READ_SECONDS = 60 if is_shared else 0
    queries_of_a_post(1)  # each connection plans some statements once
    counts = [queries_of_a_post(size) for size in (1, 5)]
    assert counts[0] == counts[1] <= MOST_QUERIES


def test_live_bookings_are_looked_up_by_index() -> None:
    """With `EXISTS` the planner may scan: it estimates that none of ten million bookings is live."""
    for statement in (PEOPLE, ACCOUNT_PEOPLE):
        before, after = statement.split("FROM booking_booking live", 1)
        assert before.rstrip().endswith("(SELECT true")
        assert "LIMIT 1) IS " in after


# --- The tables -----------------------------------------------------------------------------------
def test_the_tables_list_every_way_to_insert_a_booking() -> None:
    rights = (OpenWindow, DeskOfficer, AtOffice, Assisted, AcceptedOffer, LotteryWin)
    assert {right.via for right in rights} == checks.ALL
    tables = (checks.REQUEST_CHECKS, checks.PEOPLE_CHECKS, checks.LIMIT_CHECKS)
    listed = [check for table in tables for check, _ways in table]
    assert len(listed) == len(set(listed))
