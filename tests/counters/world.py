"""A small office on a working day, created through services."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from accounts.models import User
from booking.bookings.models import Booking
from counters.gate import services as gate_services
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.models import CounterSession, Visit
from counters.walk_in.services import admit_at_desk
from offices.directory.models import Counter, Office, ServiceType
from offices.staff.models import Role
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_application,
    make_booking,
    make_daily_release,
    make_office,
    make_officer,
    make_policy,
    person_data,
    produce,
)
from tests.remembered import remembered

DAY = date(2026, 11, 26)  # a Thursday, three days after NOW
KTP = ["ktp"]


@dataclass
class World:
    """An office with hourly slots of the online lane and of walk-ins, a gate and some officers."""

    office: Office
    gate: User
    officer: User
    pickup: User
    supervisor: User

    def at(self, hour: int, minute: int = 0, day: date = DAY) -> datetime:
        return self.office.at(day, time(hour, minute))

    def slot(self, hour: int, day: date = DAY) -> Slot:
        return Slot.objects.get(office=self.office, lane="online", starts_at=self.at(hour, day=day))

    def book(self, hour: int = 8, day: date = DAY, **fields: Any) -> Booking:
        return make_booking(self.slot(hour, day), **fields)

    def check_in(self, booking: Booking, now: datetime | None = None) -> Visit:
        return gate_services.check_in(
            office_id=self.office.pk,
            code=booking.code,
            by=self.gate,
            now=now or booking.slot.starts_at,
        )

    def arrive(self, hour: int = 8, minute: int = 0, *, booked: int | None = None) -> Visit:
        """Book a slot and check in at a time."""
        return self.check_in(self.book(booked or hour), self.at(hour, minute))

    def walk_in(self, now: datetime, **changes: Any) -> Visit:
        visit = admit_at_desk(
            office_id=self.office.pk,
            applicant=person_data(**changes),
            service_type_id=ServiceType.objects.get(code="new").pk,
            by=self.gate,
            now=now,
        ).visit
        assert visit is not None  # no protocol is in force
        return visit

    def colleague(self, role: Role = Role.COUNTER) -> User:
        return make_officer(self.office, role)

    def counter(self, number: int = 1) -> Counter:
        return Counter.objects.get(hall__office=self.office, number=number)

    def sit(self, number: int = 1, officer: User | None = None, hour: int = 8) -> CounterSession:
        return stations_services.take_counter(
            counter_id=self.counter(number).pk, by=officer or self.officer, now=self.at(hour)
        )

    def call(self, session: CounterSession, now: datetime) -> Visit | None:
        return queue_services.call_next(session_id=session.pk, by=session.officer, now=now)

    def start(self, session: CounterSession, now: datetime) -> Visit:
        visit = self.call(session, now)
        assert visit is not None
        make_application(visit.booking)
        return service_services.start_service(**who(visit, session), now=now)

    def serve(self, visit: Visit, session: CounterSession, now: datetime) -> PassportBook:
        """Take the called visit through all its stages."""
        make_application(visit.booking)
        service_services.start_service(**who(visit, session), now=now)
        for _stage in range(2):
            now += timedelta(minutes=8)
            service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=now)
        service_services.finish_visit(**who(visit, session), now=now + timedelta(minutes=6))
        return PassportBook.objects.get(visit=visit)

    def book_of_someone(self, hour: int = 8) -> PassportBook:
        """A passport that has just been ordered."""
        self.arrive(hour)
        session = CounterSession.objects.filter(officer=self.officer, closed_at=None).first()
        session = session or self.sit(hour=hour)
        visit = self.call(session, self.at(hour, 10))
        assert visit is not None
        return self.serve(visit, session, self.at(hour, 10))

    def ready_book(self, hour: int = 8) -> PassportBook:
        return self.make_ready(self.book_of_someone(hour), self.at(14))

    def make_ready(self, book: PassportBook, now: datetime) -> PassportBook:
        return produce(book, by=self.pickup, now=now)


def who(visit: Visit, session: CounterSession) -> dict[str, Any]:
    """The officer, visit and counter of an action."""
    return {"visit_id": visit.pk, "session_id": session.pk, "by": session.officer}


def form_of(visit: Visit, **typed: Any) -> dict[str, Any]:
    """The fields of a visit's form as its officer's screen shows them now, and what is typed."""
    visit.refresh_from_db()
    running = visit.stage_runs.filter(ended_at=None).first()
    return {
        "version": visit.version,
        "stage": running.stage if running else "",
        "notes_before": visit.notes,
        "documents_before": visit.documents_checked,
        "notes": visit.notes,
        "documents": visit.documents_checked,
        **typed,
    }


@remembered
def make_world(*, counters: int = 3, places: int = 18, walk_ins: int = 6, **fields: Any) -> World:
    """An office with places until the next day only, which is fast to prepare."""
    office = make_office(counters=counters, **fields)
    until = DAY + timedelta(days=1)
    make_policy(office, places=places, valid_until=until)
    make_daily_release(office)
    make_policy(office, places=walk_ins, lane="walk_in", valid_until=until)
    make_daily_release(office, days_ahead=0, lane="walk_in")
    prepare_windows(office_id=office.pk, now=NOW)
    return World(
        office=office,
        gate=make_officer(office, Role.GATE),
        officer=make_officer(office, Role.COUNTER),
        pickup=make_officer(office, Role.PICKUP),
        supervisor=make_officer(office, Role.SUPERVISOR),
    )
