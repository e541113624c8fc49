"""A day at a small office, created through services."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from accounts.models import User
from booking.bookings.changes import mark_no_show
from booking.bookings.models import Booking
from counters.gate import services as gate_services
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.models import CounterSession, Visit
from offices.directory.models import Counter, Office, ServiceType
from offices.reasons.models import Reason
from offices.staff.models import Role
from quotas.places.models import Slot
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_booking,
    make_daily_release,
    make_office,
    make_officer,
    make_policy,
    make_reason,
    person_data,
)

DAY = date(2026, 11, 26)  # a Thursday, three days after NOW


@dataclass
class Day:
    """An office with ten online places, two walk-in places an hour, and one officer at counter 1."""

    office: Office
    gate: User
    officer: User
    session: CounterSession = field(init=False)

    def at(self, hour: int, minute: int = 0, day: date = DAY) -> datetime:
        return self.office.at(day, time(hour, minute))

    def open_counter(self, hour: int = 8, day: date = DAY) -> None:
        counter = Counter.objects.filter(hall__office=self.office).order_by("number")[0]
        self.session = stations_services.take_counter(
            counter_id=counter.pk, by=self.officer, now=self.at(hour, day=day)
        )

    def book(self) -> Booking:
        slot = Slot.objects.filter(office=self.office, lane="online", day=DAY).order_by(
            "starts_at"
        )[0]
        return make_booking(slot)

    def arrive(self, booking: Booking, moment: datetime) -> Visit:
        return gate_services.check_in(
            office_id=self.office.pk, code=booking.code, by=self.gate, now=moment
        )

    def walk_in(self, moment: datetime) -> Visit:
        return gate_services.admit_walk_in(
            office_id=self.office.pk,
            applicant=person_data(),
            service_type_id=ServiceType.objects.get(code="new").pk,
            by=self.gate,
            now=moment,
        )

    def call(self, visit: Visit, moment: datetime) -> None:
        who = {"visit_id": visit.pk, "session_id": self.session.pk, "by": self.officer}
        if not Reason.objects.exists():
            make_reason("sick")
        queue_services.call_visit(**who, reason="sick", note="", now=moment)
        service_services.start_service(**who, now=moment)

    def serve(self, visit: Visit, *, called: datetime, left: datetime) -> PassportBook:
        self.call(visit, called)
        who = {"visit_id": visit.pk, "session_id": self.session.pk, "by": self.officer}
        for _stage in range(2):
            service_services.finish_stage(
                **who, now=called + timedelta(minutes=1), documents_checked=["ktp"]
            )
        service_services.finish_visit(**who, now=left)
        return PassportBook.objects.get(visit=visit)

    def miss(self, booking: Booking) -> None:
        mark_no_show(booking_id=booking.pk, now=self.at(15, 30))


def make_day(places: int = 10) -> Day:
    """An office with places until the next day only, which is fast to prepare."""
    office = make_office()
    until = DAY + timedelta(days=1)
    make_policy(office, places=places, hours=[["08:00", "09:00"]], valid_until=until)
    make_daily_release(office)
    make_policy(office, places=12, lane="walk_in", valid_until=until)
    make_daily_release(office, days_ahead=0, lane="walk_in")
    prepare_windows(office_id=office.pk, now=NOW)
    return Day(
        office=office,
        gate=make_officer(office, Role.GATE),
        officer=make_officer(office, Role.COUNTER),
    )
