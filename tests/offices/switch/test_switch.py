"""Stopping new bookings: who, why, and what stays."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import InternalError, transaction
from django.test import Client

from accounts.models import User
from core.errors import DomainError, InvalidInput
from offices.directory.models import Office
from offices.staff.models import Role
from offices.switch.models import BookingSwitch
from offices.switch.services import resume_bookings, stop_bookings
from quotas.calendar.selectors import calendar, nearest_open_slots
from quotas.places.errors import SlotFull
from quotas.places.models import Slot
from tests.builders import NOW, make_booking, make_officer, make_open_slot, make_person, make_user

pytestmark = pytest.mark.django_db
REASON = "listrik padam sampai sore"


@pytest.fixture
def slot(set_clock: Callable[[datetime], None]) -> Slot:
    set_clock(NOW)
    return make_open_slot(places=3)


@pytest.fixture
def supervisor(slot: Slot) -> User:
    return make_officer(slot.office, Role.SUPERVISOR)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_supervisor_stops_bookings_with_a_reason(slot: Slot, supervisor: User) -> None:
    answer = client_of(supervisor).post("/admin/today/bookings/", {"to": "stop", "reason": REASON})
    assert answer.status_code == 302
    office = Office.objects.get(pk=slot.office_id)
    assert office.booking_stopped_reason == REASON
    assert REASON in Client().get(f"/offices/{office.code}/").content.decode()
    api = Client().get(f"/api/v1/offices/{office.code}/").json()
    assert api["booking_stopped_reason"] == REASON


def test_weekends_keep_their_own_reason(slot: Slot, supervisor: User) -> None:
    stop_bookings(office_id=slot.office_id, reason=REASON, by=supervisor, now=NOW)
    office = Office.objects.get(pk=slot.office_id)
    week = slot.day + timedelta(days=6)
    days = calendar(office, group=slot.group, first=slot.day, last=week, now=NOW)
    reasons = {day.date.weekday(): day.reason for day in days}
    assert REASON in reasons[slot.day.weekday()]
    assert REASON not in reasons[5]
    assert REASON not in reasons[6]


def test_cached_offices_offer_no_slots_after_the_stop(slot: Slot, supervisor: User) -> None:
    before = Office.objects.get(pk=slot.office_id)
    stop_bookings(office_id=slot.office_id, reason=REASON, by=supervisor, now=NOW)
    assert not nearest_open_slots(before, group=slot.group, after=slot.starts_at, now=NOW)


def test_new_bookings_stop_and_existing_ones_stay(slot: Slot, supervisor: User) -> None:
    booking = make_booking(slot)
    stop_bookings(office_id=slot.office_id, reason=REASON, by=supervisor, now=NOW)
    with pytest.raises(DomainError) as refused:
        make_booking(slot)
    assert not isinstance(refused.value, SlotFull)
    assert REASON in str(refused.value)
    booking.refresh_from_db()
    assert booking.status == "booked"
    resume_bookings(office_id=slot.office_id, by=supervisor, now=NOW)
    make_booking(slot)


def test_each_change_is_in_the_history(slot: Slot, supervisor: User) -> None:
    client = client_of(supervisor)
    client.post("/admin/today/bookings/", {"to": "stop", "reason": REASON})
    client.post("/admin/today/bookings/", {"to": "stop", "reason": REASON})
    client.post("/admin/today/bookings/", {"to": "open"})
    client.post("/admin/today/bookings/", {"to": "open"})
    turns = BookingSwitch.objects.filter(office=slot.office).order_by("id")
    assert [(turn.reason, turn.by) for turn in turns] == [(REASON, supervisor), ("", supervisor)]
    page = client.get("/admin/today/bookings/").content.decode()
    assert REASON in page
    assert str(supervisor) in page


def test_the_history_cannot_be_changed_or_deleted(slot: Slot, supervisor: User) -> None:
    stop_bookings(office_id=slot.office_id, reason=REASON, by=supervisor, now=NOW)
    with pytest.raises(InternalError), transaction.atomic():
        BookingSwitch.objects.update(reason="lain")
    with pytest.raises(InternalError), transaction.atomic():
        BookingSwitch.objects.all().delete()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_stopping_requires_a_reason(slot: Slot, supervisor: User, reason: str) -> None:
    answer = client_of(supervisor).post("/admin/today/bookings/", {"to": "stop", "reason": reason})
    assert answer.status_code == 400
    assert not BookingSwitch.objects.exists()
    with pytest.raises(InvalidInput) as refused:
        stop_bookings(office_id=slot.office_id, reason=reason, by=supervisor, now=NOW)
    assert "reason" in refused.value.fields


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP, Role.REGIONAL])
def test_only_the_supervisor_can_stop_bookings(slot: Slot, role: Role) -> None:
    where = {"region": slot.office.region} if role == Role.REGIONAL else {}
    officer = make_officer(None if where else slot.office, role, **where)
    answer = client_of(officer).post("/admin/today/bookings/", {"to": "stop", "reason": REASON})
    assert answer.status_code == 403
    assert not Office.objects.exclude(booking_stopped_reason="").exists()


def test_an_applicant_sees_why_bookings_stopped(slot: Slot, supervisor: User) -> None:
    account = make_user()
    person = make_person(account)
    stop_bookings(office_id=slot.office_id, reason=REASON, by=supervisor, now=NOW)
    form = {"applicants": [person.pk], "service_type": "new", "key": "k" * 20}
    answer = client_of(account).post(f"/book/{slot.pk}/", form)
    assert answer.status_code == 409
    assert REASON in answer.content.decode()
