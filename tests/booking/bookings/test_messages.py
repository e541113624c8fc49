"""Booking messages store the state when they were written, and no text before delivery."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.template import Template
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from booking.applications.models import PassportApplication
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.models import Booking
from booking.bookings.requests import APPLICATION_FIELDS, read_people
from booking.people.models import Applicant
from booking.public.ticket_page import bring_of
from core.calendar_files import method_of
from notices.models import Message
from notices.services import deliver_due
from offices.directory.models import Office, ServiceType
from quotas.places.models import Slot
from tests.builders import NOW, make_booking, make_open_slot, make_person, make_user
from tests.conftest import Mailbox
from tests.outbox import calendar_of, text_of

pytestmark = pytest.mark.django_db


def test_no_text_is_composed_while_booking(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot, person = make_open_slot(), make_person(make_user(language="en"))

    def refuse(*_values: Any, **_names: Any) -> str:
        raise AssertionError("composed while booking")

    with monkeypatch.context() as patch:
        # A booking that renders a template or translates a message text fails here.
        patch.setattr(Template, "render", refuse)
        patch.setattr("booking.bookings.messages._", refuse)
        booking = make_booking(slot, person=person)
        cancel_booking(booking_id=booking.pk, by=person.account, now=NOW)
    assert {(row.subject, row.body) for row in Message.objects.all()} == {("", "")}
    assert deliver_due(now=NOW + timedelta(minutes=1)) == 2
    confirmed, cancelled = Message.objects.order_by("pk")
    assert booking.code in confirmed.body
    assert booking.code in cancelled.body
    assert [email.text for email in mailbox.emails] == [confirmed.body, cancelled.body]


def test_a_message_describes_the_state_when_it_was_written() -> None:
    booking = make_booking()
    message = Message.objects.get(kind="booking_confirmed")
    before = text_of(message)
    assert booking.office.name in before
    Office.objects.update(name="Nama lain", address="Alamat lain", time_zone="Asia/Jayapura")
    Applicant.objects.update(full_name="Nama Lain")
    ServiceType.objects.update(name="Layanan lain", documents=[])
    Slot.objects.filter(pk=booking.slot_id).update(
        ends_at=booking.slot.ends_at + timedelta(hours=9)
    )
    Booking.objects.update(changes_used=1)
    message.refresh_from_db()
    with CaptureQueriesContext(connection) as queries:
        assert text_of(message) == before
    assert len(queries) == 0


def test_the_confirmation_lists_the_documents_of_the_application() -> None:
    slot = make_open_slot()
    person, service = make_person(), ServiceType.objects.get(code="replacement")
    service.documents = [
        {"code": "old", "name": "Paspor lama", "when": [{"reasons": ["expired", "full"]}]},
        {"code": "police", "name": "Laporan polisi", "when": [{"reasons": ["lost"]}]},
    ]
    service.save(update_fields=["documents"])
    made = PassportApplication.objects.create(
        applicant=person,
        service_type=service,
        reason="expired",
        purpose="study",
        product="electronic_5",
        is_married=True,
        issued="since_2009",
        parents="guardian",
        permit="limited",
        created_at=NOW,
        changed_at=NOW,
    )
    wanted = (person.pk, service.pk, slot.office_id)
    read = read_people([wanted], now=NOW, lock=False)[person.pk].as_application()
    loaded = {name: value for name, value in vars(read).items() if name != "_state"}
    assert set(APPLICATION_FIELDS) < set(loaded)
    assert loaded == {name: getattr(made, name) for name in loaded}
    make_booking(slot, person=person, service="replacement")
    text = text_of(Message.objects.get(kind="booking_confirmed"))
    assert "Paspor lama" in text
    assert "Laporan polisi" not in text


@pytest.mark.parametrize("nik_differs", [True, False])
def test_the_confirmation_names_the_proof_of_a_number_that_differs(nik_differs: bool) -> None:
    person = make_person()
    Applicant.objects.filter(pk=person.pk).update(nik_differs=nik_differs)
    person.refresh_from_db()
    booking = make_booking(person=person)
    text = text_of(Message.objects.get(kind="booking_confirmed"))
    [proof] = [row["name"] for row in bring_of(booking) if row["why"]] if nik_differs else [""]
    assert ("karena NIK perlu dicocokkan" in text) is nik_differs
    assert proof in text


def test_calendar_entries_move_and_end_with_the_booking() -> None:
    booking = make_booking()
    later = make_open_slot(office=booking.office, days_from_now=5)
    assert booking.account is not None
    by: Any = {"by": booking.account, "now": NOW}
    reschedule_booking(booking_id=booking.pk, slot_id=later.pk, room_tickets=(), **by)
    cancel_booking(booking_id=booking.pk, reason="", **by)
    kinds = ("booking_confirmed", "booking_changed", "booking_cancelled")
    texts = [calendar_of(Message.objects.get(kind=kind)) for kind in kinds]
    events: list[Any] = [Calendar.from_ical(text).walk("VEVENT")[0] for text in texts]
    assert [method_of(text) for text in texts] == ["REQUEST", "REQUEST", "CANCEL"]
    assert len({event["uid"] for event in events}) == 1
    sequences = [event["sequence"] for event in events]
    assert sequences == sorted(set(sequences))
    assert [event["dtstart"].dt for event in events][1:] == [later.starts_at] * 2
    assert f"/bookings/{booking.code}/" in str(events[0]["description"])
    assert "- KTP" in str(events[0]["description"])
    assert {event["attendee"] for event in events} == {f"mailto:{booking.account.email}"}
