"""Who has to be checked at the gate, and who waits for the task force."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from booking.absences.services import register_present
from booking.bookings.models import Booking
from booking.statuses import Status
from counters.screening.models import DECIDED, Outcome, Screening
from offices.directory.models import Office
from offices.limits.models import Protocol
from offices.ordered import from_far_to_near


def screening_protocol(office: Office, day: date) -> Protocol | None:
    """Return the protocol of the day, or None if it checks nothing.

    Not from the shared read of the public pages: a protocol counts from the moment it is switched on.
    """
    rows = from_far_to_near(Protocol, office, day)
    protocol: Protocol | None = rows[-1] if rows else None
    return protocol if protocol is not None and (protocol.items or protocol.measures) else None


def latest_protocol(office: Office, day: date) -> Protocol | None:
    """Return the protocol to begin a new one from: today's, or the latest of the office or the country."""
    current = screening_protocol(office, day)
    if current is not None:
        return current
    scope = Q(office=office) | Q(region=office.region_id) | Q(office=None, region=None)
    rows = Protocol.objects.filter(scope).exclude(items=[], temperature_limit=None)
    return rows.order_by(F("office").desc(nulls_last=True), "-valid_from").first()


def latest_of(booking: Booking, day: date) -> Screening | None:
    """Return the latest line of a person's check on a day, or None. By number: clocks can be set back."""
    rows = Screening.objects.filter(booking=booking, day=day).select_related("by", "protocol")
    return rows.order_by("-pk").first()


@dataclass(frozen=True)
class GateCheck:
    """The check of one person today, for the gate's card."""

    protocol: Protocol | None
    latest: Screening | None

    @property
    def is_needed(self) -> bool:
        """True if the person may not be checked in yet."""
        is_done = self.latest is not None and self.latest.may_enter
        return self.protocol is not None and not is_done

    @property
    def waits(self) -> bool:
        """True if the task force has to decide."""
        return self.latest is not None and self.latest.outcome == Outcome.REFERRED


def gate_check(booking: Booking, day: date) -> GateCheck:
    """Return the state of a person's check at the office of the booking."""
    protocol = screening_protocol(booking.office, day)
    return GateCheck(protocol, latest_of(booking, day) if protocol is not None else None)


def waiting_for_task_force(office: Office, day: date) -> QuerySet[Screening]:
    """Return the people who were referred on a day or before and wait for a decision, longest first."""
    earlier = Q(day__lt=day, booking__status=Status.BOOKED, booking__slot__day=F("day"))
    rows = _undecided().filter(Q(day=day) | earlier, office=office)
    return _with_people(rows).order_by("pk")


def _undecided() -> QuerySet[Screening]:
    decided = Screening.objects.filter(
        booking=OuterRef("booking"), day=OuterRef("day"), outcome__in=DECIDED
    )
    rows = Screening.objects.filter(booking__isnull=False, outcome=Outcome.REFERRED)
    return rows.filter(~Exists(decided))


def is_referred() -> Exists:
    """Return a condition on bookings: the person came on the booked day and waits for the task force."""
    return Exists(_undecided().filter(booking=OuterRef("pk"), day=OuterRef("slot__day")))


# Nobody who waits for the task force is absent.
register_present(is_referred)


def decided_on(office: Office, day: date) -> QuerySet[Screening]:
    """Return the task force's decisions of a day, latest first."""
    rows = Screening.objects.filter(office=office, day=day, booking__isnull=False)
    return _with_people(rows.filter(outcome__in=DECIDED)).order_by("-pk")


def _with_people(rows: QuerySet[Screening]) -> QuerySet[Screening]:
    return rows.select_related(
        "by", "protocol", "booking__applicant", "booking__slot", "booking__service_type"
    )
