"""Each booking channel, prepared up to the moment at which it books one person."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.services import issue_token
from booking.bookings.models import Booking
from booking.bookings.requests import BookingRequest, LotteryWin
from booking.bookings.services import book_assisted, book_at_desk, create_bookings
from booking.lottery.results import claim_entry
from booking.people.models import Applicant
from booking.people.services import ApplicantData
from booking.waiting_list.accepting import accept_offer
from core.errors import DomainError
from offices.directory.models import Office, ServiceType
from offices.staff.models import Role
from quotas.places.models import Place, Slot
from tests.booking.lottery.lottery_world import LOTTERY_TIME, draw_in, enter, hold, make_draw_office
from tests.booking.waiting_list.waiting_world import make_offer
from tests.builders import (
    NOW,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    person_data,
)

BOOKED = "booked"
CODES = {404: "not_found", 409: "full"}  # channels with their own pages


@dataclass
class Way:
    """`book` books and returns `BOOKED` or the error code.

    `person` is the person booked. The desk creates its own person while booking; there `person` is the same
    person in another account.
    """

    slot: Slot
    person: Applicant
    now: datetime = NOW
    book: Callable[[], str] = field(default=lambda: "")
    actor_id: int | None = None
    key: str = ""

    @property
    def office(self) -> Office:
        return self.slot.office

    def booking(self) -> Booking:
        key = self.person.person_key
        return Booking.objects.get(slot=self.slot, person_key=key)


def code_of(book: Callable[[], Any]) -> str:
    try:
        book()
    except DomainError as error:
        return error.code
    return BOOKED


def by_page() -> Way:
    way = Way(make_open_slot(), make_person(), key=uuid4().hex)
    client = Client()
    client.force_login(way.person.account)
    form = {"applicants": [way.person.pk], "service_type": "new", "key": way.key}

    def book() -> str:
        answer = client.post(reverse("booking:book", args=[way.slot.pk]), form)
        if answer.status_code == 302:
            return BOOKED
        if answer.context and isinstance(answer.context.get("refusal"), DomainError):
            return answer.context["refusal"].code
        return CODES[answer.status_code]

    way.book, way.actor_id = book, way.person.account_id
    return way


def by_api() -> Way:
    way = Way(make_open_slot(), make_person(), key=uuid4().hex)
    client = APIClient(headers={"Idempotency-Key": way.key})
    client.credentials(HTTP_AUTHORIZATION=f"Token {issue_token(user_id=way.person.account_id)}")
    body = {"slot": way.slot.pk, "applicants": [way.person.pk], "service_type": "new"}

    def book() -> str:
        answer = client.post("/api/v1/bookings/", body)
        return BOOKED if answer.status_code == 201 else answer.json()["code"]

    way.book, way.actor_id = book, way.person.account_id
    return way


def at_desk() -> Way:
    office = make_open_office(places=12)
    slot = Slot.objects.filter(
        office=office, lane="walk_in", starts_at__lte=NOW, ends_at__gt=NOW
    ).get()
    Slot.objects.filter(office=office, lane="walk_in", starts_at__gt=NOW).update(
        lane="priority"
    )  # one slot only, so that every channel uses the same one
    way = Way(slot, make_person())
    officer = make_officer(office, Role.GATE)

    def book() -> str:
        service = ServiceType.objects.get(code="new")
        return code_of(
            lambda: book_at_desk(
                office_id=office.pk,
                applicant=typed_at_desk(way),
                service_type_id=service.pk,
                by=officer,
                now=NOW,
            )
        )

    way.book, way.actor_id = book, officer.pk
    return way


def typed_at_desk(way: Way) -> ApplicantData:
    """What an officer types about the person."""
    person = Applicant.objects.get(pk=way.person.pk)
    if person.identity_kind == "passport":
        return person_data(identity_kind="passport", identity_number="N1234567", nationality="MY")
    return person_data(identity_number=person.identity_number)


def assisted() -> Way:
    way = Way(make_open_slot(), make_person())
    officer = make_officer(way.office, Role.COUNTER)

    def book() -> str:
        return code_of(
            lambda: book_assisted(
                office_id=way.office.pk,
                person=typed_at_desk(way),
                service_type_id=ServiceType.objects.get(code="new").pk,
                slot_id=way.slot.pk,
                key=uuid4().hex,
                by=officer,
                now=NOW,
            )
        )

    way.book, way.actor_id = book, officer.pk
    return way


def by_offer() -> Way:
    offer = make_offer()
    [member] = offer.entry.members.all()
    way = Way(offer.slot, member.applicant, key=f"waiting:{offer.pk}")
    account_id = offer.entry.account_id
    way.book = lambda: code_of(
        lambda: accept_offer(offer_id=offer.pk, account_id=account_id, now=NOW)
    )
    way.actor_id = account_id
    return way


def by_lottery() -> Way:
    """The hold that the lottery creates for a winner."""
    draw = draw_in(make_draw_office())
    person = make_person()
    slot = Slot.objects.filter(places__window=draw.window).order_by("starts_at").first()
    way = Way(slot, person, now=LOTTERY_TIME, key="draw:satu", actor_id=person.account_id)
    right = LotteryWin(window_id=draw.window_id, expires_at=draw.window.closes_at)
    request = BookingRequest(
        account_id=person.account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key=way.key,
    )
    way.book = lambda: code_of(
        lambda: create_bookings(requests=[request], right=right, by=None, now=LOTTERY_TIME)
    )
    return way


def by_claimed_win() -> Way:
    """A whole lottery: entered, run, won, claimed."""
    draw = draw_in(make_draw_office())
    person = make_person()
    entry = enter(draw, person)

    def book() -> str:
        hold(draw)
        entry.refresh_from_db()
        assert entry.slot is not None
        way.slot = entry.slot
        return code_of(
            lambda: claim_entry(account_id=person.account_id, code=entry.code, now=LOTTERY_TIME)
        )

    slot = Slot.objects.filter(places__window=draw.window).order_by("starts_at").first()
    way = Way(slot, person, now=LOTTERY_TIME, actor_id=person.account_id)
    way.book = book
    return way


WAYS = {
    "page": by_page,
    "api": by_api,
    "desk": at_desk,
    "offer": by_offer,
    "lottery": by_lottery,
    "assisted": assisted,
}


def places_of(way: Way) -> Any:
    return Place.objects.filter(slot=way.slot)
