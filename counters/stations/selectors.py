"""The last recorded act at a counter, and what uses a counter or a hall from a day on."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest

from counters.visits.models import IN_SERVICE, CounterSession, StageRun, Visit, VisitEvent
from offices.directory.models import Counter, Hall, Lane, Office, ServiceGroup
from offices.directory.selectors import local_date
from offices.hours.selectors import closing_moment
from offices.rosters.models import RosterShift
from quotas.places.models import Slot

# After closing time an open counter without work is forgotten once nothing has happened for this long.
IDLE_AFTER_CLOSING: Final = timedelta(minutes=30)


def with_last_act(sessions: QuerySet[CounterSession]) -> Any:
    """Annotate sessions with `last_act`: when something was last recorded at the counter, or its opening.

    An act is a call, a skip, an end of a visit, or the start or end of a stage.
    """
    stages = StageRun.objects.filter(session=OuterRef("pk")).order_by().values("session")
    events = VisitEvent.objects.filter(session=OuterRef("pk")).order_by().values("session")
    # PostgreSQL's GREATEST ignores what is null.
    stage = stages.annotate(at=Max(Greatest("started_at", "ended_at"))).values("at")
    event = events.annotate(latest=Max("at")).values("latest")
    return sessions.annotate(last_act=Greatest("opened_at", Subquery(stage), Subquery(event)))


def last_act_at(session: CounterSession) -> datetime:
    """Return when something was last recorded at the counter in this session, or its opening."""
    rows: QuerySet[Any] = with_last_act(CounterSession.objects.filter(pk=session.pk))
    return rows.values_list("last_act", flat=True).get()


def idle_sessions() -> QuerySet[CounterSession]:
    """Return open sessions without a visit at the counter."""
    busy = Visit.objects.filter(session=OuterRef("pk"), status__in=IN_SERVICE)
    return CounterSession.objects.filter(~Exists(busy), closed_at__isnull=True)


def work_ends_at(office: Office, moment: datetime) -> datetime:
    """Return when the work of the day of a moment ends: closing time, or the end of its last evening slot."""
    local = office.local_day(moment)
    closing = closing_moment(office, local)
    evening = Slot.objects.filter(
        office=office, day=local, starts_at__gte=closing, places__withdrawn_at__isnull=True
    ).aggregate(ends=Max("ends_at"))["ends"]
    return max(closing, evening or closing)


def is_forgotten(session: CounterSession, *, now: datetime) -> bool:
    """True if an idle counter was left open: on an earlier day, or after the end of today's work."""
    office = session.office
    if office.local_day(session.opened_at) < office.local_day(now):
        return True
    ends = work_ends_at(office, session.opened_at)
    return now >= max(ends, last_act_at(session)) + IDLE_AFTER_CLOSING


def days_rostered(counter: Counter, *, since: date) -> list[date]:
    """Return the days from `since` on with a shift at the counter, also of absent officers."""
    rows = RosterShift.objects.filter(counter=counter, day__gte=since)
    return list(rows.order_by("day").values_list("day", flat=True).distinct())


def days_opened(counter: Counter, *, since: date, now: datetime) -> list[date]:
    """Return the office's days from `since` on on which the counter was open, today if it is open now."""
    rows = counter.sessions.annotate(opened_on=local_date("opened_at"))
    days = set(rows.filter(opened_on__gte=since).values_list("opened_on", flat=True))
    today = counter.hall.office.local_day(now)
    if today >= since and counter.sessions.filter(closed_at__isnull=True).exists():
        days.add(today)
    return sorted(days)


def served_only_in(hall: Hall, day: date) -> list[tuple[ServiceGroup, Lane]]:
    """Return the groups of the office's services with the lanes that no other hall serves on a day."""
    others = hall.office.halls.in_use_on(day).exclude(pk=hall.pk)
    served = set(others.values_list("groups", "lanes"))
    groups = hall.groups.filter(service_types__offices=hall.office).distinct().order_by("pk")
    lanes = list(hall.lanes.order_by("series"))
    return [
        (group, lane) for group in groups for lane in lanes if (group.pk, lane.pk) not in served
    ]
