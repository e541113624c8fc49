"""Holding a visit, returning it to the queue, and handing it on to another counter."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from counters.service.services import Work, lock_applicant, set_changes, start_next
from counters.stations.errors import StillServing
from counters.visits.errors import (
    CounterNotOpen,
    NobodyTakesOver,
    TooManyParked,
    VisitChanged,
    VisitElsewhere,
)
from counters.visits.models import (
    AT_A_COUNTER,
    MOST_PARKED,
    CounterSession,
    StageRun,
    Visit,
    VisitStatus,
)
from counters.visits.selectors import can_do, remaining_stages
from counters.visits.services import (
    end_open_run,
    lock_session,
    lock_visit,
    move_visit,
    require_at,
    require_version,
    required_reason,
)
from offices.directory.models import Counter, Stage

IN_HAND: Final = (VisitStatus.SERVING, VisitStatus.PARKED)


def park_visit(
    *,
    visit_id: int,
    session_id: int | None,
    by: User,
    now: datetime,
    version: int | None = None,
    work: Work | None = None,
) -> Visit:
    """Hold a visit at this counter, so that its officer can serve another person.

    It keeps its clock, and its stage begins again when it goes on. Raises TooManyParked.
    """
    with busy_on_timeout(), transaction.atomic():
        lock_applicant(visit_id, work)
        # The session's lock serialises the choice of a place; a constraint makes it certain.
        session = lock_session(session_id=session_id, by=by, now=now)
        visit = _lock_at(visit_id, session, version=version)
        if visit.status != VisitStatus.SERVING:
            raise VisitChanged
        changed = set_changes(visit, work, by=by, now=now)
        taken = set(
            session.visits.filter(status=VisitStatus.PARKED).values_list("parked_place", flat=True)
        )
        free = [place for place in range(1, MOST_PARKED + 1) if place not in taken]
        if not free:
            raise TooManyParked(most=MOST_PARKED)
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        return move_visit(
            visit,
            to=VisitStatus.PARKED,
            kind="parked",
            by=by,
            now=now,
            session=session,
            parked_at=now,
            parked_place=free[0],
            **{name: getattr(visit, name) for name in changed},
        )


def resume_visit(
    *, visit_id: int, session_id: int | None, by: User, now: datetime, version: int | None = None
) -> Visit:
    """Go on with a parked visit. Raises StillServing while another visit is at the counter."""
    errors = {"visit_one_at_a_counter": StillServing}
    with busy_on_timeout(), constraints_as_errors(errors), transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        if session.visits.filter(status__in=AT_A_COUNTER).exists():
            raise StillServing
        visit = _lock_at(visit_id, session, version=version)
        if visit.status != VisitStatus.PARKED:
            raise VisitChanged
        move_visit(visit, to=VisitStatus.SERVING, kind="resumed", by=by, now=now, session=session)
        start_next(visit, session=session, now=now)
        return visit


def put_back(
    *,
    visit_id: int,
    session_id: int | None,
    reason: str,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """Return a visit to the queue, behind those who wait now; its clock and finished stages stay."""
    reason = required_reason(reason)
    with busy_on_timeout(), transaction.atomic():
        visit, session = _in_hand(visit_id, session_id, by, now=now, version=version)
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        return move_visit(
            visit,
            to=VisitStatus.WAITING,
            kind="put_back",
            by=by,
            now=now,
            session=session,
            reason=reason,
            queue_at=now,
        )


def transfer(
    *,
    visit_id: int,
    session_id: int | None,
    counter_id: int | None,
    reason: str,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """Hand a visit on to a counter, or to any other counter that does its next stage (None).

    It keeps its place in the queue, its clock and its finished stages. Raises NobodyTakesOver when
    no other open counter can take it, CounterNotOpen when the named one is not among them.
    """
    reason = required_reason(reason)
    with busy_on_timeout(), transaction.atomic():
        visit, session = _in_hand(visit_id, session_id, by, now=now, version=version)
        rows = takers(visit, session)
        if not rows:
            stage = next_stage_of(visit)
            raise NobodyTakesOver(stage=str(Stage(stage).label) if stage else "")
        target = next((row for row in rows if row.pk == counter_id), None)
        if counter_id is not None and target is None:
            raise CounterNotOpen
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        return move_visit(
            visit,
            to=VisitStatus.WAITING,
            kind="passed_on",
            by=by,
            now=now,
            session=session,
            reason=reason,
            next_counter=target,
            handed_on_by=session.counter,
        )


def takers(visit: Visit, session: CounterSession, *, stage: str | None = None) -> list[Counter]:
    """Return the other open counters that may call this visit and can do a stage, by default its next."""
    stage = next_stage_of(visit) if stage is None else stage
    rows = _open_elsewhere(visit, session).select_related("hall").order_by("hall__floor", "number")
    return [row for row in rows.distinct() if not stage or can_do(row, stage)]


def next_stage_of(visit: Visit) -> str:
    """Return the stage that another counter would begin with, or an empty text."""
    return next(iter(remaining_stages(visit)), "")


def _open_elsewhere(visit: Visit, session: CounterSession) -> QuerySet[Counter]:
    return (
        Counter.objects.in_use_on(visit.day)
        .filter(
            sessions__closed_at__isnull=True,
            sessions__office_id=visit.office_id,
            hall__groups=visit.group_id,
            hall__lanes=visit.lane_id,
        )
        .exclude(pk=session.counter_id)
    )


def _lock_at(visit_id: int, session: CounterSession, *, version: int | None) -> Visit:
    """Lock a visit of a locked session. Raises StageChanged, VisitElsewhere."""
    visit = lock_visit(visit_id)
    require_version(visit, version)
    if visit.session_id != session.pk:
        raise VisitElsewhere
    return visit


def _in_hand(
    visit_id: int, session_id: int | None, by: User, *, now: datetime, version: int | None
) -> tuple[Visit, CounterSession]:
    visit = lock_visit(visit_id)
    require_version(visit, version)
    session = require_at(visit, session_id=session_id, by=by, now=now)
    if visit.status not in IN_HAND:
        raise VisitChanged
    return visit, session
