"""Calendar files as Google, Apple and Outlook need them (RFC 5545 and 5546)."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from core.calendar_files import Entry, calendar_files, method_of, split_files

WRITTEN = dt.datetime(2026, 11, 30, 7, tzinfo=dt.UTC)
JAYAPURA = dt.timezone(dt.timedelta(hours=9))
ENTRY = Entry(
    uid="4d3c@antrean-paspor",
    sequence=2,
    starts_at=dt.datetime(2026, 12, 4, 9, tzinfo=JAYAPURA),
    ends_at=dt.datetime(2026, 12, 4, 10, tzinfo=JAYAPURA),
    summary="Paspor: Kantor Imigrasi, Jayapura; lantai 1",
    location="Jalan Percetakan Negara 15\\A, Jayapura",
    description="Kode booking ACDEFGHJKM\n\nBawa:\n- KTP – asli\n- Akta kelahiran, buku nikah, atau ijazah",
    url="https://antrean.example/bookings/ACDEFGHJKM/",
)


def text_of(*entries: Entry, **changes: Any) -> str:
    values = {"sender": "Antrean Paspor <jadwal@antrean.example>", "written_at": WRITTEN} | changes
    return calendar_files(entries or [ENTRY], **values)


def event_of(text: str) -> Any:
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return event


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]), max_size=300))
def test_lines_end_with_crlf_and_are_folded_after_75_octets_between_characters(text: str) -> None:
    raw = text_of(replace(ENTRY, description=text), attendee="siti@contoh.id").encode()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no character is cut in two
    assert str(event_of(raw.decode())["description"]) == text


def test_commas_semicolons_backslashes_and_line_ends_are_escaped() -> None:
    text = text_of().replace("\r\n ", "")
    assert "SUMMARY:Paspor: Kantor Imigrasi\\, Jayapura\\; lantai 1\r\n" in text
    assert "LOCATION:Jalan Percetakan Negara 15\\\\A\\, Jayapura\r\n" in text
    assert "ACDEFGHJKM\\n\\nBawa:\\n- KTP" in text
    assert str(event_of(text)["description"]) == ENTRY.description


def test_times_are_in_utc_without_a_named_zone() -> None:
    text = text_of()
    assert "DTSTART:20261204T000000Z\r\n" in text
    assert "DTEND:20261204T010000Z\r\n" in text
    assert "DTSTAMP:20261130T070000Z\r\n" in text
    assert "TZID" not in text


def test_a_file_to_download_is_published_and_has_no_attendee() -> None:
    text = text_of()
    assert method_of(text) == "PUBLISH"
    assert "ATTENDEE" not in text
    assert event_of(text)["organizer"] == "mailto:jadwal@antrean.example"


def test_a_message_requests_the_entry_of_its_recipient_without_an_answer() -> None:
    event = event_of(text := text_of(attendee="siti@contoh.id"))
    assert method_of(text) == "REQUEST"
    assert event["attendee"] == "mailto:siti@contoh.id"
    assert event["attendee"].params["RSVP"] == "FALSE"
    assert event["attendee"].params["PARTSTAT"] == "ACCEPTED"
    assert str(event["url"]) == ENTRY.url
    assert event["status"] == "CONFIRMED"


def test_a_cancellation_has_the_same_uid_a_higher_sequence_and_no_alarm() -> None:
    first = event_of(text_of(attendee="siti@contoh.id"))
    text = text_of(replace(ENTRY, sequence=3), attendee="siti@contoh.id", is_over=True)
    event = event_of(text)
    assert method_of(text) == "CANCEL"
    assert (event["uid"], event["status"]) == (first["uid"], "CANCELLED")
    assert event["sequence"] > first["sequence"]
    assert "attendee" in event
    assert len(first.walk("VALARM")) == 2
    assert event.walk("VALARM") == []


def test_alarms_ring_the_day_before_and_two_hours_before() -> None:
    alarms = event_of(text_of()).walk("VALARM")
    assert [alarm["trigger"].to_ical() for alarm in alarms] == [b"-P1D", b"-PT2H"]
    assert {str(alarm["action"]) for alarm in alarms} == {"DISPLAY"}
    assert all(str(alarm["description"]) for alarm in alarms)


@pytest.mark.parametrize(("changes", "files"), [({}, 1), ({"attendee": "siti@contoh.id"}, 2)])
def test_each_request_is_about_one_entry(changes: Any, files: int) -> None:
    parts = split_files(text_of(ENTRY, replace(ENTRY, uid="other@antrean-paspor"), **changes))
    assert len(parts) == files
    for part in parts:
        assert len(Calendar.from_ical(part).walk("VEVENT")) == 2 // files
