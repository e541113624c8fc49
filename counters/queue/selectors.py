"""The call order, and the two-hour promise for each visit in the office."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from core.formats import duration, hour
from counters.visits.models import Visit, VisitStatus
from counters.visits.selectors import next_stage_expression, stages_of
from offices.directory.models import Counter, Office
from offices.promises import AT_RISK_FROM, EARLY_ARRIVAL, VISIT_TIME

MINUTE = timedelta(minutes=1)
PRIORITY_LANE = "priority"


@dataclass(frozen=True)
class QueueRow:
    """A waiting visit in the queue."""

    visit: Visit
    number: str
    slot: str
    waited: int
    left: int
    state: str
    is_early: bool


def waiting(office: Office, *, now: datetime) -> QuerySet[Visit]:
    """Return an office's waiting visits of today."""
    return Visit.objects.filter(
        office=office, day=office.local_day(now), status=VisitStatus.WAITING
    ).select_related("ticket", "lane", "booking__slot", "booking__service_type")


def callable_at(counter: Counter, *, office: Office, now: datetime) -> QuerySet[Visit]:
    """Return the waiting visits that a counter may call: its hall's groups and lanes, its stages."""
    hall = counter.hall
    visits = waiting(office, now=now).filter(
        group__in=hall.groups.values("pk"), lane__in=hall.lanes.values("pk")
    )
    if counter.is_one_stop:
        return visits
    return visits.alias(next_stage=next_stage_expression()).filter(next_stage__in=counter.stages)


def in_call_order(visits: QuerySet[Visit], *, now: datetime) -> QuerySet[Visit]:
    """Order visits: those whose slot has begun, then the priority lane, then by queueing time.

    Applicants more than 15 minutes early come after all others.
    """
    early = Q(kind=Visit.Kind.FIRST, booking__slot__starts_at__gt=now + EARLY_ARRIVAL)
    return visits.annotate(
        is_early=Case(When(early, then=Value(1)), default=Value(0), output_field=IntegerField()),
        after_priority=Case(
            When(lane=PRIORITY_LANE, then=Value(0)), default=Value(1), output_field=IntegerField()
        ),
    ).order_by("is_early", "after_priority", "queue_at", "ticket__number", "pk")


def queue(office: Office, *, now: datetime, counter: Counter | None = None) -> list[QueueRow]:
    """Return waiting visits in call order, for the office or for one counter."""
    visits = callable_at(counter, office=office, now=now) if counter else waiting(office, now=now)
    return [queue_row(visit, now=now) for visit in in_call_order(visits, now=now)]


def queue_row(visit: Visit, *, now: datetime) -> QueueRow:
    """Return one visit with its waiting time and the minutes left of the promise."""
    running = now - visit.arrived_at
    return QueueRow(
        visit=visit,
        number=str(visit.ticket),
        slot=slot_text(visit),
        waited=running // MINUTE,
        left=(VISIT_TIME - running) // MINUTE,
        state=promise_state(running),
        is_early=bool(getattr(visit, "is_early", 0)),
    )


def slot_text(visit: Visit) -> str:
    """Return the visit's slot as text, or how the person came without one."""
    if visit.kind == Visit.Kind.RETURN:
        return _("kembali")
    if visit.booking.via == Booking.Via.DESK:
        return _("langsung")
    slot = visit.booking.slot
    span = [hour(moment, visit.office) for moment in (slot.starts_at, slot.ends_at)]
    # Officers write whole hours as 09–10.
    return "–".join(text.removesuffix(".00") for text in span)


def promise_state(running: timedelta) -> str:
    """Return `risk` from 90 minutes, `late` from two hours, otherwise an empty string."""
    if running >= VISIT_TIME:
        return "late"
    return "risk" if running >= AT_RISK_FROM else ""


def clock_of(visit: Visit, *, now: datetime) -> dict[str, Any]:
    """Return template values for the visit's two-hour clock, which stops when the visit ends."""
    end = visit.ended_at or now
    running = (end - visit.arrived_at) // MINUTE
    waited = ((visit.started_at or end) - visit.arrived_at) // MINUTE
    limit, warn_from = VISIT_TIME // MINUTE, AT_RISK_FROM // MINUTE
    state = promise_state(end - visit.arrived_at) or "done"
    return {
        "running": running,
        "waited": waited,
        "served": max(running - waited, 0),
        "limit": limit,
        "warn_from": warn_from,
        "ahead": max(warn_from - running, 0),
        "edge": max(limit - max(running, warn_from), 0),
        "arrived_at": visit.arrived_at,
        "due_at": visit.arrived_at + VISIT_TIME,
        "zone": visit.office,
        "expected": "" if visit.ended_at else _expected_end(visit, now=now),
        "state": state,
        "state_text": _promise_text(state, limit - running),
    }


def _promise_text(state: str, left: int) -> str:
    if state == "late":
        return _("Terlambat %(time)s") % {"time": duration(-left)}
    text = _("Berisiko, sisa %(time)s") if state == "risk" else _("Aman, sisa %(time)s")
    return text % {"time": duration(left)}


def _expected_end(visit: Visit, *, now: datetime) -> str:
    """Return the expected end as a range: the standard minutes left, to a third more."""
    left = timedelta()
    for stage in stages_of(visit, now=now):
        if not stage.is_done:
            left += stage.minutes * MINUTE
    run = visit.stage_runs.filter(ended_at__isnull=True).first()
    if run is not None:
        left = max(left - (now - run.started_at), MINUTE)
    return f"{hour(now + left, visit.office)}–{hour(now + left * 4 / 3, visit.office)}"
