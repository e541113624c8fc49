"""The last recorded act at a counter."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Greatest

from counters.visits.models import IN_SERVICE, CounterSession, StageRun, Visit, VisitEvent
from offices.directory.models import Office
from offices.hours.selectors import closing_moment
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
