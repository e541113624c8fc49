"""Could a booking have been served? The one predicate behind no-shows, restrictions and their messages."""

import datetime as dt
from typing import Any, Final

from django.db.models import QuerySet

from booking.bookings.models import Booking
from booking.restrictions.models import AbsenceReview, Obstacle
from booking.statuses import Status
from offices.directory.models import Counter, Office
from offices.hours.selectors import holiday_on, opening_hours_on
from offices.outages.models import Outage
from offices.outages.uptime import downtime_between
from quotas.places.models import Slot
from quotas.plan.spans import still_served
from quotas.policies.selectors import closures_of

# "Almost no check-ins": fewer than one in five, on a day with at least five bookings that are over.
CAME: Final = (Status.CHECKED_IN, Status.SERVED, Status.LEFT)
LEAST_BOOKINGS: Final = 5
LEAST_SHARE: Final = 5
# Downtime within the slot that makes a check-in doubtful.
LONGEST_DOWNTIME: Final = dt.timedelta(minutes=15)


def could_have_been_served(booking: Booking, *, now: dt.datetime) -> bool:
    """True if the office could serve the booking, or a supervisor decided that it could."""
    decision = (
        AbsenceReview.objects.filter(office=booking.office_id, day=booking.slot.day)
        .values_list("decision", flat=True)
        .first()
    )
    if decision:
        return decision == AbsenceReview.Decision.ABSENT
    return not obstacles_to(booking, now=now)


def obstacles_to(booking: Booking, *, now: dt.datetime) -> list[Obstacle]:
    """Return why the office may not have been able to serve this booking; empty if nothing prevented it."""
    office, slot = booking.office, booking.slot
    checks = {
        Obstacle.CLOSURE: _is_closed(booking),
        Obstacle.HOLIDAY: holiday_on(office, slot.day) is not None,
        Obstacle.HOURS: not _is_in_opening_hours(office, slot),
        Obstacle.OUTAGE: _is_every_counter_out(office, slot),
        Obstacle.FEW_ARRIVALS: _has_few_arrivals(office, slot.day, now=now),
        Obstacle.SYSTEM_DOWN: downtime_between(slot.starts_at, slot.ends_at, now=now)
        >= min(LONGEST_DOWNTIME, slot.ends_at - slot.starts_at),
    }
    return [name for name, is_so in checks.items() if is_so]


def _is_closed(booking: Booking) -> bool:
    office, slot = booking.office, booking.slot
    shut = closures_of(office, first=slot.day, last=slot.day)
    starts, ends = (
        moment.astimezone(office.zone).time() for moment in (slot.starts_at, slot.ends_at)
    )
    served: Any = still_served(shut, slot.day, (slot.lane_id, slot.group_id), starts, ends)
    return served is not None and booking.service_type_id not in served


def _is_in_opening_hours(office: Office, slot: Slot) -> bool:
    """Whether the slot lies in the opening hours. Evening slots that the office added lie after them."""
    hours = opening_hours_on(office, slot.day)
    if hours is None:
        return False
    starts, ends = (
        moment.astimezone(office.zone).time() for moment in (slot.starts_at, slot.ends_at)
    )
    return starts >= hours.closes or (starts >= hours.opens and ends <= hours.closes)


def _is_every_counter_out(office: Office, slot: Slot) -> bool:
    rows = Counter.objects.in_use_on(slot.day).filter(hall__office=office)
    counters = set(rows.values_list("pk", flat=True))
    out = Outage.objects.filter(counter__in=counters, started_at__lte=slot.starts_at).exclude(
        ended_at__lt=slot.ends_at
    )
    return bool(counters) and counters <= set(out.values_list("counter_id", flat=True))


def _has_few_arrivals(office: Office, day: dt.date, *, now: dt.datetime) -> bool:
    """Whether almost nobody of the day's ended slots was checked in."""
    rows = Booking.objects.filter(office=office, slot__day=day, slot__ends_at__lte=now)
    statuses = list(
        rows.filter(status__in=(*CAME, Status.BOOKED, Status.NO_SHOW)).values_list(
            "status", flat=True
        )
    )
    came = sum(status in CAME for status in statuses)
    return len(statuses) >= LEAST_BOOKINGS and came * LEAST_SHARE < len(statuses)


def open_review(
    *, office: Office, day: dt.date, obstacles: list[Obstacle], now: dt.datetime
) -> AbsenceReview:
    """Record that a supervisor must decide about a day; add new obstacles to an open review. Idempotent."""
    review, is_new = AbsenceReview.objects.get_or_create(
        office=office,
        day=day,
        defaults={"opened_at": now, "obstacles": sorted(map(str, obstacles))},
    )
    known = sorted({*review.obstacles, *map(str, obstacles)})
    if not is_new and not review.decision and known != review.obstacles:
        review.obstacles = known
        review.save(update_fields=["obstacles"])
    return review


def undecided_days(office: Office) -> QuerySet[AbsenceReview]:
    """Return the days that wait for the supervisor, oldest first."""
    return AbsenceReview.objects.filter(office=office, decision="").order_by("day")
