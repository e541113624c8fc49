"""Two years of an office: each quarter somebody is served, misses a booking and appeals, and cancels."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from booking.applications.services import ApplicationData, save_application
from booking.bookings.changes import cancel_booking, mark_no_show
from booking.people.models import Applicant
from booking.restrictions.models import Restriction
from booking.restrictions.services import appeal_restriction
from counters.gate import services as gate_services
from counters.pickup import services as pickup_services
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.models import Visit
from notices.models import Message
from offices.directory.models import Counter, Office
from offices.limits.models import NoShowRule
from offices.staff.models import Role
from quotas.windows.services import prepare_windows
from tests.builders import (
    INSTRUMENT,
    SINCE,
    make_application,
    make_booking,
    make_daily_release,
    make_office,
    make_officer,
    make_open_slot,
    make_person,
    make_policy,
    make_reason,
    produce,
)
from tests.remembered import remembered

ROLES = (Role.GATE, Role.COUNTER, Role.PICKUP, Role.SUPERVISOR)
QUARTER = timedelta(days=91)
END = datetime.fromisoformat("2026-11-23T03:00:00Z")  # a Monday
QUARTERS = [END - QUARTER * number for number in range(8, 0, -1)]


@dataclass
class TwoYears:
    office: Office
    served: list[Applicant] = field(default_factory=list)
    absent: list[Applicant] = field(default_factory=list)
    cancelled: list[Applicant] = field(default_factory=list)


@remembered
def make_two_years() -> TwoYears:
    """Everything is written by services, at the times at which it happened."""
    office = make_office()
    NoShowRule.objects.create(
        office=office,
        no_shows=1,
        within_days=90,
        restricted_days=14,
        valid_from=SINCE,
        instrument=INSTRUMENT,
    )
    story = TwoYears(office)
    make_reason("sick")
    officers = {role: make_officer(office, role) for role in ROLES}
    make_daily_release(office)
    for now in QUARTERS:
        day = office.local_day(now) + timedelta(days=3)
        make_policy(
            office,
            places=6,
            hours=[["08:00", "09:00"]],
            valid_from=day,
            valid_until=day + timedelta(days=1),
        )
        prepare_windows(office_id=office.pk, now=now)
        _quarter(story, officers, now)
    Message.objects.filter(sent_at=None).update(sent_at=F("due_at"))
    return story


def _quarter(story: TwoYears, officers: dict[Role, Any], now: datetime) -> None:
    slot = make_open_slot(office=story.office, now=now)
    served, absent, cancelled = (make_person(now=now) for _each in range(3))
    data = ApplicationData(
        "new", "first", "umrah", "electronic_10", {"ktp": True}, is_declared=True
    )
    assert served.account
    save_application(applicant_id=served.pk, by=served.account, data=data, now=now)
    bookings = [make_booking(slot, person=one, now=now) for one in (served, absent, cancelled)]
    cancel_booking(booking_id=bookings[2].pk, by=cancelled.account, now=now)
    mark_no_show(booking_id=bookings[1].pk, now=slot.ends_at + timedelta(hours=6))
    restriction = Restriction.objects.get(booking=bookings[1])
    appeal_restriction(
        restriction_id=restriction.pk,
        text="Anak saya sakit.",
        by=absent.account,
        now=slot.ends_at + timedelta(hours=7),
    )
    _serve(story.office, bookings[0].code, officers, slot.starts_at)
    story.served.append(served)
    story.absent.append(absent)
    story.cancelled.append(cancelled)


def _serve(office: Office, code: str, officers: dict[Role, Any], at: datetime) -> None:
    counter = Counter.objects.filter(hall__office=office).order_by("number")[0]
    officer = officers[Role.COUNTER]
    visit: Visit = gate_services.check_in(
        office_id=office.pk, code=code, by=officers[Role.GATE], now=at
    )
    session = stations_services.take_counter(counter_id=counter.pk, by=officer, now=at)
    who = {"visit_id": visit.pk, "session_id": session.pk, "by": officer}
    queue_services.call_visit(
        **who, reason="sick", note="urutan uji", now=at + timedelta(minutes=1)
    )
    make_application(visit.booking)
    service_services.start_service(**who, now=at + timedelta(minutes=2))
    for minute in (5, 10):
        service_services.finish_stage(
            **who, now=at + timedelta(minutes=minute), documents_checked=["ktp"]
        )
    service_services.finish_visit(**who, now=at + timedelta(minutes=20))
    Visit.objects.filter(pk=visit.pk).update(notes="Berangkat umrah bersama ibu.")
    stations_services.leave_counter(session_id=session.pk, by=officer, now=at + timedelta(hours=1))
    book = PassportBook.objects.get(visit=visit)
    pickup = officers[Role.PICKUP]
    book = produce(book, by=pickup, checker=officers[Role.SUPERVISOR], now=at + timedelta(days=3))
    pickup_services.hand_over(
        book_id=book.pk,
        book_number=book.book_number,
        collector_name="",
        right="self",
        evidence="KTP asli",
        where="desk",
        by=pickup,
        now=at + timedelta(days=5),
    )
