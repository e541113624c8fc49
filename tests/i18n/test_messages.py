"""Messages use their reader's language, fit a phone, and contain a valid calendar file."""

import email
import email.policy
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client
from icalendar import Calendar

from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.messages import queue_reminders
from booking.bookings.models import Booking
from booking.closures.services import ClosureData, close_office
from notices.models import Message
from notices.services import deliver_due
from offices.staff.models import Role
from quotas.places.models import Slot
from tests.booking.waiting_list.waiting_world import (
    give_back,
    make_full_slot,
    offer_to,
    serve,
    wait,
)
from tests.builders import NOW, make_booking, make_officer, make_open_office, make_person, make_user
from tests.conftest import Mailbox
from tests.i18n.pages import texts_in
from tests.i18n.test_pages import foreign_words
from tests.outbox import text_of

pytestmark = pytest.mark.django_db
NAMES = ["Siti R.", "Kantor Imigrasi", "Palembang", "Jalan Merdeka 1"]
SUBJECTS = {
    "id": [
        "Jadwal paspor Anda sudah tercatat",
        "Jadwal paspor Anda sudah diubah",
        "Jadwal paspor Anda dibatalkan",
    ],
    "en": [
        "Your passport appointment is booked",
        "Your passport appointment has been rescheduled",
        "Your passport appointment is cancelled",
    ],
}


@pytest.fixture
def slots() -> list[Slot]:
    office = make_open_office("palembang")
    candidates = Slot.objects.filter(
        office=office, lane="online", starts_at__gte=NOW + timedelta(days=2)
    )
    return list(candidates.order_by("starts_at")[:4])


def booked(language: str, slot: Slot) -> Booking:
    account = make_user(language=language)
    return make_booking(slot, person=make_person(account))


def whole_story(language: str, slots: list[Slot]) -> Booking:
    """Book, move, cancel."""
    booking = booked(language, slots[0])
    account = booking.applicant.account
    assert account is not None
    reschedule_booking(booking_id=booking.pk, slot_id=slots[1].pk, by=account, now=NOW)
    return cancel_booking(booking_id=booking.pk, by=account, now=NOW)


def received(mailbox: Mailbox) -> list[EmailMessage]:
    deliver_due(now=NOW + timedelta(minutes=1))
    parse: Any = email.message_from_bytes
    return [parse(raw, policy=email.policy.default) for raw in mailbox.raw]


def part(sent: EmailMessage, kind: str) -> Any:
    return next(item for item in sent.walk() if item.get_content_type() == kind)


@pytest.mark.parametrize("language", ["id", "en"])
def test_text_and_html_use_the_accounts_language(
    slots: list[Slot], mailbox: Mailbox, language: str
) -> None:
    # A user of the other language first: nothing of it may remain active.
    booked("en" if language == "id" else "id", slots[2])
    whole_story(language, slots)
    emails = [row for row in received(mailbox) if row["Content-Language"] == language]
    assert [str(sent["Subject"]) for sent in emails] == SUBJECTS[language]
    for sent in emails:
        html = single_spaced(part(sent, "text/html").get_content())
        text = part(sent, "text/plain").get_content()
        calendar: Any = Calendar.from_ical(part(sent, "text/calendar").get_content())
        event = calendar.walk("VEVENT")[0]
        words = f"{text} {event['SUMMARY']} {event['DESCRIPTION']}"
        assert not foreign_words(html, language, NAMES)
        assert not foreign_words(f'<html lang="{language}"><p>{words}</p>', language, NAMES)
        visible = " ".join(texts_in(html, language))
        for line in text.splitlines():
            pieces = single_spaced(line.removeprefix("- ")).split(": ")
            assert all(piece.rstrip(":") in visible for piece in pieces), line


@pytest.mark.parametrize("language", ["id", "en"])
def test_waiting_list_messages_use_the_accounts_language(mailbox: Mailbox, language: str) -> None:
    kinds = {"waiting_offer", "waiting_expired", "waiting_withdrawn", "waiting_ended"}
    moment = NOW
    for number in range(3):
        slot, [booking] = make_full_slot()
        entry = wait(slot, make_person(make_user(language=language)))
        give_back(booking)
        serve()
        if number == 0:  # never answered; then no day is left
            serve(offer_to(entry).answer_by)
            serve(moment := slot.starts_at)
        elif number == 1:
            by = make_officer(slot.office, Role.SUPERVISOR)
            data = ClosureData(first_day=slot.day, last_day=slot.day, reason="x")
            close_office(office_id=slot.office_id, data=data, by=by, now=NOW)
            serve(NOW + timedelta(minutes=1))
    rows = Message.objects.filter(kind__in=kinds)
    assert set(rows.values_list("kind", flat=True)) == kinds
    for row in rows:
        assert row.language == language
        words = re.sub(r"https?://\S+", "", text_of(row))
        assert not foreign_words(f'<html lang="{language}"><p>{words}</p>', language, NAMES)
    deliver_due(now=moment + timedelta(days=1))
    assert not rows.filter(sent_at__isnull=True).exists()


def single_spaced(text: str) -> str:
    """Collapse spaces and line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_reminder_contains_time_place_and_documents(
    slots: list[Slot], mailbox: Mailbox, language: str
) -> None:
    booking = booked(language, slots[0])
    account = booking.applicant.account
    assert account is not None
    _confirm_address(account)
    queue_reminders(now=booking.slot.starts_at - timedelta(hours=20))
    deliver_due(now=booking.slot.starts_at - timedelta(hours=19))
    sent = next(row for row in mailbox.emails if row.kind == "booking_reminder")
    assert {"id": "Bawa:", "en": "Bring:"}[language] in sent.text
    assert {"id": "- KTP", "en": "- ID card"}[language] in sent.text
    assert "10.00" in sent.subject
    assert "WIB" in sent.subject
    assert f"/bookings/{booking.code}/" in sent.text


def _confirm_address(account: Any) -> None:
    from allauth.account.models import EmailAddress

    from accounts.models import Consent
    from accounts.services import give_consent

    EmailAddress.objects.update_or_create(
        user=account, email=account.email, defaults={"verified": True, "primary": True}
    )
    give_consent(user_id=account.pk, purpose=Consent.Purpose.REMINDERS, now=NOW)


def test_the_calendar_entry_is_updated_and_cancelled(slots: list[Slot], mailbox: Mailbox) -> None:
    booking = whole_story("id", slots)
    parts = [next(sent.iter_attachments()) for sent in received(mailbox)]
    calendars: list[Any] = [Calendar.from_ical(item.get_content()) for item in parts]
    events = [calendar.walk("VEVENT")[0] for calendar in calendars]
    assert [str(calendar["METHOD"]) for calendar in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    assert [item.get_param("method") for item in parts] == ["REQUEST", "REQUEST", "CANCEL"]
    assert {item.get_filename() for item in parts} == {"jadwal.ics"}
    assert len({str(event["UID"]) for event in events}) == 1
    assert {str(event["ORGANIZER"]) for event in events} == {"mailto:noreply@paspor.example"}
    assert [event["SEQUENCE"] for event in events] == [0, 1, 2]
    assert [str(event["STATUS"]) for event in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    for event, slot in zip(events, (slots[0], slots[1], slots[1]), strict=True):
        assert event["DTSTART"].dt == slot.starts_at
        assert event["DTEND"].dt == slot.ends_at
        assert event["DTSTART"].dt.utcoffset() == timedelta(0)
        assert booking.code in str(event["DESCRIPTION"])
        assert "Siti" not in event.to_ical().decode()
    for item in parts:
        lines = item.get_payload(decode=True).split(b"\r\n")
        assert all(len(line) <= 75 for line in lines)


def test_the_demo_mailbox_shows_a_message_with_its_parts(
    slots: list[Slot], mailbox: Mailbox, client: Client
) -> None:
    booked("en", slots[0])
    deliver_due(now=NOW + timedelta(minutes=1))
    name = mailbox.emails[0].name
    page = client.get("/demo/mailbox/").content.decode()
    assert f"/demo/mailbox/{name}/" in page
    shown = client.get(f"/demo/mailbox/{name}/")
    assert '<html lang="en">' in shown.content.decode()
    policy = shown["Content-Security-Policy"]
    assert "style-src 'sha256-" in policy
    assert "unsafe" not in policy
    taken = client.get(f"/demo/mailbox/{name}/jadwal.ics")
    assert taken["Content-Type"].startswith("text/calendar")
    assert client.get("/demo/mailbox/tidak-ada/").status_code == 404


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_message_fits_a_narrow_phone(
    slots: list[Slot], mailbox: Mailbox, new_page: Callable[..., Any], colours: str
) -> None:
    booked("id", slots[0])
    deliver_due(now=NOW + timedelta(minutes=1))
    page = new_page(color_scheme=colours)
    page.goto(f"/demo/mailbox/{mailbox.emails[0].name}/")
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1] == 360
    assert page.locator("a.do").bounding_box()["height"] >= 44
