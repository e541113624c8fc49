"""One-stop service: one officer carries one visit through all its stages."""

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
    """Begin with the one who was called: the first stage that is left starts at once."""
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
    """Start the next stage, or one that was done before once more (rework).

    Raises WrongStage when it is neither, or when another stage is running.
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
            _end(running, result=StageRun.Result.ABANDONED, now=now)
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
    documents_seen: Collection[str] | None = None,
) -> Visit:
    """Finish the running stage and start the next one that this counter does.

    Raises WrongStage when none is running, DocumentsUnseen when a required document was not seen.
    """
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now)
        record_work(visit, notes=notes, documents_seen=documents_seen)
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
    documents_seen: Collection[str] | None = None,
) -> Visit:
    """Finish the last stage and with it the visit: the booking is served, the passport is ordered.

    Raises StagesRemain while a stage is left besides the one that is running.
    """
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now, with_booking=True)
        record_work(visit, notes=notes, documents_seen=documents_seen)
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
    """End the visit for want of documents. The booking stays: the person comes back with what is missing."""
    missing = _required_missing(missing)
    with transaction.atomic():
        visit, session = _serving(visit_id, session_id, by, now=now)
        running = open_run(visit)
        if running is not None:
            _end(running, result=StageRun.Result.INCOMPLETE, now=now)
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
    """End a visit of an earlier day that its officer went home with (a supervisor's act).

    The booking stays and the person is told what is left to do: it was not their doing. Raises
    NotFound, InvalidInput, VisitChanged for one of today, or that is not being served.
    """
    reason = required_reason(reason, field="text")
    with transaction.atomic():
        visit = lock_visit(visit_id)
        check_right(by, Right.END_LEFT_OVER_VISIT, office=visit.office, now=now)
        if visit.day >= visit.office.local_day(now):
            raise VisitChanged
        running = open_run(visit)
        if running is not None:
            _end(running, result=StageRun.Result.ABANDONED, now=now)
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
    """Give the visit back to the line, at its old place, for another counter to go on with it."""
    reason = required_reason(reason)
    with transaction.atomic():
        visit = lock_visit(visit_id)
        session = require_at(visit, session_id=session_id, by=by, now=now)
        running = open_run(visit)
        if running is not None:
            _end(running, result=StageRun.Result.ABANDONED, now=now)
        return move_visit(
            visit,
            to=VisitStatus.WAITING,
            kind="passed_on",
            by=by,
            now=now,
            session=session,
            reason=reason,
        )


def record_work(visit: Visit, *, notes: str | None, documents_seen: Collection[str] | None) -> None:
    """Keep what the officer typed and ticked; what is not given stays as it is."""
    changes: dict[str, Any] = {}
    if notes is not None:
        changes["notes"] = notes.strip()
    if documents_seen is not None:
        codes = {row["code"] for row in visit.booking.service_type.documents}
        changes["documents_seen"] = sorted(codes & set(documents_seen))
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
    documents_seen: Collection[str] | None = None,
) -> Visit:
    """Keep what the officer typed and ticked, whatever they do next."""
    with transaction.atomic():
        visit, _session = _serving(visit_id, session_id, by, now=now)
        record_work(visit, notes=notes, documents_seen=documents_seen)
        return visit


def unseen_documents(visit: Visit) -> list[str]:
    """Return the names of required documents that nobody has ticked yet."""
    return [
        document_name(row)
        for row in visit.booking.service_type.documents
        if row.get("is_required", True) and row["code"] not in visit.documents_seen
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
    _end(running, result=StageRun.Result.DONE, now=now)


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


def _end(run: StageRun, *, result: str, now: datetime) -> None:
    run.result = result
    run.ended_at = now
    run.save(update_fields=["result", "ended_at"])


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
