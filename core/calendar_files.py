"""Calendar files (RFC 5545) that programs also cancel and move (RFC 5546). Pure: no database, no clock.

What programs need, and what `tests/core/test_calendar_files.py` tests:

* Times in UTC: Outlook reads unknown names of time zones as its own zone.
* A REQUEST or CANCEL is about one entry, so each entry has a file of its own. Outlook and Google
  take over its changes only with an organizer and an attendee; a PUBLISH must not have an attendee.
* The entry with the same UID and the highest SEQUENCE wins. Of equal ones the newest DTSTAMP wins.
* The answers of programs go to an address that nobody reads, so none is requested.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Final

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

PRODUCT: Final = "-//Antrean Paspor//ID"
ALARMS: Final = (dt.timedelta(days=-1), dt.timedelta(hours=-2))
FILE: Final = re.compile(r"BEGIN:VCALENDAR\r\n.*?END:VCALENDAR\r\n", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a calendar. `uid` stays the same when it moves; `sequence` grows."""

    uid: str
    sequence: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    summary: str
    location: str
    description: str
    url: str


def calendar_files(
    entries: Sequence[Entry],
    *,
    sender: str,
    attendee: str = "",
    is_over: bool = False,
    written_at: dt.datetime,
) -> str:
    """Return the entries as calendar files, one after the other.

    For an `attendee` they are requests, otherwise one published file. With `is_over` they cancel
    what was sent before.
    """
    if not attendee and not is_over:
        return _file("PUBLISH", entries, sender, attendee, written_at)
    method = "CANCEL" if is_over else "REQUEST"
    return "".join(_file(method, [entry], sender, attendee, written_at) for entry in entries)


def split_files(text: str) -> list[str]:
    """Return each file of a text that `calendar_files` made."""
    return FILE.findall(text)


def method_of(text: str) -> str:
    """Return the METHOD of a calendar file."""
    method = re.search(r"^METHOD:(\w+)", text, re.MULTILINE)
    return method[1] if method else ""


def _file(
    method: str, entries: Iterable[Entry], sender: str, attendee: str, written_at: dt.datetime
) -> str:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for entry in entries:
        calendar.add_component(_event(method, entry, sender, attendee, written_at))
    return str(calendar.to_ical().decode())


def _event(method: str, entry: Entry, sender: str, attendee: str, written_at: dt.datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    for name, moment in (
        ("dtstamp", written_at),
        ("last-modified", written_at),
        ("dtstart", entry.starts_at),
        ("dtend", entry.ends_at),
    ):
        event.add(name, moment.astimezone(dt.UTC))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("description", entry.description)
    event.add("url", entry.url)
    event.add("transp", "OPAQUE")
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    name, address = parseaddr(sender)
    event.add("organizer", vCalAddress(f"mailto:{address}"), parameters={"CN": name})
    event.add("x-microsoft-disallow-counter", vText("TRUE"))
    if attendee:
        event.add("attendee", _attendee(attendee))
    if method != "CANCEL":
        for before in ALARMS:
            event.add_component(_alarm(before, entry.summary))
    return event


def _attendee(address: str) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{address}")
    for name, value in (
        ("CUTYPE", "INDIVIDUAL"),
        ("ROLE", "REQ-PARTICIPANT"),
        ("PARTSTAT", "ACCEPTED"),
        ("RSVP", "FALSE"),
    ):
        attendee.params[name] = vText(value)
    return attendee


def _alarm(before: dt.timedelta, text: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", before)
    alarm.add("description", text)
    return alarm
