"""Patterns of possible brokers: recorded with evidence, shown to the supervisor, without automatic sanctions."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from booking.bookings.changes import cancel_booking, note_refused
from booking.bookings.models import Booking
from booking.integrity.broker_signals import find_broker_signals, note_signal
from booking.integrity.models import BrokerSignal, BrokerSignalNote
from booking.people.models import Applicant
from core.errors import NotAllowed
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import Place, Slot
from tests.builders import (
    NOW,
    book_online,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_rebooking_rule,
    make_user,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def office() -> Office:
    office = make_open_office(places=60)
    make_rebooking_rule(office, unlimited=True)
    return office


def book(slot: Slot, *people: Applicant, now: Any = NOW, device: str = "") -> list[Booking]:
    party = book_online(
        account_id=people[0].account_id,
        slot_id=slot.pk,
        applicant_ids=[p.pk for p in people],
        service_type="new",
        key=uuid4().hex,
        now=now,
        device_key=device,
    )
    return list(party.bookings.order_by("pk"))


def signals_of(kind: str) -> list[BrokerSignal]:
    find_broker_signals(now=LATER)
    return list(BrokerSignal.objects.filter(kind=kind))


def hand_over(office: Office, giver: User, taker: User, *, after: timedelta) -> None:
    """One account returns a place, another takes the same place."""
    slot = make_open_slot(office=office)
    [booking] = book(slot, make_person(giver))
    place = booking.place_id
    cancel_booking(booking_id=booking.pk, by=giver, now=NOW)
    Place.objects.filter(pk=place).update(cooldown_until=None)
    slot_places = Place.objects.filter(slot=slot, holder__isnull=True).exclude(pk=place)
    held = list(slot_places.values_list("pk", flat=True))
    Place.objects.filter(pk__in=held).update(cooldown_until=NOW + timedelta(days=1))
    [taken] = book(slot, make_person(taker), now=NOW + after)
    assert taken.place_id == place
    Place.objects.filter(pk__in=held).update(cooldown_until=None)


def test_repeated_transfers_between_two_accounts_are_flagged(
    office: Office,
) -> None:
    giver, taker = make_user(), make_user()
    hand_over(office, giver, taker, after=timedelta(minutes=3))
    assert signals_of("handover") == []
    hand_over(office, giver, taker, after=timedelta(minutes=3))
    [signal] = signals_of("handover")
    assert (signal.office_id, signal.count) == (office.pk, 2)
    assert [line["what"] for line in signal.evidence] == ["given_back", "taken"] * 2
    assert {line["account"] for line in signal.evidence} == {giver.pk, taker.pk}
    assert all("…" in line["code"] for line in signal.evidence)


def test_a_late_or_own_rebooking_is_not_a_transfer(office: Office) -> None:
    giver, taker = make_user(), make_user()
    for _turn in range(2):
        hand_over(office, giver, taker, after=timedelta(hours=3))
        hand_over(office, taker, taker, after=timedelta(minutes=3))
    assert signals_of("handover") == []


def test_a_telephone_in_many_accounts_is_flagged_and_masked(office: Office) -> None:
    slot = make_open_slot(office=office)
    for _account in range(3):
        book(slot, make_person(phone="0813 5555 7777"))
    assert signals_of("phone") == []
    book(slot, make_person(phone="0813 5555 7777"))
    [signal] = signals_of("phone")
    assert signal.count == 4
    assert "5555" not in f"{signal.label}{signal.subject}{signal.evidence}"


def test_a_device_in_many_accounts_is_flagged(office: Office) -> None:
    slot = make_open_slot(office=office)
    for number in range(4):
        book(slot, make_person(phone=""), device="d" * 64)
        book(slot, make_person(phone=""), device=f"{number}" * 64)
    [signal] = signals_of("device")
    assert signal.count == 4


def test_eight_bookings_in_ten_minutes_are_flagged_but_a_family_is_not(office: Office) -> None:
    slot, account = make_open_slot(office=office), make_user()
    book(slot, *[make_person(account, phone="") for _ in range(5)])
    assert signals_of("burst") == []
    book(slot, *[make_person(account, phone="") for _ in range(3)], now=NOW + timedelta(minutes=9))
    [signal] = signals_of("burst")
    assert signal.count == 8


def test_name_mismatches_at_the_office_are_flagged(office: Office) -> None:
    account, gate = make_user(), make_officer(office, Role.GATE)
    slot = make_open_slot(office=office)
    bookings = book(slot, *[make_person(account) for _ in range(2)])
    for booking in bookings:
        note_refused(booking_id=booking.pk, reason="KTP lain", by=gate, now=NOW)
    [signal] = signals_of("mismatch")
    assert signal.count == 2
    # Neither the bookings nor the account changed.
    assert {row.status for row in Booking.objects.all()} == {"booked"}


def test_a_growing_signal_becomes_new_again_without_a_second_row(
    office: Office,
) -> None:
    slot, supervisor = make_open_slot(office=office), make_officer(office, Role.SUPERVISOR)
    for _account in range(4):
        book(slot, make_person(phone="0813 5555 7777"))
    [signal] = signals_of("phone")
    [again] = signals_of("phone")
    assert again.pk == signal.pk
    note_signal(
        signal_id=signal.pk,
        outcome="confirmed",
        text="Sudah saya tegur",
        by=supervisor,
        now=LATER,
    )
    [grown] = signals_of("phone")
    assert not grown.is_new
    book(slot, make_person(phone="0813 5555 7777"), now=LATER + timedelta(minutes=5))
    find_broker_signals(now=LATER + timedelta(hours=1))
    assert BrokerSignal.objects.get(pk=signal.pk).is_new
    assert BrokerSignalNote.objects.get().text == "Sudah saya tegur"


def test_another_offices_supervisor_cannot_add_a_note(office: Office) -> None:
    slot = make_open_slot(office=office)
    for _account in range(4):
        book(slot, make_person(phone="0813 5555 7777"))
    [signal] = signals_of("phone")
    other = make_officer(make_open_office(), Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        note_signal(signal_id=signal.pk, outcome="watched", text="Dicek", by=other, now=LATER)


def test_the_screen_shows_the_evidence_and_saves_a_note(office: Office, set_clock: Any) -> None:
    set_clock(LATER)
    slot, supervisor = make_open_slot(office=office), make_officer(office, Role.SUPERVISOR)
    for _account in range(4):
        book(slot, make_person(phone="0813 5555 7777"))
    [signal] = signals_of("phone")
    client = Client()
    client.force_login(supervisor)
    page = client.get(reverse("brokers:signals"))
    assert page.status_code == 200
    text = page.content.decode()
    assert "+6281•••••777" in text
    assert "081355557777" not in text
    path = reverse("brokers:signal_seen", args=[signal.pk])
    for values in ({"text": "Dicek"}, {"outcome": "confirmed"}, {"outcome": "?", "text": "Dicek"}):
        assert client.post(path, values).status_code == 302
    assert not BrokerSignalNote.objects.exists()
    done = client.post(path, {"outcome": "groundless", "text": "Dicek"})
    assert done.status_code == 302
    note = BrokerSignalNote.objects.get()
    assert (note.outcome, note.text, note.by) == ("groundless", "Dicek", supervisor)
