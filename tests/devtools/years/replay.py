"""Replays an invented day through the services that the screens call."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking, mark_no_show, reschedule_booking
from booking.bookings.models import Booking
from booking.bookings.requests import BookingRequest, OpenWindow
from booking.bookings.services import create_bookings
from booking.people.services import add_applicant
from counters.gate.services import check_in
from counters.pickup.services import hand_over
from counters.production import services as production
from counters.production.models import PassportBook
from counters.queue.services import call_next
from counters.service.services import finish_stage, finish_visit, start_service
from counters.stations.services import leave_counter, take_counter
from counters.visits.models import CounterSession, Visit
from counters.walk_in.services import admit_at_desk
from devtools.years.days import MINUTE, ONLINE, PRIORITY, WALK_IN, Day, Frame, Person
from devtools.years.facts import (
    NO_SHOWS_AFTER,
    Due,
    Facts,
    collected_at,
    moment_on,
    priority_reason,
)
from devtools.years.people import Someone
from offices.directory.models import Office, ServiceType
from offices.outages.services import end_outage, record_outage
from quotas.places.models import Slot


@dataclass
class Replay:
    """One day of an office, act by act in the order of time."""

    office: Office
    facts: Facts
    frame: Frame
    day: Day
    date: dt.date
    due: Due
    first_number: int
    now: dt.datetime
    outage: tuple[int, dt.datetime, dt.datetime] | None = None

    def run(self) -> None:
        self.codes: dict[int, str] = {}
        self.numbers: dict[int, int] = {}
        self.sessions: list[CounterSession] = []
        self._number()
        for _at, _nth, act in sorted(self._acts(), key=lambda row: row[:2]):
            act()

    def _number(self) -> None:
        """The people have the numbers that the generator gives them: bookings first, then the desk."""
        online = [row for row in self.day.people if row.lane == ONLINE]
        desk = sorted(
            (row for row in self.day.people if row.lane != ONLINE), key=lambda row: row.placed_at
        )
        for nth, row in enumerate([*online, *desk], start=self.first_number + 1):
            self.numbers[id(row)] = nth

    def _acts(self) -> list[tuple[dt.datetime, int, Any]]:
        acts: list[tuple[dt.datetime, int, Any]] = []

        def at(moment: dt.datetime | None, act: Any, *values: Any) -> None:
            assert moment is not None
            acts.append((moment, len(acts), lambda: act(*values, moment)))

        self._plan_bookings(at)
        for nth in range(len(self.frame.desks)):
            at(self.frame.opens_at, self._open, nth)
        if self.outage:
            device, since, until = self.outage
            at(since, self._break, device)
            at(until, self._mend)
        self._plan_visits(at)
        for nth in range(len(self.frame.desks)):
            closed = max(self.frame.closes_at, self.day.left_at.get(nth, self.frame.closes_at))
            at(closed, self._close, nth)
        at(self.frame.closes_at + NO_SHOWS_AFTER, self._mark_absent)
        for row in self.day.people:
            if row.ended:
                self._make_passport(row, at)
        return acts

    def _plan_bookings(self, at: Any) -> None:
        for row in self.day.people:
            if row.lane == ONLINE:
                at(row.placed_at - 10 * MINUTE, self._add, row)
                at(row.placed_at, self._book, row)
                if row.moved_from is not None:
                    at(row.changed_at, self._move, row)
                elif row.fate == "cancelled":
                    at(row.changed_at, self._cancel, row)

    def _plan_visits(self, at: Any) -> None:
        for row in self.day.people:
            if row.arrived_at is not None:
                at(row.arrived_at, self._arrive, row)
                at(row.called_at, self._call, row)
                at(row.started_at, self._start, row)
                for nth, ended in enumerate(row.ended):
                    at(ended, self._finish, row, nth)

    # --- bookings ------------------------------------------------------------------------------------
    def _someone(self, row: Person) -> Someone:
        return Someone(self.numbers[id(row)], self.facts.district)

    def _account(self, row: Person) -> User:
        accounts = self.facts.accounts
        return User.objects.get(pk=accounts[self.numbers[id(row)] * 7 % len(accounts)])

    def _service(self, row: Person) -> ServiceType:
        return ServiceType.objects.get(pk=self.facts.services[row.service][0])

    def _slot(self, lane: str, hour: int) -> Slot:
        starts = self.frame.hours[lane][hour].starts_at
        return Slot.objects.get(office=self.office, lane=lane, starts_at=starts)

    def _application(self, row: Person, *, is_ready: bool) -> ApplicationData:
        someone = self._someone(row)
        _pk, reason, documents, _code = self.facts.services[row.service]
        return ApplicationData(
            service_type=self._service(row).code,
            reason=reason,
            purpose=someone.purpose,
            product=someone.product,
            documents=dict.fromkeys(documents, True) if is_ready else {},
            issued="since_2009" if reason in ("expired", "full") else "",
            is_declared=True,
        )

    def _add(self, row: Person, now: dt.datetime) -> None:
        account = self._account(row)
        person = add_applicant(account_id=account.pk, data=self._someone(row).typed(), now=now)
        data = self._application(row, is_ready=True)
        save_application(applicant_id=person.pk, by=account, data=data, now=now)
        self.numbers[-id(row)] = person.pk

    def _book(self, row: Person, now: dt.datetime) -> None:
        account = self._account(row)
        hour = row.hour if row.moved_from is None else row.moved_from
        request = BookingRequest(
            account_id=account.pk,
            slot_id=self._slot(ONLINE, hour).pk,
            applicant_ids=[self.numbers[-id(row)]],
            service_type=self._service(row).code,
            key=f"{self.numbers[id(row)]:032d}",
        )
        [party] = create_bookings(requests=[request], right=OpenWindow(), by=account, now=now)
        self.codes[id(row)] = party.made_codes[0]

    def _booking(self, row: Person) -> Booking:
        return Booking.objects.get(code=self.codes[id(row)])

    def _move(self, row: Person, now: dt.datetime) -> None:
        slot = self._slot(ONLINE, row.hour)
        reschedule_booking(
            booking_id=self._booking(row).pk, slot_id=slot.pk, by=self._account(row), now=now
        )

    def _cancel(self, row: Person, now: dt.datetime) -> None:
        cancel_booking(booking_id=self._booking(row).pk, by=self._account(row), now=now)

    def _mark_absent(self, now: dt.datetime) -> None:
        for row in self.day.people:
            if row.fate == "absent":
                mark_no_show(booking_id=self._booking(row).pk, now=now)

    # --- the day ---------------------------------------------------------------------------------------
    def _open(self, nth: int, now: dt.datetime) -> None:
        desk = self.frame.desks[nth]
        officer = User.objects.get(pk=desk.officer)
        self.sessions.append(take_counter(counter_id=desk.counter, by=officer, now=now))

    def _close(self, nth: int, now: dt.datetime) -> None:
        session = self.sessions[nth]
        leave_counter(session_id=session.pk, by=session.officer, now=now)

    def _break(self, device: int, now: dt.datetime) -> None:
        record_outage(
            office_id=self.office.pk,
            reason="Pencetak paspor macet",
            by=self._supervisor,
            now=now,
            device_id=device,
        )

    def _mend(self, now: dt.datetime) -> None:
        outage = self.office.outages.get(ended_at=None)
        end_outage(outage_id=outage.pk, by=self._supervisor, now=now)

    @property
    def _supervisor(self) -> User:
        return User.objects.get(pk=self.facts.supervisor)

    @property
    def _gate(self) -> User:
        return User.objects.get(pk=self.facts.gate)

    def _arrive(self, row: Person, now: dt.datetime) -> None:
        if row.lane == ONLINE:
            check_in(office_id=self.office.pk, code=self.codes[id(row)], by=self._gate, now=now)
            return
        admitted = admit_at_desk(
            office_id=self.office.pk,
            applicant=self._someone(row).typed(),
            service_type_id=self._service(row).pk,
            lane=row.lane,
            reason=priority_reason(self._someone(row), self.date) if row.lane == PRIORITY else "",
            by=self._gate,
            now=now,
        )
        assert row.lane in (WALK_IN, PRIORITY)
        self.codes[id(row)] = admitted.booking.code

    def _visit(self, row: Person) -> Visit:
        return Visit.objects.get(booking__code=self.codes[id(row)])

    def _at(self, row: Person) -> dict[str, Any]:
        session = self.sessions[row.desk]
        return {
            "visit_id": self._visit(row).pk,
            "session_id": session.pk,
            "by": session.officer,
        }

    def _call(self, row: Person, now: dt.datetime) -> None:
        session = self.sessions[row.desk]
        called = call_next(session_id=session.pk, by=session.officer, now=now)
        expected = self._visit(row)
        assert called == expected, f"{called and called.ticket} instead of {expected.ticket}"

    def _start(self, row: Person, now: dt.datetime) -> None:
        start_service(**self._at(row), now=now)
        if row.lane != ONLINE:
            booking = self._booking(row)
            save_application(
                applicant_id=booking.applicant_id,
                by=self.sessions[row.desk].officer,
                data=self._application(row, is_ready=False),
                now=now,
            )

    def _finish(self, row: Person, nth: int, now: dt.datetime) -> None:
        documents = self.facts.services[row.service][2]
        act = finish_visit if nth == len(row.ended) - 1 else finish_stage
        act(**self._at(row), documents_checked=documents, now=now)

    # --- the passport ------------------------------------------------------------------------------------
    def _make_passport(self, row: Person, at: Any) -> None:
        someone = self._someone(row)
        zone = self.facts.zone
        printed = moment_on(self.due.printed_on, 9, someone.number % 300, zone)
        ready = moment_on(self.due.ready_on, 9, someone.number % 120, zone)
        steps = [
            (printed, self._print),
            (printed + 90 * MINUTE, self._check),
            (ready, self._shelve),
            (collected_at(ready, someone), self._collect),
        ]
        for moment, act in steps:
            if moment < self.now:
                at(moment, act, row)

    def _passport(self, row: Person) -> PassportBook:
        return PassportBook.objects.get(visit__booking__code=self.codes[id(row)])

    @property
    def _pickup(self) -> User:
        return User.objects.get(pk=self.facts.pickup)

    def _print(self, row: Person, now: dt.datetime) -> None:
        number = f"Y{self.numbers[id(row)]:07d}"
        production.mark_printed(
            book_id=self._passport(row).pk, book_number=number, by=self._pickup, now=now
        )

    def _check(self, row: Person, now: dt.datetime) -> None:
        production.mark_checked(book_id=self._passport(row).pk, by=self._supervisor, now=now)

    def _shelve(self, row: Person, now: dt.datetime) -> None:
        number = self.numbers[id(row)]
        shelf = f"{'ABCDE'[number % 5]}{1 + number % 9}"
        production.mark_ready(book_id=self._passport(row).pk, shelf=shelf, by=self._pickup, now=now)

    def _collect(self, row: Person, now: dt.datetime) -> None:
        book = self._passport(row)
        hand_over(
            book_id=book.pk,
            book_number=book.book_number,
            collector_name="",
            right="self",
            evidence="KTP asli",
            where="desk",
            by=self._pickup,
            now=now,
        )
