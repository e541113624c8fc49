"""Service at a counter, stage by stage."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.bookings.changes import mark_served
from core.errors import InvalidInput
from counters.production.services import order_book
from counters.service.messages import queue_missing_documents_message
from counters.visits.errors import DocumentsUnseen, StagesRemain, VisitChanged, WrongStage
from counters.visits.models import CounterSession, StageRun, Visit, VisitStatus
from counters.visits.selectors import can_do, done_stages, open_run, remaining_stages, standards_of
from counters.visits.services import (
    add_visit_event,
    end_open_run,
    end_run,
    lock_visit,
    move_visit,
    require_at,
    required_reason,
)
from offices.directory.models import Stage
from offices.directory.selectors import document_name
from offices.permissions import Right, check_right

MISSING_LENGTH = 300


def start_service(*, visit_id: int, session_id: int, by: User, now: datetime) -> Visit:
    """Start serving a called visit and its first remaining stage."""
    with transaction.atomic():
        visit = lock_visit(visit_id)
        session = require_at(visit, session_id=session_id, by=by, now=now)
        move_visit(
            visit,
            to=VisitStatus.SERVING,
            kind="started",
            by=by,
            now=now,
            session=session,
            started_at=visit.started_at or now,
        )
        _start_next(visit, session=session, now=now)
        return visit


def start_stage(*, visit_id: int, session_id: int, stage: str, by: User, now: datetime) -> StageRun:
    """Start the next stage, or repeat a finished one (rework).

    Raises WrongStage for any other stage, or while another stage is running.
    """
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now)
        is_rework = stage in done_stages(visit)
        running = open_run(visit)
        if running is not None and not is_rework:
            raise WrongStage
        if not is_rework and remaining_stages(visit)[:1] != [stage]:
            raise WrongStage
        if running is not None:
            end_run(running, result=StageRun.Result.ABANDONED, now=now)
        if is_rework:
            add_visit_event(visit, kind="rework", by=by, now=now, session=session)
        return _start(visit, session=session, stage=stage, now=now, is_rework=is_rework)


def finish_stage(
    *,
    visit_id: int,
    session_id: int,
    by: User,
    now: datetime,
    notes: str | None = None,
    documents_checked: Collection[str] | None = None,
) -> Visit:
    """Finish the running stage and start the next one if this counter can do it.

    Raises WrongStage when none is running, DocumentsUnseen when a required document is not ticked.
    """
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now)
        record_work(visit, notes=notes, documents_checked=documents_checked)
        _finish_running(visit, now=now)
        _start_next(visit, session=session, now=now)
        return visit


def finish_visit(
    *,
    visit_id: int,
    session_id: int,
    by: User,
    now: datetime,
    notes: str | None = None,
    documents_checked: Collection[str] | None = None,
) -> Visit:
    """Finish the last stage and the visit: mark the booking as served and order the passport.

    Raises StagesRemain if a stage other than the running one is left.
    """
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now, with_booking=True)
        record_work(visit, notes=notes, documents_checked=documents_checked)
        if open_run(visit) is not None:
            _finish_running(visit, now=now)
        left = remaining_stages(visit)
        if left:
            raise StagesRemain(stages=", ".join(str(Stage(stage).label) for stage in left))
        mark_served(booking_id=visit.booking_id, by=by, now=now)
        move_visit(
            visit,
            to=VisitStatus.FINISHED,
            kind="finished",
            by=by,
            now=now,
            session=session,
            ended_at=now,
        )
        if visit.booking.service_type.makes_passport:
            order_book(visit, by=by, now=now)
        return visit


def mark_incomplete(
    *, visit_id: int, session_id: int, missing: str, by: User, now: datetime
) -> Visit:
    """End the visit because documents are missing. The booking stays open for a return."""
    missing = _required_missing(missing)
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now)
        end_open_run(visit, result=StageRun.Result.INCOMPLETE, now=now)
        move_visit(
            visit,
            to=VisitStatus.INCOMPLETE,
            kind="incomplete",
            by=by,
            now=now,
            session=session,
            missing=missing,
            ended_at=now,
        )
        queue_missing_documents_message(visit, now=now)
        return visit


def end_left_over(*, visit_id: int, reason: str, by: User, now: datetime) -> Visit:
    """End a visit of an earlier day that its officer did not end (for supervisors).

    The booking stays open and the applicant gets a message with the remaining steps. Raises
    NotFound, InvalidInput, VisitChanged if the visit is of today or not being served.
    """
    reason = required_reason(reason, field="text")
    with transaction.atomic():
        visit = lock_visit(visit_id)
        check_right(by, Right.END_LEFT_OVER_VISIT, office=visit.office, now=now)
        if visit.day >= visit.office.local_day(now):
            raise VisitChanged
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        move_visit(
            visit,
            to=VisitStatus.INCOMPLETE,
            kind="left_over",
            by=by,
            now=now,
            session=visit.session,
            reason=reason,
            missing=reason,
            ended_at=now,
        )
        queue_missing_documents_message(visit, now=now)
        return visit


def pass_on(*, visit_id: int, session_id: int, reason: str, by: User, now: datetime) -> Visit:
    """Return the visit to its old place in the queue, so that another counter can continue it."""
    reason = required_reason(reason)
    with transaction.atomic():
        visit = lock_visit(visit_id)
        session = require_at(visit, session_id=session_id, by=by, now=now)
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        return move_visit(
            visit,
            to=VisitStatus.WAITING,
            kind="passed_on",
            by=by,
            now=now,
            session=session,
            reason=reason,
            next_counter=None,
            handed_on_by=session.counter,
        )


def record_work(
    visit: Visit, *, notes: str | None, documents_checked: Collection[str] | None
) -> None:
    """Save notes and ticked documents; None leaves a value unchanged."""
    changes: dict[str, Any] = {}
    if notes is not None:
        changes["notes"] = notes.strip()
    if documents_checked is not None:
        codes = {row["code"] for row in visit.booking.service_type.documents}
        changes["documents_checked"] = sorted(codes & set(documents_checked))
    for name, value in changes.items():
        setattr(visit, name, value)
    if changes:
        visit.save(update_fields=list(changes))


def save_work(
    *,
    visit_id: int,
    session_id: int,
    by: User,
    now: datetime,
    notes: str | None = None,
    documents_checked: Collection[str] | None = None,
) -> Visit:
    """Save notes and ticked documents in a transaction of its own."""
    with transaction.atomic():
        visit, _session = _serving(visit_id, session_id, by, now=now)
        record_work(visit, notes=notes, documents_checked=documents_checked)
        return visit


def unseen_documents(visit: Visit) -> list[str]:
    """Return the names of required documents that are not ticked."""
    return [
        document_name(row)
        for row in visit.booking.service_type.documents
        if row.get("is_required", True) and row["code"] not in visit.documents_checked
    ]


def _serving(
    visit_id: int, session_id: int, by: User, *, now: datetime, with_booking: bool = False
) -> tuple[Visit, CounterSession]:
    visit = lock_visit(visit_id, with_booking=with_booking)
    session = require_at(visit, session_id=session_id, by=by, now=now)
    if visit.status != VisitStatus.SERVING:
        raise VisitChanged
    return visit, session


def _finish_running(visit: Visit, *, now: datetime) -> None:
    running = open_run(visit)
    if running is None:
        raise WrongStage
    if running.stage == Stage.DOCUMENTS and unseen_documents(visit):
        raise DocumentsUnseen(documents=", ".join(unseen_documents(visit)))
    end_run(running, result=StageRun.Result.DONE, now=now)


def _start_next(visit: Visit, *, session: CounterSession, now: datetime) -> None:
    if open_run(visit) is not None:
        return
    left = remaining_stages(visit)
    if left and can_do(session.counter, left[0]):
        _start(visit, session=session, stage=left[0], now=now, is_rework=False)


def _start(
    visit: Visit, *, session: CounterSession, stage: str, now: datetime, is_rework: bool
) -> StageRun:
    if not can_do(session.counter, stage) or stage not in {
        row.stage for row in standards_of(visit)
    }:
        raise WrongStage
    return StageRun.objects.create(
        visit=visit, stage=stage, session=session, started_at=now, is_rework=is_rework
    )


def _required_missing(text: str) -> str:
    missing = " ".join(text.split())
    if not missing or len(missing) > MISSING_LENGTH:
        problem = (
            _("Paling panjang 300 karakter.") if missing else _("Tulis berkas apa yang kurang.")
        )
        raise InvalidInput(
            _("Tulis apa yang kurang, supaya pemohon tahu apa yang harus dibawa."),
            fields={"missing": [problem]},
        )
    return missing
