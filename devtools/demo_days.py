"""Simulates some working days of an office through its services, for pictures and reports."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any, Final
from uuid import uuid4

from accounts import services as accounts_services
from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.selectors import application_of
from booking.applications.services import (
    ApplicationData,
    products_of,
    reasons_of,
    save_application,
)
from booking.bookings.models import Booking
from booking.bookings.requests import BookingRequest, OpenWindow
from booking.bookings.services import create_bookings
from booking.people.services import ApplicantData, add_applicant
from core.errors import DomainError
from counters.gate import services as gate_services
from counters.production import services as production_services
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.models import CounterSession
from offices.directory.models import Counter, Office
from offices.staff.models import Role, StaffRole
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows

FIRST: Final = (
    "Siti",
    "Budi",
    "Dewi",
    "Rizky",
    "Andi",
    "Maria",
    "Putu",
    "Yohanes",
    "Nurul",
    "Wahyu",
)
LAST: Final = (
    "Rahmawati",
    "Santoso",
    "Anggraini",
    "Ramadhan",
    "Saputra",
    "Tambunan",
    "Wijaya",
    "Hidayat",
)
BORN: Final = date(1990, 2, 6)
STAGES_MINUTES: Final = (5, 7, 5)
MANNED: Final = 3  # of six counters, so that people wait and there is something to see
TURN: Final = timedelta(minutes=19)


@dataclass
class Turn:
    """One counter, and the time from which it is free."""

    session: CounterSession
    free_at: datetime


def live_through(office: Office, *, days: int, until: datetime) -> None:
    """Simulate the last working days and today up to `until`: people book, arrive, are served."""
    begin = until - timedelta(days=days + 7)
    prepare_windows(office_id=office.pk, now=begin)
    numbers = count(1)
    slots = Slot.objects.filter(
        office=office,
        lane="online",
        group__code="citizens",
        day__gt=office.local_day(until) - timedelta(days=days),
        starts_at__lt=until + timedelta(hours=6),
    ).order_by("starts_at")
    by_day: dict[date, list[Slot]] = {}
    for slot in slots:
        by_day.setdefault(slot.day, []).append(slot)
    for day, hours in by_day.items():
        _Day(office, day, hours, numbers, until).live()


def book_ahead(office: Office, *, until: datetime) -> None:
    """Add bookings on the next days, most on the first."""
    numbers = count(5000)
    today = office.local_day(until)
    for ahead, share in ((1, 9), (2, 5), (3, 2)):
        slots = Slot.objects.filter(
            office=office, lane="online", group__code="citizens", day=today + timedelta(days=ahead)
        )
        for slot in slots.order_by("starts_at"):
            for _person in range(share):
                _book(slot, numbers, now=until)


class _Day:
    """One day of the office."""

    def __init__(
        self, office: Office, day: date, slots: list[Slot], numbers: Iterator[int], until: datetime
    ) -> None:
        self.office, self.day, self.slots, self.numbers, self.until = (
            office,
            day,
            slots,
            numbers,
            until,
        )
        self.gate = self._officer(Role.GATE)
        self.pickup = self._officer(Role.PICKUP)
        self.closes_at = slots[-1].ends_at + timedelta(hours=1)
        self.booked_at = slots[0].starts_at - timedelta(days=4)

    def live(self) -> None:
        arrivals = deque(sorted(self._bookings(), key=lambda pair: pair[0]))
        turns = self._open_counters()
        while turns:
            turn = min(turns, key=lambda one: one.free_at)
            self._let_in(arrivals, turn.free_at)
            if not self._serve(turn):
                later = arrivals[0][0] if arrivals else None
                if later is None or later > self.until:
                    break
                turn.free_at = later
            if turn.free_at > self.until:
                turns.remove(turn)
        self._let_in(arrivals, self.until)
        if self.day < self.office.local_day(self.until):
            self._go_home()
        self._make_passports()

    def _bookings(self) -> Iterator[tuple[datetime, Booking]]:
        for nth, slot in enumerate(self.slots):
            is_today = self.day == self.office.local_day(self.until)
            for seat in range(10 if is_today else 6 + (nth + self.day.day) % 3):
                booking = _book(slot, self.numbers, now=self.booked_at)
                if booking is not None and (seat + nth + self.day.day) % 9:
                    yield slot.starts_at + timedelta(minutes=5 * seat - 9), booking

    def _officer(self, role: Role) -> User:
        rows = StaffRole.objects.filter(office=self.office, role=role).order_by("pk")
        return rows.select_related("user")[0].user

    def _open_counters(self) -> list[Turn]:
        at = self.slots[0].starts_at
        staff = StaffRole.objects.filter(
            office=self.office, role__in=(Role.COUNTER, Role.SUPERVISOR)
        ).select_related("user")
        desks = Counter.objects.filter(hall__office=self.office, is_one_stop=True)
        desks = desks.order_by("number")[:MANNED]
        return [
            Turn(
                stations_services.take_counter(counter_id=desk.pk, by=row.user, now=at),
                at + timedelta(minutes=2 * nth),
            )
            for nth, (desk, row) in enumerate(
                zip(desks, staff.order_by("role", "pk"), strict=False)
            )
        ]

    def _let_in(self, arrivals: "deque[tuple[datetime, Booking]]", moment: datetime) -> None:
        while arrivals and arrivals[0][0] <= min(moment, self.until):
            at, booking = arrivals.popleft()
            gate_services.check_in(
                office_id=self.office.pk, code=booking.code, by=self.gate, now=at
            )

    def _serve(self, turn: Turn) -> bool:
        """Serve the next person as far as the time allows; False when nobody waits."""
        session, at = turn.session, turn.free_at
        visit = queue_services.call_next(session_id=session.pk, by=session.officer, now=at)
        if visit is None:
            return False
        known: dict[str, Any] = {
            "visit_id": visit.pk,
            "session_id": session.pk,
            "by": session.officer,
        }
        at += timedelta(minutes=1)
        service_services.start_service(**known, now=min(at, self.until))
        documents = [row["code"] for row in visit.booking.service_type.documents]
        for minutes in STAGES_MINUTES[:-1]:
            at += timedelta(minutes=minutes)
            if at > self.until:
                break
            service_services.finish_stage(**known, documents_checked=documents, now=at)
        else:
            at += timedelta(minutes=STAGES_MINUTES[-1])
            if at <= self.until:
                self._apply(visit.booking, session.officer, now=at)
                service_services.finish_visit(**known, now=at)
        turn.free_at += TURN
        return True

    def _apply(self, booking: Booking, officer: User, *, now: datetime) -> None:
        """Record an application if the person has not prepared one."""
        service = booking.service_type
        if application_of(booking.applicant_id, service.pk) is None:
            data = ApplicationData(
                service_type=service.code,
                reason=reasons_of(service)[0],
                product=products_of(service, self.office.local_day(now))[0],
                purpose=PassportApplication.Purpose.HOLIDAY,
            )
            save_application(applicant_id=booking.applicant_id, by=officer, data=data, now=now)

    def _go_home(self) -> None:
        for session in CounterSession.objects.filter(office=self.office, closed_at=None):
            stations_services.leave_counter(
                session_id=session.pk,
                by=session.officer,
                now=max(self.closes_at, session.opened_at),
            )

    def _make_passports(self) -> None:
        steps = (
            production_services.mark_printed,
            production_services.mark_checked,
            production_services.mark_ready,
        )
        for book in PassportBook.objects.filter(status="ordered", visit__office=self.office):
            days_ago = (
                self.office.local_day(self.until) - self.office.local_day(book.ordered_at)
            ).days
            for step in steps[: min(3, days_ago)]:
                step(book_id=book.pk, by=self.pickup, now=self.until)


def _book(slot: Slot, numbers: Iterator[int], *, now: datetime) -> Booking | None:
    number = next(numbers)
    name = f"{FIRST[number % len(FIRST)]} {LAST[number % len(LAST)]}"
    account = accounts_services.register(
        email=f"pemohon{number}@warga.example",
        password=uuid4().hex,
        full_name=name,
        language="id",
    )
    person = ApplicantData(
        full_name=name,
        birth_date=BORN,
        sex="female",
        identity_number=f"647101460290{number:04d}",
    )
    applicant = add_applicant(account_id=account.pk, data=person, now=now)
    try:
        request = BookingRequest(
            account_id=account.pk,
            slot_id=slot.pk,
            applicant_ids=[applicant.pk],
            service_type="replacement" if number % 3 else "new",
            key=uuid4().hex,
        )
        [party] = create_bookings(requests=[request], right=OpenWindow(), by=account, now=now)
    except DomainError:
        return None
    return party.bookings.get()
