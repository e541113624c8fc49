"""Effects of an outage on visits: which counters take them over, and who is informed."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout
from core.errors import NotFound
from counters.estimates.selectors import Waits, forecast_of, read_facts
from counters.outages.messages import queue_delay_message
from counters.visits.models import AT_A_COUNTER, CounterSession, StageRun, Visit, VisitStatus
from counters.visits.selectors import next_stage_expression, remaining_stages
from counters.visits.services import add_visit_event, end_open_run, lock_visit, move_visit
from offices.directory.models import Counter, Office, Stage
from offices.outages import services as outages_services
from offices.outages.models import Outage
from offices.outages.selectors import counters_lacking_photo

# People are informed of a delay from this many minutes on; below it the board is enough.
LARGE_DELAY: Final = 15


@dataclass(frozen=True)
class Recorded:
    """An outage, the visits that went to other counters, and the people who got a message."""

    outage: Outage
    handed_on: int
    informed: int


def record_outage(*, office_id: int, by: User, now: datetime, **values: Any) -> Recorded:
    """Record an outage. Visits that wait for a photo at a counter without a camera go elsewhere.

    People whose wait grows by a quarter of an hour or more get one message. `values` as in
    offices.outages.services.record_outage, which says what is raised.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    with busy_on_timeout(), transaction.atomic():
        before = forecast_of(read_facts(office, now=now))
        lacking = counters_lacking_photo(office)
        outage = outages_services.record_outage(office_id=office_id, by=by, now=now, **values)
        newly = counters_lacking_photo(office) - lacking
        handed_on = _hand_on(office, newly, outage, by=by, now=now)
        after = forecast_of(read_facts(office, now=now))
        informed = _inform(office, outage, before, after, now=now)
    return Recorded(outage, handed_on, informed)


def end_outage(
    *, outage_id: int, by: User, now: datetime, ended_at: datetime | None = None
) -> Outage:
    """End an outage; a counter that has a camera again may call the visits that it had to hand on."""
    with busy_on_timeout(), transaction.atomic():
        office = Office.objects.filter(outages=outage_id).first()
        if office is None:
            raise NotFound
        before = counters_lacking_photo(office)
        outage = outages_services.end_outage(outage_id=outage_id, by=by, now=now, ended_at=ended_at)
        again = before - counters_lacking_photo(office)
        visits = Visit.objects.filter(
            office=office,
            day=office.local_day(now),
            status=VisitStatus.WAITING,
            handed_on_by__in=again,
        )
        visits = visits.alias(next_stage=next_stage_expression()).filter(next_stage=Stage.PHOTO)
        # Only the row that is written is locked, so that no call in between is overwritten.
        for pk in visits.order_by("pk").values_list("pk", flat=True):
            Visit.objects.filter(pk=pk, status=VisitStatus.WAITING).update(handed_on_by=None)
        return outage


def _hand_on(
    office: Office, counters: frozenset[int], outage: Outage, *, by: User, now: datetime
) -> int:
    """Return visits that wait for a photo at these counters to the queue; return how many."""
    others = _others_with_photo(office, counters, day=office.local_day(now))
    _wait_for_calls(counters)
    at_counters = Visit.objects.filter(
        office=office, status__in=AT_A_COUNTER, session__counter__in=counters
    )
    moved = 0
    for pk in at_counters.order_by("pk").values_list("pk", flat=True):
        visit = lock_visit(pk)
        session = visit.session
        if visit.status not in AT_A_COUNTER or session is None:
            continue
        if session.counter.hall_id in others and remaining_stages(visit)[:1] == [Stage.PHOTO]:
            end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
            move_visit(
                visit,
                to=VisitStatus.WAITING,
                kind="passed_on",
                by=by,
                now=now,
                session=session,
                reason=_outage_text(outage),
                next_counter=None,
                handed_on_by=session.counter,
            )
            moved += 1
    return moved + _free_named(office, counters, outage, by=by, now=now)


def _wait_for_calls(counters: frozenset[int]) -> None:
    """Lock the open sessions of counters: a call that began before the outage ends first.

    Without it, a counter that has just read its queue would call somebody for a photo it cannot take.
    """
    sessions = CounterSession.objects.filter(counter__in=counters, closed_at__isnull=True)
    list(sessions.select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _others_with_photo(office: Office, broken: frozenset[int], *, day: date) -> set[int]:
    """Return the halls in which another counter can take photos."""
    lacking = broken | counters_lacking_photo(office)
    counters = Counter.objects.in_use_on(day).filter(hall__office=office).exclude(pk__in=lacking)
    return {
        counter.hall_id
        for counter in counters
        if counter.is_one_stop or Stage.PHOTO in counter.stages
    }


def _free_named(
    office: Office, counters: frozenset[int], outage: Outage, *, by: User, now: datetime
) -> int:
    """Visits that were handed to one of these counters by name for their photo go to any other."""
    named = Visit.objects.filter(
        office=office,
        day=office.local_day(now),
        status=VisitStatus.WAITING,
        next_counter__in=counters,
    )
    moved = 0
    for pk in named.order_by("pk").values_list("pk", flat=True):
        visit = lock_visit(pk)
        is_for_photo = remaining_stages(visit)[:1] == [Stage.PHOTO]
        if visit.status == VisitStatus.WAITING and is_for_photo:
            visit.next_counter = None
            visit.save(update_fields=["next_counter"])
            add_visit_event(visit, kind="passed_on", by=by, now=now, reason=_outage_text(outage))
            moved += 1
    return moved


def _outage_text(outage: Outage) -> str:
    return _("%(thing)s rusak") % {"thing": str(outage)}


def _inform(office: Office, outage: Outage, before: Waits, after: Waits, *, now: datetime) -> int:
    """Queue one message for each waiting person with a long delay; return how many."""
    late = {}
    for pk, wait in before.visits.items():
        new = after.visits.get(pk)
        if new is None or new.middle - wait.middle >= LARGE_DELAY:
            late[pk] = new
    visits = Visit.objects.filter(pk__in=late, booking__account__isnull=False)
    rows = list(visits.select_related("ticket", "booking__account"))
    for visit in rows:
        queue_delay_message(visit, office=office, outage=outage, wait=late[visit.pk], now=now)
    return len(rows)
