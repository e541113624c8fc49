"""Calling visits in order, or out of order with a recorded reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.changes import end_unserved_locked
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import NotFound
from counters.queue.candidates import unanswered_calls
from counters.queue.errors import CounterPaused, UnservedAtClosing
from counters.queue.selectors import call_positions
from counters.stations.errors import StillServing
from counters.visits.errors import VisitChanged, VisitElsewhere
from counters.visits.models import AT_A_COUNTER, CounterSession, Visit, VisitStatus
from counters.visits.services import (
    add_visit_event,
    lock_session,
    lock_visit,
    move_visit,
    require_at,
    require_version,
    required_reason,
    short_text,
)
from offices.day_rules.selectors import day_rule_on
from offices.hours.selectors import has_closed
from offices.permissions import Right, check_right
from offices.reasons.models import Reason
from offices.reasons.selectors import chosen_reason

# More than the officers who call at the same moment in one hall.
LOCKED_AT_ONCE = 50
ONE_AT_A_COUNTER = {"visit_one_at_a_counter": StillServing}


def call_next(*, session_id: int | None, by: User, now: datetime) -> Visit | None:
    """Call the next visit, or return the called one again. None if nobody waits.

    `session_id` None means the officer's open one.

    Raises CounterClosed, CounterPaused, StillServing.
    """
    with busy_on_timeout(), constraints_as_errors(ONE_AT_A_COUNTER), transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        current = at_counter(session)
        if current is not None and current.status == VisitStatus.CALLED:
            return current
        _require_free(session, current)
        visit = _pick(session, now=now)
        return (
            None if visit is None else _call(visit, session=session, kind="called", by=by, now=now)
        )


def call_visit(
    *, visit_id: int, session_id: int, reason: str, note: str, by: User, now: datetime
) -> Visit:
    """Call a visit out of order. The history keeps the reason (a code of the list) and the note.

    Raises InvalidInput, CounterClosed, CounterPaused, StillServing, VisitElsewhere, NotFound.
    """
    note = short_text(note, field="note")
    with busy_on_timeout(), constraints_as_errors(ONE_AT_A_COUNTER), transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        check_right(by, Right.CALL_OUT_OF_ORDER, office=session.office, now=now)
        _require_free(session, at_counter(session))
        visit = lock_visit(visit_id)
        if visit.office_id != session.office_id:
            raise NotFound
        if visit.status in AT_A_COUNTER:
            raise VisitElsewhere
        return _call(
            visit,
            session=session,
            kind="called_out_of_order",
            by=by,
            now=now,
            reason=note,
            listed_reason=chosen_reason(
                Reason.Use.OUT_OF_ORDER, reason, note=note, day=session.office.local_day(now)
            ),
        )


def recall(
    *, visit_id: int, session_id: int | None, by: User, now: datetime, version: int | None = None
) -> Visit:
    """Call the visit again that was called and did not come. Raises VisitElsewhere, StageChanged."""
    with transaction.atomic():
        visit = lock_visit(visit_id)
        require_version(visit, version)
        session = require_at(visit, session_id=session_id, by=by, now=now)
        if visit.status != VisitStatus.CALLED:
            raise VisitChanged
        add_visit_event(visit, kind="recalled", by=by, now=now, session=session)
        visit.called_at = now
        visit.calls += 1
        visit.version += 1
        visit.save(update_fields=["called_at", "calls", "version"])
        return visit


def skip(
    *,
    visit_id: int,
    session_id: int | None,
    reason: str,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """Move a called visit whose person did not come behind everybody present.

    It is called again after some other calls. After the office's greatest number of calls the visit
    ends as not answered: its status says which. Raises VisitElsewhere, VisitChanged, StageChanged.
    """
    reason = short_text(reason, field="reason") or str(_("Belum datang ke loket"))
    with transaction.atomic():
        visit = lock_visit(visit_id, with_booking=True)
        require_version(visit, version)
        session = require_at(visit, session_id=session_id, by=by, now=now)
        if visit.status != VisitStatus.CALLED:
            raise VisitChanged
        rule = day_rule_on(visit.office, visit.office.local_day(now))
        line: dict[str, Any] = {"by": by, "now": now, "session": session, "reason": reason}
        if unanswered_calls(visit) + 1 < rule.most_calls:
            return move_visit(visit, to=VisitStatus.WAITING, kind="skipped", **line)
        return _did_not_answer(visit, **line)


def _did_not_answer(
    visit: Visit, *, by: User, now: datetime, session: CounterSession, reason: str
) -> Visit:
    """End a visit after its last call. The person may come back to the gate on the same day."""
    if visit.kind == Visit.Kind.FIRST and visit.started_at is None:
        end_unserved_locked(booking_id=visit.booking_id, why="left", by=by, now=now)
    return move_visit(
        visit,
        to=VisitStatus.LEFT,
        kind="did_not_answer",
        by=by,
        now=now,
        session=session,
        reason=reason,
        ended_at=now,
    )


def leave(*, visit_id: int, reason: str, by: User, now: datetime) -> Visit:
    """Record that a person left before being served; a first visit's booking ends, with a message.

    Not after closing time: a person who is still here then was not served, and a supervisor decides what
    follows. Raises NotFound, NotAllowed, InvalidInput, VisitChanged, UnservedAtClosing.
    """
    reason = required_reason(reason)
    with transaction.atomic():
        visit = lock_visit(visit_id, with_booking=True)
        check_right(by, Right.END_VISIT, office=visit.office, now=now)
        if has_closed(visit.office, visit.day, now=now):
            raise UnservedAtClosing
        if visit.kind == Visit.Kind.FIRST:
            end_unserved_locked(booking_id=visit.booking_id, why="left", by=by, now=now)
        return move_visit(
            visit,
            to=VisitStatus.LEFT,
            kind="left",
            by=by,
            now=now,
            session=visit.session,
            reason=reason,
            ended_at=now,
        )


def at_counter(session: CounterSession) -> Visit | None:
    """Return the visit called to or served at a counter, or None."""
    return session.visits.filter(status__in=AT_A_COUNTER).first()


def _require_free(session: CounterSession, current: Visit | None) -> None:
    if current is not None:
        raise StillServing
    if session.paused_at is not None:
        raise CounterPaused


def _pick(session: CounterSession, *, now: datetime) -> Visit | None:
    """Lock the first waiting visit in call order that no other transaction is calling."""
    counter = session.counter
    positions = call_positions(counter, office=session.office, now=now)
    ids = [position.id for position in positions]
    for start in range(0, len(ids), LOCKED_AT_ONCE):
        visit = _lock_first(ids[start : start + LOCKED_AT_ONCE])
        if visit is not None:
            return visit
    return None


def _lock_first(ids: Sequence[int]) -> Visit | None:
    # Concurrent calls must return different visits: skip rows that another transaction has locked,
    # such as a visit that another officer is calling, and those called since the order was read.
    place: Any = Func(Value(list(ids)), F("pk"), function="array_position")
    rows = Visit.objects.filter(pk__in=ids, status=VisitStatus.WAITING).order_by(place)
    return (
        rows.select_related("ticket", "lane", "office", "booking__service_type")
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .first()
    )


def _call(
    visit: Visit,
    *,
    session: CounterSession,
    kind: str,
    by: User,
    now: datetime,
    **line: Any,
) -> Visit:
    return move_visit(
        visit,
        to=VisitStatus.CALLED,
        kind=kind,
        by=by,
        now=now,
        session=session,
        called_at=now,
        first_called_at=visit.first_called_at or now,
        calls=visit.calls + 1,
        **line,
    )
