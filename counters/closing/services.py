"""Closing an office's day: what becomes of everyone who was not served.

Nobody who came becomes a no-show here. Every decision is one transaction, so that a closing that was
interrupted continues where it stopped, and a second supervisor finds only what is still open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import User
from booking.bookings.errors import BookingChanged
from booking.bookings.models import Displacement
from booking.closures.moves import move_to_evening, move_to_later_day, record_notified
from core.db import busy_on_timeout
from core.errors import DomainError, NotFound
from core.formats import hour
from counters.closing.errors import DayNotOver, DecisionNotPossible
from counters.closing.models import DayClosing
from counters.closing.selectors import (
    Action,
    OpenDay,
    actions_for,
    decisions_from,
    in_overtime,
    is_completing,
    open_day,
)
from counters.gate.services import record_absences
from counters.service.messages import queue_unserved_message
from counters.service.services import end_abandoned_run, end_incomplete
from counters.stations.services import close_idle_counters
from counters.visits.errors import VisitChanged
from counters.visits.models import UNFINISHED, Visit, VisitEvent, VisitStatus
from counters.visits.services import add_visit_event, lock_visit, move_visit
from offices.directory.models import Office
from offices.hours.selectors import closing_moment
from offices.permissions import Right, check_right


@dataclass(frozen=True)
class Decision:
    """A decision about a visit, with the status that the supervisor saw."""

    visit_id: int
    action: str
    shown_status: str
    missing: str = ""


@dataclass(frozen=True)
class Outcome:
    """What one submission did: decided, changed by someone else in the meantime, and refused."""

    done: int
    changed: int
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Finish:
    """What finishing the day did, and what is still open."""

    no_shows: int
    counters: int
    left: OpenDay
    closing: DayClosing | None


TO_DECIDE: Final = (VisitStatus.LEFT, *UNFINISHED)


def decide_all(
    *, office: Office, decisions: Sequence[Decision], by: User, now: datetime
) -> Outcome:
    """Carry out decisions one by one; the others do not depend on one that is refused.

    Raises NotAllowed, and DayNotOver.
    """
    check_right(by, Right.CLOSE_DAY, office=office, now=now)
    done, changed, refused = 0, 0, []
    for decision in decisions:
        try:
            decide(decision, office=office, by=by, now=now)
            done += 1
        except (VisitChanged, BookingChanged, NotFound):
            changed += 1
        except DayNotOver:
            raise
        except DomainError as error:
            texts = [str(text) for rows in error.fields.values() for text in rows]
            refused.append((_number(decision.visit_id), texts[0] if texts else str(error)))
    return Outcome(done, changed, tuple(refused))


def decide(decision: Decision, *, office: Office, by: User, now: datetime) -> Visit:
    """Carry out one decision. The lock on the office comes first, as in all moves by the office.

    Raises NotFound, NotAllowed, DayNotOver, VisitChanged if the visit is not as it was shown,
    DecisionNotPossible, NoEveningPlace, InvalidInput, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        Office.objects.select_for_update(no_key=True).get(pk=office.pk)
        visit = lock_visit(decision.visit_id, with_booking=True)
        if visit.office_id != office.pk:
            raise NotFound
        check_right(by, Right.CLOSE_DAY, office=office, now=now)
        _check_time(office, visit, now=now)
        if visit.status != decision.shown_status or visit.status not in TO_DECIDE:
            raise VisitChanged
        today = office.local_day(now)
        completing = is_completing(visit)
        if decision.action not in actions_for(visit, today=today, is_completing=completing):
            raise DecisionNotPossible
        if decision.action == Action.OVERTIME:
            return _overtime(visit, by=by, now=now)
        if decision.action == Action.EVENING:
            return _evening(visit, by=by, now=now)
        if decision.action == Action.INCOMPLETE:
            kind = "incomplete" if visit.day == today else "left_over"
            return end_incomplete(visit, missing=decision.missing, kind=kind, by=by, now=now)
        return _later(visit, is_completing=completing, by=by, now=now)


def finish_day(*, office: Office, by: User, now: datetime) -> Finish:
    """Record the absences, close the idle counters, and record the day as closed.

    Nothing is recorded while people are still to be served or wait for a decision. Safe to repeat and
    to run twice at once: each step does only what is left, and a day has one record. Raises
    NotAllowed, DayNotOver.
    """
    check_right(by, Right.CLOSE_DAY, office=office, now=now)
    day = office.local_day(now)
    closes_at = closing_moment(office, day)
    if now < closes_at:
        raise DayNotOver(time=hour(closes_at, office))
    before = open_day(office, now=now)
    if before.people or before.referred or before.registered:
        return Finish(0, 0, before, None)
    no_shows = record_absences(office=office, by=by, now=now)
    counters = close_idle_counters(office=office, by=by, now=now)
    left = open_day(office, now=now)
    closing = None
    if not left.is_open:
        closing, _is_new = DayClosing.objects.get_or_create(
            office=office, day=day, defaults={"closed_at": now, "closed_by": by}
        )
    return Finish(no_shows, counters, left, closing)


def mark_informed(*, office: Office, displacement_id: int, by: User, now: datetime) -> None:
    """Record that a person without an e-mail address was informed of the new time. Raises NotFound, NotAllowed."""
    check_right(by, Right.CLOSE_DAY, office=office, now=now)
    record_notified(displacement_id=displacement_id, by=by, now=now)


def _check_time(office: Office, visit: Visit, *, now: datetime) -> None:
    begins = decisions_from(office, visit.day)
    if now < begins:
        raise DayNotOver(time=hour(begins, office))


def _overtime(visit: Visit, *, by: User, now: datetime) -> Visit:
    if visit.pk not in in_overtime([visit]):
        add_visit_event(visit, kind=VisitEvent.Kind.OVERTIME, by=by, now=now)
    return visit


def _evening(visit: Visit, *, by: User, now: datetime) -> Visit:
    booking = move_to_evening(booking_id=visit.booking_id, by=by, now=now)
    visit.queue_at = max(booking.slot.starts_at, visit.queue_at)
    visit.save(update_fields=["queue_at"])
    add_visit_event(visit, kind=VisitEvent.Kind.EVENING, by=by, now=now)
    return visit


def _later(visit: Visit, *, is_completing: bool, by: User, now: datetime) -> Visit:
    end_abandoned_run(visit, now=now)
    if is_completing:
        queue_unserved_message(visit, now=now)
    else:
        cause = Displacement.Cause.UNSERVED
        move_to_later_day(booking_id=visit.booking_id, cause=cause, by=by, now=now)
    ended_at = visit.ended_at or now
    return move_visit(
        visit, to=VisitStatus.UNSERVED, kind="unserved", by=by, now=now, ended_at=ended_at
    )


def _number(visit_id: int) -> str:
    visit = Visit.objects.select_related("ticket").filter(pk=visit_id).first()
    return "" if visit is None else str(visit.ticket)
