"""One working day of an office, played through the services that the officers' screens call.

Every actor (the street at the gate, each counter) is a generator: it acts, and yields the moment at
which it acts next. `OfficeDay.run` wakes them in the order of time.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import uuid4

from accounts.models import User
from booking.applications.documents import circumstances_of
from booking.applications.models import PassportApplication
from booking.applications.requirements import products_for
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
from booking.people.services import ApplicantData
from booking.statuses import Status
from core.errors import DomainError
from counters.gate import services as gate_services
from counters.gate.ages import proposed_reason
from counters.queue import services as queue_services
from counters.screening.selectors import gate_check, screening_protocol
from counters.screening.services import record_screening
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.models import UNFINISHED, CounterSession, Visit, VisitStatus
from counters.visits.selectors import remaining_stages
from counters.walk_in.services import admit_at_desk
from devtools.trial.people import IS_INVENTED, People
from offices.directory.models import Counter, Office, ServiceType
from offices.hours.selectors import admission_on, working_hours
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.places.models import Place, Slot

MINUTE: Final = timedelta(minutes=1)
ONLINE, PRIORITY, GROUP = "online", "priority", "citizens"
ILL: Final = "ill"  # the priority reason of people without one by their age
NORMAL: Final = 365  # of a body, in tenths of a degree
# Minutes between a booked hour and the arrival, one after the other; most people come early.
LATENESS: Final = (-24, -11, -17, 3, -6, -14, 9, -2, -19)
NEVER_COMES: Final = 13  # one in so many
IDLE: Final = timedelta(minutes=4)  # until a counter without visitors looks again
EARLIEST: Final = timedelta(minutes=60)  # before the booked hour
SERVICE_MINUTES: Final = (6, 8, 6)
FAMILY: Final = (2, 3, 1, 4)


def keep_moment(moment: datetime) -> datetime:
    """The clock of a day that is played in the past: nothing moves."""
    return moment


class OfficeDay:
    """The day of one office. `at` is called before each act, and returns the time of the act."""

    def __init__(
        self, office: Office, day: date, *, at: Callable[[datetime], datetime] = keep_moment
    ) -> None:
        hours = working_hours(office, day)
        if hours is None:
            raise ValueError(f"{office.code} is closed on {day}")
        self.office, self.day, self.at = office, day, at
        self.opens_at = office.at(day, hours.opens)
        self.closes_at = office.at(day, hours.closes)
        self.now = self.opens_at
        self.people = People(office)
        [self.gate, *_others] = staff_of(office, role=Role.GATE, day=day)

    # --- what is there ---------------------------------------------------------------------------
    @property
    def visits(self) -> Any:
        return Visit.objects.filter(office=self.office, day=self.day)

    @property
    def in_hall(self) -> int:
        """The number of people in the hall: waiting, called or being served."""
        return int(self.visits.filter(status__in=UNFINISHED).count())

    @property
    def waiting(self) -> int:
        return int(self.visits.filter(status=VisitStatus.WAITING).count())

    def slots(self, lane: str = ONLINE) -> list[Slot]:
        return list(
            Slot.objects.filter(
                office=self.office, day=self.day, lane=lane, group__code=GROUP, only_services=[]
            ).order_by("starts_at")
        )

    # --- booking ---------------------------------------------------------------------------------
    def book(self, slot: Slot, *, people: int, now: datetime) -> int:
        """Book free places of a slot until so many people have one; return how many were added."""
        services = list(ServiceType.objects.filter(offices=self.office, group__code=GROUP))
        taken = slot.bookings.filter(status=Status.BOOKED).count()
        free = Place.objects.filter(slot=slot, holder=None, withdrawn_at=None).count()
        left, added = min(people - taken, free), 0
        for nth in range(max(left, 0)):
            if added >= left:
                break
            size = min(FAMILY[nth % len(FAMILY)], left - added)
            family = self.people.family(
                size=size, service=services[(nth + slot.pk) % len(services)], now=now
            )
            request = BookingRequest(
                account_id=family.account.pk,
                slot_id=slot.pk,
                applicant_ids=family.applicant_ids,
                service_type=family.service_type,
                key=uuid4().hex,
            )
            with suppress(DomainError):
                create_bookings(requests=[request], right=OpenWindow(), by=family.account, now=now)
                added += size
        return added

    # --- the gate --------------------------------------------------------------------------------
    def expected(self) -> list[tuple[datetime, str]]:
        """Return when each invented person with a booking arrives, and the code; some never come."""
        rows = Booking.objects.filter(
            office=self.office, slot__day=self.day, status=Status.BOOKED, **IS_INVENTED
        ).order_by("slot__starts_at", "pk")
        columns = ("code", "slot__starts_at", "applicant_id")
        planned = []
        for code, starts_at, number in rows.values_list(*columns):
            # By the number of the person, so that another look at the day finds the same people missing.
            if number % NEVER_COMES:
                late = timedelta(minutes=LATENESS[number % len(LATENESS)])
                planned.append((max(starts_at + late, self.opens_at - 15 * MINUTE), code))
        return sorted(planned)

    def check_in(self, code: str) -> None:
        """Check a person in, after the check of the protocol in force. Raises what `check_in` raises."""
        if (protocol := screening_protocol(self.office, self.day)) is not None:
            booking = Booking.objects.select_related("office").get(code=code)
            if gate_check(booking, self.day).is_needed:
                record_screening(
                    booking_id=booking.pk,
                    temperature=NORMAL if protocol.measures else None,
                    ticked=[item["code"] for item in protocol.items],
                    by=self.gate,
                    now=self.now,
                )
        gate_services.check_in(office_id=self.office.pk, code=code, by=self.gate, now=self.now)

    def arrivals(self, *, full: int | None = None) -> Iterator[datetime]:
        """People with bookings arrive; while `full` people are in the hall, they come a little later."""
        for moment, code in self.expected():
            yield moment
            while full is not None and self.in_hall >= full:
                yield self.now + MINUTE
            with suppress(DomainError):
                self.check_in(code)

    def direct_arrivals(
        self, lane: str, *, begin: datetime, every: timedelta, full: int
    ) -> Iterator[datetime]:
        """People without a booking arrive, until their lane's places of the hour are taken."""
        yield begin
        while self.in_hall < full:
            if not self.admit(lane):
                return
            yield self.now + every

    def admit(self, lane: str) -> bool:
        """Admit somebody without a booking; False if the lane has no place or the office no such lane."""
        if not self._admits(lane):
            return False
        service = ServiceType.objects.filter(offices=self.office, group__code=GROUP).first()
        assert service is not None
        person = self.people.person(now=self.now)
        try:
            admitted = admit_at_desk(
                office_id=self.office.pk,
                applicant=person,
                service_type_id=service.pk,
                lane=lane,
                reason=self._priority_reason(person) if lane == PRIORITY else "",
                by=self.gate,
                now=self.now,
            )
            if admitted.visit is None:
                self.check_in(admitted.booking.code)
        except DomainError:
            return False
        return True

    def _priority_reason(self, person: ApplicantData) -> str:
        return proposed_reason(person.birth_date, self.day) or ILL

    def _admits(self, lane: str) -> bool:
        rule = admission_on(self.office, self.day)
        return lane == PRIORITY or (rule is not None and rule.admits_walk_ins)

    # --- the counters ----------------------------------------------------------------------------
    def open_counters(
        self, count: int, *, every: timedelta, keep: int = 0, free: int = 1
    ) -> list[Iterator[datetime]]:
        """Return the day of so many counters, which open one after the other (`keep`: see `work`).

        The first counter and its officer stay free for the reader of the demo's page (`free`).
        """
        officers = staff_of(self.office, role=Role.COUNTER, day=self.day)[free:]
        counters = list(
            Counter.objects.in_use_on(self.day)
            .filter(hall__office=self.office, hall__groups__code=GROUP, is_one_stop=True)
            .order_by("number")
        )[free:]
        # One counter in each hall first, so that nobody waits in a hall without officers.
        halls = {counter.hall_id: counter for counter in reversed(counters)}
        ordered = [*halls.values(), *(row for row in counters if row not in halls.values())]
        return [
            self._open_counter(counter, officer, self.opens_at + nth * every, keep)
            for nth, (counter, officer) in enumerate(
                zip(ordered[: max(count, len(halls))], officers, strict=False)
            )
        ]

    def _open_counter(
        self, counter: Counter, officer: User, at: datetime, keep: int
    ) -> Iterator[datetime]:
        yield at
        with suppress(DomainError):
            session = stations_services.take_counter(
                counter_id=counter.pk, by=officer, now=self.now
            )
            yield from self.work(session, keep=keep)

    def sessions(self) -> list[CounterSession]:
        rows = CounterSession.objects.filter(office=self.office, closed_at=None)
        return list(rows.select_related("officer", "counter").order_by("pk"))

    def work(self, session: CounterSession, *, keep: int = 0) -> Iterator[datetime]:
        """Serve one visit after the other; nobody is called while only `keep` people wait."""
        while True:
            visit = queue_services.at_counter(session)
            if visit is None and self.waiting > keep:
                with suppress(DomainError):
                    visit = queue_services.call_next(
                        session_id=session.pk, by=session.officer, now=self.now
                    )
            if visit is None:
                yield self.now + IDLE
                continue
            with suppress(DomainError):
                yield from self._serve(visit, session)
            yield self.now + MINUTE

    def _serve(self, visit: Visit, session: CounterSession) -> Iterator[datetime]:
        who: dict[str, Any] = {
            "visit_id": visit.pk,
            "session_id": session.pk,
            "by": session.officer,
        }
        if visit.status == VisitStatus.CALLED:
            yield self.now + MINUTE
            service_services.start_service(**who, now=self.now)
        self._apply(visit, by=session.officer)
        documents = [row["code"] for row in visit.booking.service_type.documents]
        while stages := remaining_stages(visit):
            yield self.now + SERVICE_MINUTES[-len(stages)] * MINUTE
            if len(stages) == 1:
                break
            service_services.finish_stage(**who, documents_checked=documents, now=self.now)
        service_services.finish_visit(**who, documents_checked=documents, now=self.now)

    def _apply(self, visit: Visit, *, by: User) -> None:
        """Record the application of a person who has not prepared one."""
        booking = visit.booking
        service = booking.service_type
        if application_of(booking.applicant_id, service.pk) is not None:
            return
        age = circumstances_of(booking.applicant, service, None, self.day).age
        data = ApplicationData(
            service_type=service.code,
            reason=reasons_of(service)[0],
            product=products_for(products_of(service, self.day), age)[0],
            purpose=PassportApplication.Purpose.HOLIDAY,
        )
        save_application(applicant_id=booking.applicant_id, by=by, data=data, now=self.now)

    def leave_counters(self) -> None:
        """Close every counter that serves nobody."""
        for session in self.sessions():
            with suppress(DomainError):
                stations_services.leave_counter(
                    session_id=session.pk, by=session.officer, now=max(self.now, session.opened_at)
                )

    # --- time ------------------------------------------------------------------------------------
    def run(
        self,
        actors: Sequence[Iterator[datetime]],
        *,
        until: datetime,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """Wake the actors in the order of time, until a moment or until the day is over."""
        waking: list[tuple[datetime, int, Iterator[datetime]]] = []
        for nth, actor in enumerate(actors):
            if (first := next(actor, None)) is not None:
                heapq.heappush(waking, (first, nth, actor))
        while waking and waking[0][0] <= until and not is_over():
            moment, nth, actor = heapq.heappop(waking)
            self.now = self.at(max(moment, self.now))
            if (following := next(actor, None)) is not None:
                heapq.heappush(waking, (following, nth, actor))
        if not is_over():
            self.now = self.at(max(until, self.now))

    def evening(self) -> datetime:
        """The end of overtime: nobody is in the building any more."""
        return self.office.at(self.day, time(20))
