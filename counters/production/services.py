"""Passport production: ordered, printed, checked, ready."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from core import status
from counters.production.messages import queue_ready_message
from counters.production.models import BookStatus, PassportBook
from counters.production.moves import lock_book, move_book
from counters.visits.models import StageRun, Visit
from counters.visits.services import required_reason
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ACCELERATED, Stage
from offices.hours.selectors import add_working_days
from offices.permissions import Right, check_right


def order_book(visit: Visit, *, by: User, now: datetime) -> PassportBook:
    """Order the passport of a finished visit, inside the caller's transaction.

    It is due the service's number of working days (ministry standard: 4) after the interview, or at
    the rule's hour of the same day in the accelerated lane.
    """
    service = visit.booking.service_type
    due_at = accelerated_due_at(visit)
    due_on = visit.day if due_at is not None else None
    days = service.due_working_days
    if due_on is None and days is not None:
        due_on = add_working_days(visit.office, _interview_day(visit, now=now), days)
    book = PassportBook(
        visit=visit,
        applicant=visit.booking.applicant,
        service_type=service,
        office=visit.office,
        ordered_at=now,
        due_on=due_on,
        due_at=due_at,
    )
    return status.create(book, by=by, now=now)


def accelerated_due_at(visit: Visit) -> datetime | None:
    """Return the hour at which an accelerated passport is due, or None.

    None also for a person who came after the cut-off: that passport is due like any other.
    """
    if visit.lane_id != ACCELERATED:
        return None
    rule = day_rule_on(visit.office, visit.day)
    if visit.arrived_at >= visit.office.at(visit.day, rule.accelerated_until):
        return None
    return visit.office.at(visit.day, rule.accelerated_ready_from)


def mark_printed(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """Record that the booklet was printed."""
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        return move_book(book, to=BookStatus.PRINTED, by=by, now=now, printed_at=now)


def mark_misprinted(*, book_id: int, reason: str, by: User, now: datetime) -> PassportBook:
    """Record that the booklet is spoiled and must be printed again."""
    reason = required_reason(reason)
    with transaction.atomic():
        return move_book(
            _lock_for_production(book_id, by=by, now=now),
            to=BookStatus.ORDERED,
            by=by,
            now=now,
            reason=reason,
            printed_at=None,
        )


def mark_checked(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """Record that the booklet was compared with the file."""
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        return move_book(book, to=BookStatus.CHECKED, by=by, now=now, checked_at=now)


def mark_ready(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """Record that the passport can be collected and queue the message to its owner."""
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        move_book(book, to=BookStatus.READY, by=by, now=now, ready_at=now)
        queue_ready_message(book, now=now)
        return book


def _lock_for_production(book_id: int, *, by: User, now: datetime) -> PassportBook:
    book = lock_book(book_id)
    check_right(by, Right.PRODUCE_PASSPORTS, office=book.office, now=now)
    return book


def _interview_day(visit: Visit, *, now: datetime) -> date:
    runs = StageRun.objects.filter(
        visit__booking_id=visit.booking_id, stage=Stage.INTERVIEW, result=StageRun.Result.DONE
    )
    return visit.office.local_day(runs.aggregate(at=Max("ended_at"))["at"] or now)
