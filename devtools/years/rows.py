"""The rows of an invented day, exactly as the services would have written them (a test compares them).

Not written: messages, which retention empties anyway, and what is kept for weeks only (estimates of waits,
checks at the gate). Personal data older than their retention rule are left out, as the nightly run leaves them.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from booking.applications.models import PassportApplication
from booking.bookings.models import Booking, BookingEvent, Party
from booking.codes import new_code
from booking.people.models import ERASED_BIRTH_DATE, Applicant
from booking.refusals.models import Refusal
from booking.restrictions.models import Restriction, RestrictionEvent
from core.crypto import encrypt
from core.ids import new_id
from counters.pickup.models import Pickup
from counters.production.models import BookEvent, PassportBook
from counters.visits.models import (
    CounterSession,
    StageRun,
    Ticket,
    TicketSeries,
    Visit,
    VisitEvent,
)
from counters.walk_in.models import DeskAdmission
from devtools.years.days import MINUTE, ONLINE, PRIORITY, Day, Frame, Person
from devtools.years.people import Someone
from devtools.years.tables import Sheet
from offices.outages.models import Outage
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.plan.days import LanePlan
from quotas.policies.models import RuleChange
from reports.forecast.models import DemandDay

STAGES: Final = ("documents", "interview", "photo")
ERASED_AFTER, NUMBER_KEPT, REFUSALS_KEPT = (dt.timedelta(days=n) for n in (728, 363, 29))
NO_SHOWS_AFTER: Final = 5 * MINUTE  # the task runs after closing time
PREPARED_BEFORE: Final = dt.timedelta(days=28)
COOLDOWN: Final = 30 * MINUTE


@dataclass(frozen=True)
class Facts:
    """What the rows of an office refer to: ids of the office, its services and its people."""

    office: int
    group: int
    zone: dt.tzinfo
    services: tuple[tuple[int, str, tuple[str, ...]], ...]  # id, reason, codes of documents
    accounts: tuple[int, ...]
    gate: int
    pickup: int
    supervisor: int
    priority_reasons: Mapping[str, int]
    series: Mapping[str, str]  # the ticket letter of each lane
    district: str
    instruments: Mapping[int, tuple[dict[str, Any], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """When the passports of a day are due and made."""

    due_on: dt.date
    printed_on: dt.date
    ready_on: dt.date


class Writer:
    """Collects the rows of many days and copies them into the tables."""

    def __init__(self, *, now: dt.datetime) -> None:
        self.now = now
        self.windows = Sheet(
            ReleaseWindow,
            (
                "id",
                "rule_id",
                "office_id",
                "lane_id",
                "mode",
                "has_waiting_room",
                "first_day",
                "last_day",
                "tranche",
                "opens_at",
                "closes_at",
                "sources",
                "prepared_at",
                "announced_at",
            ),
        )
        self.slots = Sheet(
            Slot,
            ("id", "office_id", "group_id", "lane_id", "day", "starts_at", "ends_at"),
            only_services="{}",
        )
        self.places = Sheet(
            Place,
            (
                "id",
                "window_id",
                "slot_id",
                "made_in_slot_id",
                "number",
                "opens_at",
                "closes_at",
                "cooldown_until",
                "holder",
            ),
        )
        self.changes = Sheet(
            RuleChange,
            (
                "id",
                "office_id",
                "lane_id",
                "by_id",
                "at",
                "starts_on",
                "instrument",
                "before",
                "after",
            ),
            kind="added_places",
        )
        self.applicants = Sheet(
            Applicant,
            (
                "id",
                "account_id",
                "full_name",
                "identity_number",
                "person_key",
                "birth_date",
                "sex",
                "created_at",
                "removed_at",
                "erased_at",
            ),
        )
        self.applications = Sheet(
            PassportApplication,
            (
                "id",
                "applicant_id",
                "service_type_id",
                "reason",
                "purpose",
                "product",
                "documents",
                "created_at",
                "changed_at",
            ),
        )
        self.parties = Sheet(Party, ("id", "account_id", "key", "body_hash", "created_at"))
        self.bookings = Sheet(
            Booking,
            (
                "id",
                "code",
                "account_id",
                "applicant_id",
                "person_key",
                "party_id",
                "service_type_id",
                "application_id",
                "office_id",
                "slot_id",
                "place_id",
                "status",
                "via",
                "placed_at",
                "changes_used",
                "own_cancelled_at",
                "key",
            ),
        )
        self.booking_events = Sheet(
            BookingEvent,
            (
                "id",
                "booking_id",
                "kind",
                "old",
                "new",
                "place_from_id",
                "place_to_id",
                "by_id",
                "at",
            ),
        )
        self.admissions = Sheet(DeskAdmission, ("id", "booking_id", "reason_id", "by_id", "at"))
        self.restrictions = Sheet(
            Restriction,
            (
                "id",
                "person_key",
                "applicant_id",
                "booking_id",
                "office_id",
                "made_at",
                "until_at",
                "instrument",
            ),
        )
        self.restriction_events = Sheet(
            RestrictionEvent, ("id", "restriction_id", "at"), kind="made"
        )
        self.refusals = Sheet(
            Refusal,
            ("id", "at", "account_id", "office_id", "slot_id", "slot_starts_at"),
            channel="page",
            action="book",
            size=1,
            code="full",
            reason="full",
        )
        self.sessions = Sheet(
            CounterSession,
            ("id", "officer_id", "counter_id", "office_id", "opened_at", "closed_at"),
        )
        self.visits = Sheet(
            Visit,
            (
                "id",
                "booking_id",
                "office_id",
                "group_id",
                "lane_id",
                "day",
                "arrived_at",
                "queue_at",
                "clock_from",
                "session_id",
                "first_called_at",
                "called_at",
                "started_at",
                "ended_at",
                "documents_checked",
            ),
            kind="first",
            status="finished",
            calls=1,
            version=5,
        )
        self.visit_events = Sheet(
            VisitEvent, ("id", "visit_id", "kind", "old", "new", "session_id", "by_id", "at")
        )
        self.series = Sheet(TicketSeries, ("id", "office_id", "day", "letter", "last_number"))
        self.tickets = Sheet(Ticket, ("id", "visit_id", "office_id", "day", "letter", "number"))
        self.runs = Sheet(
            StageRun,
            ("id", "visit_id", "stage", "session_id", "started_at", "ended_at"),
            result="done",
        )
        self.books = Sheet(
            PassportBook,
            (
                "id",
                "visit_id",
                "applicant_id",
                "service_type_id",
                "office_id",
                "status",
                "ordered_at",
                "due_on",
                "book_number",
                "printed_at",
                "printed_by_id",
                "checked_at",
                "checked_by_id",
                "shelf",
                "ready_at",
            ),
        )
        self.book_events = Sheet(
            BookEvent, ("id", "book_id", "old", "new", "by_id", "at", "book_number")
        )
        self.pickups = Sheet(
            Pickup,
            ("id", "book_id", "collector_name", "book_number", "shelf", "by_id", "at"),
            right="self",
            evidence="KTP asli",
            where="desk",
        )
        self.outages = Sheet(
            Outage,
            (
                "id",
                "office_id",
                "device_id",
                "started_at",
                "ended_at",
                "noted_at",
                "noted_by_id",
                "ended_by_id",
            ),
            reason="Pencetak paspor macet",
        )

        # The count of people refused, whose records are kept for weeks only.
        self.demand = Sheet(
            DemandDay,
            ("id", "office_id", "day", "refused"),
            booked=0,
            no_shows=0,
            walk_ins=0,
            counted_at=now,
        )

    @cached_property
    def sheets(self) -> list[Sheet]:
        return [value for value in vars(self).values() if isinstance(value, Sheet)]

    def write(self) -> None:
        """Copy everything that is collected."""
        for sheet in self.sheets:
            sheet.write()

    def finish(self) -> int:
        """Copy the rest and let the sequences continue; return the number of rows."""
        self.write()
        for sheet in self.sheets:
            sheet.set_sequence()
        return sum(sheet.rows for sheet in self.sheets)


@dataclass
class _Window:
    """A window on its way: its days are added one by one."""

    id: int
    plan: LanePlan
    opens_at: dt.datetime
    closes_at: dt.datetime
    policies: set[int] = field(default_factory=set)


class OfficeWriter:
    """Writes the windows, places and days of one office."""

    def __init__(self, facts: Facts, writer: Writer, *, first_number: int) -> None:
        self.facts, self.to = facts, writer
        self.windows: dict[tuple[int, dt.date, int], _Window] = {}
        self.number = first_number

    # --- Windows, slots and places ---------------------------------------------------------------
    def write_day(
        self,
        date: dt.date,
        lanes: Sequence[LanePlan],
        frame: Frame,
        day: Day,
        *,
        due: Due,
        restriction: tuple[int, str] | None,
        added: Mapping[int, int],
        outage: tuple[int, dt.datetime, dt.datetime] | None = None,
    ) -> None:
        """Write one working day. `added`: places added by hand, by the index of the online hour.

        `restriction`: days and instrument of the rule for missed appointments; `outage`: device, from, to.
        """
        places: dict[str, list[list[int]]] = {}
        slots: dict[str, list[int]] = {}
        for lane in lanes:
            is_citizens = lane.group == self.facts.group
            numbers = self._lane(date, lane, frame, added if is_citizens else {}, slots)
            if is_citizens:
                places[lane.lane] = numbers
        self._hand_out(places, slots, frame, date, day, due, restriction)
        self._refused(slots, frame, day)
        if outage is not None:
            device, since, until = outage
            officer = self.facts.supervisor
            self.to.outages.add(
                self.to.outages.new_id(),
                self.facts.office,
                device,
                since,
                until,
                since,
                officer,
                officer,
            )

    def _lane(
        self,
        date: dt.date,
        lane: LanePlan,
        frame: Frame,
        added: Mapping[int, int],
        slots: dict[str, list[int]],
    ) -> list[list[int]]:
        """Write the slots of a lane; return the ids of each slot's places."""
        facts, to = self.facts, self.to
        window = self._window(lane)
        all_places = []
        is_mine = lane.group == facts.group
        extra = added if lane.lane == ONLINE else {}
        for nth, slot in enumerate(lane.slots):
            slot_id = to.slots.new_id()
            starts, ends = slot.starts_at, slot.ends_at
            to.slots.add(slot_id, facts.office, lane.group, lane.lane, date, starts, ends)
            if is_mine:
                slots.setdefault(lane.lane, []).append(slot_id)
            count = slot.places + extra.get(nth, 0)
            ids = [to.places.new_id() for _place in range(count)]
            if extra.get(nth):
                self._note_added(lane, slot, date, slot.places, extra[nth])
            all_places.append(ids)
            if is_mine and lane.lane in frame.hours:
                continue  # written with their holders
            for number, place in enumerate(ids, start=1):
                to.places.add(
                    place,
                    window.id,
                    slot_id,
                    slot_id,
                    number,
                    lane.opens_at,
                    slot.closes_at,
                    None,
                    None,
                )
        return all_places

    def _window(self, lane: LanePlan) -> _Window:
        key = lane.rule_id, lane.window_first_day, lane.tranche
        window = self.windows.get(key)
        if window is None:
            window = self.windows[key] = _Window(
                self.to.windows.new_id(), lane, lane.opens_at, lane.closes_at
            )
        window.opens_at = min(window.opens_at, lane.opens_at)
        window.closes_at = max(window.closes_at, lane.closes_at)
        window.policies.add(lane.policy_id)
        return window

    def write_windows(self) -> None:
        """Write the windows of all days that were written."""
        for (rule, first, tranche), window in self.windows.items():
            sources = [*self.facts.instruments[rule]] + [
                row for policy in sorted(window.policies) for row in self.facts.instruments[-policy]
            ]
            plan = window.plan
            self.to.windows.add(
                window.id,
                rule,
                self.facts.office,
                plan.lane,
                plan.mode,
                plan.has_waiting_room,
                first,
                plan.window_last_day,
                tranche,
                window.opens_at,
                window.closes_at,
                sources,
                window.opens_at - PREPARED_BEFORE,
                window.opens_at,
            )

    def _note_added(self, lane: LanePlan, slot: Any, date: dt.date, before: int, more: int) -> None:
        hour = slot.starts_at.astimezone(self.facts.zone)
        self.to.changes.add(
            self.to.changes.new_id(),
            self.facts.office,
            lane.lane,
            self.facts.supervisor,
            lane.opens_at + MINUTE,
            date,
            "SK 12/2026",
            {"places": before},
            {"places": before + more, "hour": f"{hour:%H:%M}"},
        )

    def _refused(self, slots: Mapping[str, list[int]], frame: Frame, day: Day) -> None:
        """Record who found the day full: the count, and the requests as long as such records are kept."""
        if ONLINE not in slots or not day.refused:
            return
        self.to.demand.add(
            self.to.demand.new_id(), self.facts.office, frame.opens_at.date(), day.refused
        )
        accounts, to = self.facts.accounts, self.to
        for nth in range(day.refused):
            at = nth % len(frame.hours[ONLINE])
            hour = frame.hours[ONLINE][at]
            moment = hour.opens_at + 5 * MINUTE + dt.timedelta(seconds=7 * nth)
            if self.to.now - moment < REFUSALS_KEPT and moment < min(hour.closes_at, to.now):
                to.refusals.add(
                    to.refusals.new_id(),
                    moment,
                    accounts[(nth * 11 + frame.opens_at.day * 37) % len(accounts)],
                    self.facts.office,
                    slots[ONLINE][at],
                    hour.starts_at,
                )

    # --- Bookings ----------------------------------------------------------------------------------
    def _hand_out(
        self,
        places: Mapping[str, list[list[int]]],
        slots: Mapping[str, list[int]],
        frame: Frame,
        date: dt.date,
        day: Day,
        due: Due,
        restriction: tuple[int, str] | None,
    ) -> None:
        """Give everybody a place, in the order in which they came to it, then write what followed."""
        made = _with_places(day, places)
        holders = {last: booking for row, booking, _first, last in made if row.fate != "cancelled"}
        cooldowns = {
            first: row.changed_at + COOLDOWN
            for row, _booking, first, last in made
            if row.changed_at is not None and (last != first or row.fate == "cancelled")
        }
        self._places(places, slots, frame, holders, cooldowns, date)
        sessions = self._sessions(frame, day)
        visits = []
        for row, booking, first, last in made:
            hours = frame.hours[row.lane]
            visits.append(
                self._booked(
                    row, booking, first, last, slots[row.lane], hours, frame, date, restriction
                )
            )
        order = sorted(
            (n for n, item in enumerate(made) if item[0].arrived_at is not None),
            key=lambda n: made[n][0].arrived_at or frame.opens_at,
        )
        for n in order:
            row, booking = made[n][0], made[n][1]
            self._visited(row, booking, visits[n], sessions, frame, date, due)
        self._series(day, date)

    def _series(self, day: Day, date: dt.date) -> None:
        letters: dict[str, int] = {}
        for row in day.people:
            if row.ticket:
                letter = self.facts.series[row.lane]
                letters[letter] = max(letters.get(letter, 0), row.ticket)
        for letter, number in letters.items():
            self.to.series.add(self.to.series.new_id(), self.facts.office, date, letter, number)

    def _places(
        self,
        places: Mapping[str, list[list[int]]],
        slots: Mapping[str, list[int]],
        frame: Frame,
        holders: Mapping[int, Any],
        cooldowns: Mapping[int, dt.datetime],
        date: dt.date,
    ) -> None:
        for lane, rows in places.items():
            if lane not in frame.hours:
                continue
            window = next(
                window
                for window in reversed(self.windows.values())
                if window.plan.lane == lane
                and window.plan.group == self.facts.group
                and window.plan.window_first_day <= date <= window.plan.window_last_day
            )
            for hour, slot, ids in zip(frame.hours[lane], slots[lane], rows, strict=True):
                for number, place in enumerate(ids, start=1):
                    self.to.places.add(
                        place,
                        window.id,
                        slot,
                        slot,
                        number,
                        hour.opens_at,
                        hour.closes_at,
                        cooldowns.get(place),
                        holders.get(place),
                    )

    def _booked(
        self,
        row: Person,
        booking: uuid.UUID,
        first: int,
        last: int,
        slots: Sequence[int],
        hours: Sequence[Any],
        frame: Frame,
        date: dt.date,
        restriction: tuple[int, str] | None,
    ) -> tuple[int, str, Someone]:
        """Write the person, the application, the booking and its history; return what a visit needs."""
        facts, to = self.facts, self.to
        self.number += 1
        someone = Someone(self.number, facts.district)
        is_online = row.lane == ONLINE
        account = facts.accounts[self.number * 7 % len(facts.accounts)] if is_online else None
        person_key = Applicant.key_for(kind="nik", nationality="ID", number=someone.identity_number)
        applicant = to.applicants.new_id()
        service, reason, documents = facts.services[row.service]
        added_at = row.placed_at - 10 * MINUTE if is_online else row.placed_at
        is_erased = self._add_person(applicant, account, someone, person_key, added_at, date)
        application = None
        if is_online or row.started_at is not None:
            application = to.applications.new_id()
            at = added_at if is_online else row.started_at
            to.applications.add(
                application,
                applicant,
                service,
                reason,
                "" if is_erased else someone.purpose,
                someone.product,
                {} if is_erased else dict.fromkeys(documents, is_online),
                at,
                at,
            )
        key, party = uuid.uuid4().hex, to.parties.new_id()
        old_hour = row.hour if row.moved_from is None else row.moved_from
        body = json.dumps([slots[old_hour], [applicant], _code_of(service)])
        to.parties.add(
            party, account, key, hashlib.sha256(body.encode()).hexdigest(), row.placed_at
        )
        is_cancelled, is_moved = row.fate == "cancelled", row.moved_from is not None
        status = {"served": "served", "absent": "no_show", "cancelled": "cancelled"}[row.fate]
        to.bookings.add(
            booking,
            new_code(),
            account,
            applicant,
            person_key,
            party,
            service,
            application if is_online else None,
            facts.office,
            slots[row.hour],
            None if is_cancelled else last,
            status,
            "desk" if not is_online else "moved_by_applicant" if is_moved else "first_come",
            row.changed_at if is_moved else row.placed_at,
            int(is_moved),
            row.changed_at if is_cancelled else None,
            key,
        )
        self._booking_history(row, booking, first, last, account, frame)
        if not is_online:
            why = facts.priority_reasons.get(_priority_reason(someone, date))
            to.admissions.add(
                to.admissions.new_id(),
                booking,
                why if row.lane == PRIORITY else None,
                facts.gate,
                row.placed_at,
            )
        if row.fate == "absent" and restriction is not None:
            self._restrict(
                applicant, booking, person_key, hours[row.hour].ends_at, frame, restriction
            )
        return applicant, person_key, someone

    def _add_person(
        self,
        applicant: int,
        account: int | None,
        someone: Someone,
        person_key: str,
        added_at: dt.datetime,
        date: dt.date,
    ) -> bool:
        """Write a person, without what the retention rules have erased; True if nothing personal is left."""
        age = self.to.now - self._at_end(date)
        is_erased = age > ERASED_AFTER
        if is_erased:
            erased_at = self._at_end(date) + ERASED_AFTER
            self.to.applicants.add(
                applicant,
                account,
                "",
                "",
                person_key,
                ERASED_BIRTH_DATE,
                "",
                added_at,
                erased_at,
                erased_at,
            )
            return True
        number = someone.identity_number
        has_number = account is not None or age < NUMBER_KEPT
        self.to.applicants.add(
            applicant,
            account,
            someone.full_name,
            encrypt(number) if has_number else "",
            person_key,
            someone.birth_date,
            someone.sex,
            added_at,
            None,
            None,
        )
        return False

    def _at_end(self, date: dt.date) -> dt.datetime:
        return dt.datetime.combine(date, dt.time(18), self.facts.zone)

    def _booking_history(
        self,
        row: Person,
        booking: uuid.UUID,
        first: int,
        last: int,
        account: int | None,
        frame: Frame,
    ) -> None:
        line, new_id_ = self.to.booking_events.add, self.to.booking_events.new_id
        by = account if account is not None else self.facts.gate
        line(new_id_(), booking, "made", "", "booked", None, first, by, row.placed_at)
        if row.moved_from is not None:
            line(
                new_id_(),
                booking,
                "rescheduled",
                "booked",
                "booked",
                first,
                last,
                account,
                row.changed_at,
            )
        if row.fate == "cancelled":
            line(
                new_id_(),
                booking,
                "moved",
                "booked",
                "cancelled",
                first,
                None,
                account,
                row.changed_at,
            )
        elif row.fate == "absent":
            at = frame.closes_at + NO_SHOWS_AFTER
            line(new_id_(), booking, "moved", "booked", "no_show", last, last, None, at)
        else:
            officer = frame.desks[row.desk].officer
            line(
                new_id_(),
                booking,
                "moved",
                "booked",
                "checked_in",
                last,
                last,
                self.facts.gate,
                row.arrived_at,
            )
            line(
                new_id_(),
                booking,
                "moved",
                "checked_in",
                "served",
                last,
                last,
                officer,
                row.ended[-1],
            )

    def _restrict(
        self,
        applicant: int,
        booking: uuid.UUID,
        person_key: str,
        missed_at: dt.datetime,
        frame: Frame,
        rule: tuple[int, str],
    ) -> None:
        days, instrument = rule
        made_at = frame.closes_at + NO_SHOWS_AFTER
        number = self.to.restrictions.new_id()
        self.to.restrictions.add(
            number,
            person_key,
            applicant,
            booking,
            self.facts.office,
            made_at,
            missed_at + dt.timedelta(days=days),
            instrument,
        )
        self.to.restriction_events.add(self.to.restriction_events.new_id(), number, made_at)

    # --- Visits --------------------------------------------------------------------------------------
    def _sessions(self, frame: Frame, day: Day) -> list[int]:
        """Write the session of each counter, from opening until its last visit; return the ids."""
        ids = []
        for nth, desk in enumerate(frame.desks):
            ids.append(self.to.sessions.new_id())
            closed_at = max(frame.closes_at, day.left_at.get(nth, frame.closes_at))
            self.to.sessions.add(
                ids[-1], desk.officer, desk.counter, self.facts.office, frame.opens_at, closed_at
            )
        return ids

    def _visited(
        self,
        row: Person,
        booking: uuid.UUID,
        who: tuple[int, str, Someone],
        sessions: Sequence[int],
        frame: Frame,
        date: dt.date,
        due: Due,
    ) -> None:
        facts, to = self.facts, self.to
        hour = frame.hours[row.lane][row.hour].starts_at
        is_online = row.lane == ONLINE
        arrived, session = row.arrived_at, sessions[row.desk]
        assert arrived is not None
        officer = frame.desks[row.desk].officer
        service, _reason, documents = facts.services[row.service]
        visit, ended = to.visits.new_id(), row.ended[-1]
        to.visits.add(
            visit,
            booking,
            facts.office,
            facts.group,
            row.lane,
            date,
            arrived,
            hour if is_online else arrived,
            max(arrived, hour) if is_online else arrived,
            session,
            row.called_at,
            row.called_at,
            row.started_at,
            ended,
            sorted(documents),
        )
        letter = facts.series[row.lane]
        to.tickets.add(to.tickets.new_id(), visit, facts.office, date, letter, row.ticket)
        line, number = to.visit_events.add, to.visit_events.new_id
        line(number(), visit, "arrived", "", "waiting", None, facts.gate, arrived)
        line(number(), visit, "called", "waiting", "called", session, officer, row.called_at)
        line(number(), visit, "started", "called", "serving", session, officer, row.started_at)
        line(number(), visit, "finished", "serving", "finished", session, officer, ended)
        begins = row.started_at
        for stage, until in zip(STAGES, row.ended, strict=True):
            to.runs.add(to.runs.new_id(), visit, stage, session, begins, until)
            begins = until
        self._book(visit, who, service, officer, ended, due)

    def _book(
        self,
        visit: int,
        who: tuple[int, str, Someone],
        service: int,
        officer: int,
        ordered_at: dt.datetime,
        due: Due,
    ) -> None:
        """Write the passport: printed, checked, on the shelf and collected, as far as that is over."""
        facts, to = self.facts, self.to
        applicant, _key, someone = who
        book, number = to.books.new_id(), f"Y{someone.number:07d}"
        printed = _moment(due.printed_on, 9, someone.number % 300, facts.zone)
        ready = _moment(due.ready_on, 9, someone.number % 120, facts.zone)
        steps = [
            ("ordered", officer, ordered_at, ""),
            ("printed", facts.pickup, printed, number),
            ("checked", facts.supervisor, printed + 90 * MINUTE, number),
            ("ready", facts.pickup, ready, number),
            ("handed_over", facts.pickup, _collected(ready, someone), number),
        ]
        done = [step for step in steps if step[2] < to.now]
        at = {name: moment for name, _by, moment, _number in done}
        shelf = f"{'ABCDE'[someone.number % 5]}{1 + someone.number % 9}"
        to.books.add(
            book,
            visit,
            applicant,
            service,
            facts.office,
            done[-1][0],
            ordered_at,
            due.due_on,
            number if "printed" in at else "",
            at.get("printed"),
            facts.pickup if "printed" in at else None,
            at.get("checked"),
            facts.supervisor if "checked" in at else None,
            shelf if "ready" in at else "",
            at.get("ready"),
        )
        old = ""
        for name, by, moment, printed_number in done:
            to.book_events.add(to.book_events.new_id(), book, old, name, by, moment, printed_number)
            old = name
        if "handed_over" in at:
            to.pickups.add(
                to.pickups.new_id(),
                book,
                someone.full_name,
                number,
                shelf,
                facts.pickup,
                at["handed_over"],
            )


Made = tuple[Person, uuid.UUID, int, int]


def _with_places(day: Day, places: Mapping[str, list[list[int]]]) -> list[Made]:
    """Return everybody with the id of the booking, the first place and the last one, in the order of taking them."""
    taken = {lane: [0] * len(rows) for lane, rows in places.items()}

    def take(lane: str, hour: int) -> int:
        taken[lane][hour] += 1
        return places[lane][hour][taken[lane][hour] - 1]

    online = [row for row in day.people if row.lane == ONLINE]
    at_desk = sorted(
        (row for row in day.people if row.lane != ONLINE), key=lambda row: row.placed_at
    )
    first = {}
    for row in [*online, *at_desk]:
        first[id(row)] = take(row.lane, row.hour if row.moved_from is None else row.moved_from)
    moved = [row for row in online if row.moved_from is not None and row.changed_at is not None]
    moved.sort(key=lambda row: row.changed_at or row.placed_at)
    last = {**first, **{id(row): take(row.lane, row.hour) for row in moved}}
    return [(row, new_id(), first[id(row)], last[id(row)]) for row in [*online, *at_desk]]


_CODES: dict[int, str] = {}


def name_services(codes: Mapping[int, str]) -> None:
    """Remember the code of each service, which is part of a request's fingerprint."""
    _CODES.update(codes)


def _code_of(service: int) -> str:
    return _CODES[service]


def _priority_reason(someone: Someone, date: dt.date) -> str:
    years = (date - someone.birth_date).days // 365.25
    return "aged_60" if years >= 60 else "ill"


def _moment(day: dt.date, hour: int, minutes: int, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), zone) + minutes * MINUTE


def _collected(ready: dt.datetime, someone: Someone) -> dt.datetime:
    """Some days later, in opening hours of a working day."""
    moment = ready + dt.timedelta(days=1 + someone.number % 11, minutes=someone.number % 200)
    return moment + dt.timedelta(
        days=max(0, 7 - moment.isoweekday() + 1) if moment.isoweekday() > 5 else 0
    )
