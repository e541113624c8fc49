"""The rows of a booking: person, application, booking, its history, admission and restriction."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from booking.applications.services import current_declaration
from booking.codes import new_code
from booking.people.models import ERASED_BIRTH_DATE, Applicant
from core.crypto import encrypt
from devtools.years.days import MINUTE, ONLINE, PRIORITY, Frame, Person
from devtools.years.facts import NO_SHOWS_AFTER, Facts, priority_reason
from devtools.years.people import Someone
from devtools.years.sheets import Writer

ERASED_AFTER, NUMBER_KEPT = (dt.timedelta(days=days) for days in (728, 363))
STATUS: Final = {"served": "served", "absent": "no_show", "cancelled": "cancelled"}


@dataclass(frozen=True)
class Made:
    """Somebody with the id of the booking, the first place and the last one."""

    row: Person
    booking: uuid.UUID
    first: int
    last: int

    @property
    def is_online(self) -> bool:
        """True if it was booked online, not at the desk."""
        return self.row.lane == ONLINE


@dataclass(frozen=True)
class Who:
    """The person of a booking: the row, the account, the hash of the number, and the invented data."""

    applicant: int
    account: int | None
    person_key: str
    someone: Someone
    is_erased: bool


class BookingRows:
    """Writes the bookings of one office. `first_number` is the number of the first invented person."""

    def __init__(self, facts: Facts, to: Writer, *, first_number: int) -> None:
        self.facts, self.to, self.number = facts, to, first_number

    def add(
        self,
        made: Made,
        slots: Sequence[int],
        frame: Frame,
        date: dt.date,
        restriction: tuple[int, str] | None,
    ) -> Who:
        """Write the person, the application, the booking and what followed; return the person.

        `slots` are the ids of the lane's slots by hour; `restriction`: days and instrument.
        """
        row = made.row
        who = self._add_person(made, date)
        application = self._add_application(made, who)
        self._add_booking(made, who, application, slots)
        self._add_history(made, who, frame)
        if not made.is_online:
            self._add_admission(made, who, date)
        if row.fate == "absent" and restriction is not None:
            missed_at = frame.hours[row.lane][row.hour].ends_at
            self._restrict(made, who, missed_at, frame, restriction)
        return who

    def _add_person(self, made: Made, date: dt.date) -> Who:
        """Write a person, without what the retention rules have erased."""
        self.number += 1
        someone = Someone(self.number, self.facts.district)
        accounts = self.facts.accounts
        account = accounts[self.number * 7 % len(accounts)] if made.is_online else None
        number = someone.identity_number
        key = Applicant.key_for(kind="nik", nationality="ID", number=number)
        age = self.to.now - self._at_end(date)
        is_erased = age > ERASED_AFTER
        who = Who(self.to.applicants.new_id(), account, key, someone, is_erased)
        erased_at = self._at_end(date) + ERASED_AFTER if is_erased else None
        has_number = not is_erased and (account is not None or age < NUMBER_KEPT)
        self.to.applicants.add(
            who.applicant,
            account,
            "" if is_erased else someone.full_name,
            encrypt(number) if has_number else "",
            key,
            ERASED_BIRTH_DATE if is_erased else someone.birth_date,
            "" if is_erased else someone.sex,
            _added_at(made),
            erased_at,
            erased_at,
        )
        return who

    def _at_end(self, date: dt.date) -> dt.datetime:
        return dt.datetime.combine(date, dt.time(18), self.facts.zone)

    def _add_application(self, made: Made, who: Who) -> int | None:
        """Write the application, if there is one; return its id for a booking made online."""
        row = made.row
        if not made.is_online and row.started_at is None:
            return None
        service, reason, documents, _code = self.facts.services[row.service]
        application = self.to.applications.new_id()
        at = _added_at(made) if made.is_online else row.started_at
        self.to.applications.add(
            application,
            who.applicant,
            service,
            reason,
            "since_2009" if reason in ("expired", "full") else "",
            "" if who.is_erased else who.someone.purpose,
            who.someone.product,
            {} if who.is_erased else dict.fromkeys(documents, made.is_online),
            current_declaration()[0] if made.is_online else "",
            at if made.is_online else None,
            at,
            at,
        )
        return application if made.is_online else None

    def _add_booking(
        self, made: Made, who: Who, application: int | None, slots: Sequence[int]
    ) -> None:
        row, to = made.row, self.to
        service, _reason, _documents, code = self.facts.services[row.service]
        key, party = uuid.uuid4().hex, to.parties.new_id()
        is_cancelled, is_moved = row.fate == "cancelled", row.moved_from is not None
        old_hour = row.hour if row.moved_from is None else row.moved_from
        body = json.dumps([slots[old_hour], [who.applicant], code])
        fingerprint = hashlib.sha256(body.encode()).hexdigest()
        to.parties.add(party, who.account, key, fingerprint, row.placed_at)
        to.bookings.add(
            made.booking,
            new_code(),
            who.account,
            who.applicant,
            who.person_key,
            party,
            service,
            application,
            self.facts.office,
            slots[row.hour],
            None if is_cancelled else made.last,
            STATUS[row.fate],
            "desk" if not made.is_online else "moved_by_applicant" if is_moved else "first_come",
            row.changed_at if is_moved else row.placed_at,
            int(is_moved),
            row.changed_at if is_cancelled else None,
            key,
        )

    def _add_history(self, made: Made, who: Who, frame: Frame) -> None:
        row, first, last, gate = made.row, made.first, made.last, self.facts.gate

        def line(*values: Any) -> None:
            """Add kind, old and new status, old and new place, officer or account, and time."""
            self.to.booking_events.add(self.to.booking_events.new_id(), made.booking, *values)

        by = who.account if who.account is not None else gate
        line("made", "", "booked", None, first, by, row.placed_at)
        if row.moved_from is not None:
            line("rescheduled", "booked", "booked", first, last, who.account, row.changed_at)
        if row.fate == "cancelled":
            line("moved", "booked", "cancelled", first, None, who.account, row.changed_at)
        elif row.fate == "absent":
            at = frame.closes_at + NO_SHOWS_AFTER
            line("moved", "booked", "no_show", last, last, None, at)
        else:
            officer = frame.desks[row.desk].officer
            line("moved", "booked", "checked_in", last, last, gate, row.arrived_at)
            line("moved", "checked_in", "served", last, last, officer, row.ended[-1])

    def _add_admission(self, made: Made, who: Who, date: dt.date) -> None:
        why = self.facts.priority_reasons.get(priority_reason(who.someone, date))
        self.to.admissions.add(
            self.to.admissions.new_id(),
            made.booking,
            why if made.row.lane == PRIORITY else None,
            self.facts.gate,
            made.row.placed_at,
        )

    def _restrict(
        self,
        made: Made,
        who: Who,
        missed_at: dt.datetime,
        frame: Frame,
        rule: tuple[int, str],
    ) -> None:
        days, instrument = rule
        made_at = frame.closes_at + NO_SHOWS_AFTER
        number = self.to.restrictions.new_id()
        self.to.restrictions.add(
            number,
            who.person_key,
            who.applicant,
            made.booking,
            self.facts.office,
            made_at,
            missed_at + dt.timedelta(days=days),
            instrument,
        )
        self.to.restriction_events.add(self.to.restriction_events.new_id(), number, made_at)


def _added_at(made: Made) -> dt.datetime:
    """Return when the person and the application were entered: online some minutes before the booking."""
    return made.row.placed_at - 10 * MINUTE if made.is_online else made.row.placed_at
