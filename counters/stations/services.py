"""Opening, pausing and closing counters."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from core.db import constraints_as_errors
from core.errors import NotFound
from counters.stations.errors import AlreadyAtCounter, CounterTaken, ParkedRemain, StillServing
from counters.stations.selectors import idle_sessions, is_forgotten, last_act_at
from counters.visits.models import AT_A_COUNTER, IN_SERVICE, CounterSession, Visit, VisitStatus
from counters.visits.services import lock_session, lock_visit, move_visit
from offices.directory.models import Counter, Office
from offices.permissions import Right, check_right


def take_counter(*, counter_id: int, by: User, now: datetime) -> CounterSession:
    """Open a counter for an officer; opening the same one again returns the open session.

    Raises CounterTaken, AlreadyAtCounter, NotFound.
    """
    errors = {
        "counter_session_one_an_officer": AlreadyAtCounter,
        "counter_session_one_a_counter": CounterTaken,
    }
    with constraints_as_errors(errors), transaction.atomic():
        return _take(counter_id=counter_id, by=by, now=now)


def _take(*, counter_id: int, by: User, now: datetime) -> CounterSession:
    # The counter's row lock serialises two officers who open the same counter.
    counter = (
        Counter.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hall__office")
        .filter(pk=counter_id)
        .first()
    )
    if counter is None:
        raise NotFound
    office = counter.hall.office
    check_right(by, Right.SERVE_COUNTER, office=office, now=now)
    _close_forgotten(counter=counter, by=by, now=now)
    mine = CounterSession.objects.filter(officer=by, closed_at__isnull=True).first()
    if mine is not None and mine.counter_id != counter.pk:
        raise AlreadyAtCounter
    if mine is not None:
        return mine
    if CounterSession.objects.filter(counter=counter, closed_at__isnull=True).exists():
        raise CounterTaken
    return CounterSession.objects.create(officer=by, counter=counter, office=office, opened_at=now)


def pause_counter(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Stop calling; the current visit can be finished."""
    with transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        if session.paused_at is None:
            session.paused_at = now
            session.save(update_fields=["paused_at"])
        return session


def resume_counter(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Resume calling."""
    with transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        session.paused_at = None
        session.save(update_fields=["paused_at"])
        return session


def leave_counter(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Close the officer's counter. Raises StillServing while a visit is at it, ParkedRemain."""
    with transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        parked = session.visits.filter(status=VisitStatus.PARKED).select_related("ticket")
        if tickets := ", ".join(str(visit.ticket) for visit in parked.order_by("parked_at")):
            raise ParkedRemain(tickets=tickets)
        return _close(session, at=now)


def free_counter(*, session_id: int, by: User, now: datetime) -> CounterSession:
    """Close a counter that its officer forgot to close, at its last recorded act (for supervisors).

    Visits parked at it return to the queue, to the place they had. Raises NotFound, NotAllowed, StillServing.
    """
    with transaction.atomic():
        rows = CounterSession.objects.select_for_update(no_key=True, of=("self",))
        session = rows.select_related("office").filter(pk=session_id).first()
        if session is None:
            raise NotFound
        check_right(by, Right.FREE_COUNTER, office=session.office, now=now)
        if session.closed_at:
            return session
        worked_until = _last_work(session, now=now)
        for visit_id in session.visits.filter(status=VisitStatus.PARKED).values_list(
            "pk", flat=True
        ):
            move_visit(
                lock_visit(visit_id),
                to=VisitStatus.WAITING,
                kind="put_back",
                by=by,
                now=now,
                session=session,
            )
        return _close(session, at=worked_until)


def close_forgotten_sessions(*, now: datetime) -> int:
    """Close forgotten counters with the time of their last recorded act; return how many.

    Counters of earlier days, and from half an hour after the end of today's work those at which
    nothing happens any more.
    """
    closed = 0
    for session in idle_sessions().select_related("office"):
        if is_forgotten(session, now=now):
            with transaction.atomic():
                closed += _close_at_last_work(session.pk, now=now)
    return closed


def close_idle_counters(*, office: Office, by: User, now: datetime) -> int:
    """Close every counter at which nobody is served, at its last recorded act (when the day is closed).

    Return how many. Idempotent. Raises NotAllowed.
    """
    check_right(by, Right.CLOSE_DAY, office=office, now=now)
    closed = 0
    for session in idle_sessions().filter(office=office):
        with transaction.atomic():
            closed += _close_at_last_work(session.pk, now=now)
    return closed


def _close_forgotten(*, counter: Counter, by: User, now: datetime) -> None:
    """Close one forgotten session, so that it does not block the counter the next day."""
    office = counter.hall.office
    today = office.at(office.local_day(now), datetime.min.time())
    idle = idle_sessions().filter(opened_at__lt=today)
    for session in idle.filter(counter=counter) | idle.filter(officer=by):
        _close_at_last_work(session.pk, now=now)


def _close_at_last_work(session_id: int, *, now: datetime) -> int:
    session = (
        CounterSession.objects.select_for_update(no_key=True)
        .filter(pk=session_id, closed_at__isnull=True)
        .first()
    )
    if session is None or session.visits.filter(status__in=IN_SERVICE).exists():
        return 0
    _close(session, at=_last_work(session, now=now))
    return 1


def _last_work(session: CounterSession, *, now: datetime) -> datetime:
    # A clock that was set back may have recorded later moments.
    return max(session.opened_at, min(last_act_at(session), now))


def _close(session: CounterSession, *, at: datetime) -> CounterSession:
    if session.visits.filter(status__in=AT_A_COUNTER).exists():
        raise StillServing
    # A visit handed on to this counter is anybody's again.
    named = Visit.objects.filter(next_counter_id=session.counter_id, status=VisitStatus.WAITING)
    named.update(next_counter=None)
    session.closed_at = at
    session.paused_at = None
    session.save(update_fields=["closed_at", "paused_at"])
    return session
