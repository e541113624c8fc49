"""Service at a counter, stage by stage."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.applications.selectors import application_of
from booking.applications.services import ApplicationData, data_of, save_application
from booking.bookings.changes import serve_booking
from booking.people.models import Applicant
from booking.settlement.services import bill_after_interview
from core.db import busy_on_timeout
from core.errors import DomainError, InvalidInput
from counters.production.services import order_book
from counters.service.messages import queue_missing_documents_message
from counters.service.selectors import (
    APPLICATION_FIELDS,
    application_answers,
    documents_of_visit,
    missing_answers,
)
from counters.stations.selectors import last_act_at
from counters.visits.errors import (
    ApplicationMissing,
    DocumentsUnseen,
    StageChanged,
    StagesRemain,
    VisitChanged,
    WrongStage,
)
from counters.visits.models import CounterSession, StageRun, Visit, VisitStatus
from counters.visits.selectors import (
    Progress,
    can_do,
    done_stages,
    open_run,
    previous_visit,
    progress_of,
    remaining_stages,
    standards_of,
)
from counters.visits.services import (
    REASON_LENGTH,
    add_visit_event,
    end_open_run,
    end_run,
    lock_visit,
    move_visit,
    next_version,
    require_at,
    require_version,
)
from offices.directory.models import Stage
from offices.limits.models import PaymentRule
from offices.limits.selectors import payment_rule_on
from offices.permissions import Right, check_right

MISSING_LENGTH = 300
NOTES_LENGTH = 4000


@dataclass(frozen=True)
class Work:
    """What an officer changed on the form of a visit.

    `notes` is None when they are unchanged. `ticked` and `unticked` are the documents whose box was
    changed, so that two windows do not undo each other's ticks. `application` holds the answers
    that were changed.
    """

    notes: str | None = None
    ticked: Collection[str] = ()
    unticked: Collection[str] = ()
    application: Mapping[str, str] = field(default_factory=dict)


def start_service(
    *, visit_id: int, session_id: int | None, by: User, now: datetime, version: int | None = None
) -> Visit:
    """Start serving a called visit and its first remaining stage.

    A return begins with the ticks and notes of the visit before.
    """
    with transaction.atomic():
        visit = lock_visit(visit_id)
        session = require_at(visit, session_id=session_id, by=by, now=now)
        require_version(visit, version)
        move_visit(
            visit,
            to=VisitStatus.SERVING,
            kind="started",
            by=by,
            now=now,
            session=session,
            started_at=visit.started_at or now,
            **_brought(visit),
        )
        start_next(visit, session=session, now=now)
        return visit


def start_stage(
    *,
    visit_id: int,
    session_id: int | None,
    stage: str,
    by: User,
    now: datetime,
    version: int | None = None,
) -> StageRun:
    """Start the next stage, or repeat a finished one (rework).

    Raises WrongStage for any other stage, or while another stage is running.
    """
    with transaction.atomic():
        visit, session = serving(
            visit_id=visit_id, session_id=session_id, by=by, now=now, version=version
        )
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
        next_version(visit)
        return start(visit, session=session, stage=stage, now=now, is_rework=is_rework)


def finish_stage(
    *,
    visit_id: int,
    session_id: int | None,
    by: User,
    now: datetime,
    notes: str | None = None,
    documents_checked: Collection[str] | None = None,
    work: Work | None = None,
    stage: str | None = None,
    version: int | None = None,
) -> Visit:
    """Finish the running stage and start the next one if this counter can do it.

    `stage` and `version` are those of the officer's form. Raises StageChanged if the visit has
    moved on since, and nothing is saved; WrongStage when no stage is running; DocumentsUnseen when
    a required document is not ticked, and the work is saved.
    """
    with busy_on_timeout(), transaction.atomic():
        lock_applicant(visit_id, work)
        visit, session = serving(
            visit_id=visit_id, session_id=session_id, by=by, now=now, version=version
        )
        progress = _progress(visit, stage)
        running = progress.running
        changed = record_work(visit, notes=notes, documents_checked=documents_checked)
        changed |= set_changes(visit, work, by=by, now=now)
        refusal = _why_not_finish(visit, running)
        if refusal is None and running is not None:
            end_run(running, result=StageRun.Result.DONE, now=now)
            progress.finish_running(now=now)
            visit.version += 1
            changed.add("version")
            if running.stage == Stage.INTERVIEW:
                _bill(visit, now=now)
        write(visit, changed)
        if refusal is None:
            start_next(visit, session=session, now=now, left=progress.remaining)
    if refusal is not None:
        raise refusal
    return visit


def finish_visit(
    *,
    visit_id: int,
    session_id: int | None,
    by: User,
    now: datetime,
    notes: str | None = None,
    documents_checked: Collection[str] | None = None,
    work: Work | None = None,
    stage: str | None = None,
    version: int | None = None,
) -> Visit:
    """Finish the last stage and the visit: mark the booking as served and order the passport.

    Raises what `finish_stage` raises, StagesRemain if a stage other than the running one is left,
    and ApplicationMissing; the work is saved all the same.
    """
    with busy_on_timeout(), transaction.atomic():
        lock_applicant(visit_id, work)
        visit, session = serving(
            visit_id=visit_id,
            session_id=session_id,
            by=by,
            now=now,
            version=version,
            with_booking=True,
        )
        progress = _progress(visit, stage)
        changed = record_work(visit, notes=notes, documents_checked=documents_checked)
        changed |= set_changes(visit, work, by=by, now=now)
        refusal = _why_not_end(visit, progress, by=by, now=now)
        if refusal is not None:
            write(visit, changed)
        else:
            _end(visit, progress, session=session, changed=changed, by=by, now=now)
    if refusal is not None:
        raise refusal
    return visit


def _progress(visit: Visit, stage: str | None) -> Progress:
    """Return the stages of a locked visit. Raises StageChanged unless the form names the running one."""
    progress = progress_of(visit)
    if stage and (progress.running is None or progress.running.stage != stage):
        raise StageChanged
    return progress


def _end(
    visit: Visit,
    progress: Progress,
    *,
    session: CounterSession,
    changed: set[str],
    by: User,
    now: datetime,
) -> None:
    """Finish a locked visit: its running stage, its booking, and the order of the passport."""
    if progress.running is not None:
        end_run(progress.running, result=StageRun.Result.DONE, now=now)
        progress.finish_running(now=now)
    _bill(visit, now=now)
    serve_booking(visit.booking, by=by, now=now)
    move_visit(
        visit,
        to=VisitStatus.FINISHED,
        kind="finished",
        by=by,
        now=now,
        session=session,
        ended_at=now,
        **{name: getattr(visit, name) for name in changed},
    )
    if visit.booking.service_type.makes_passport:
        order_book(visit, interviewed_at=progress.interviewed_at, by=by, now=now)


def _bill(visit: Visit, *, now: datetime) -> None:
    """Open the bill of a locked visit whose interview is over, where the fee is paid in this system."""
    if not visit.has_payment_rule:  # type: ignore[attr-defined]
        return
    if payment_rule_on(visit.office, visit.day).timing != PaymentRule.Timing.NONE:
        bill_after_interview(booking_id=visit.booking_id, now=now)


def mark_incomplete(
    *,
    visit_id: int,
    session_id: int | None,
    missing: str,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """End the visit because documents are missing. The booking stays open for a return."""
    missing = _required_missing(missing)
    with transaction.atomic():
        visit, session = serving(
            visit_id=visit_id, session_id=session_id, by=by, now=now, version=version
        )
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


def end_incomplete(visit: Visit, *, missing: str, kind: str, by: User, now: datetime) -> Visit:
    """End a locked visit that its officer did not end: documents are missing (for supervisors).

    The booking stays open and the applicant gets a message with the remaining steps. A running stage
    ends with the last recorded act at its counter. Raises NotAllowed, InvalidInput, VisitChanged.
    """
    missing = _required_missing(missing)
    check_right(by, Right.CLOSE_DAY, office=visit.office, now=now)
    end_abandoned_run(visit, now=now)
    move_visit(
        visit,
        to=VisitStatus.INCOMPLETE,
        kind=kind,
        by=by,
        now=now,
        reason=missing[:REASON_LENGTH],
        missing=missing,
        ended_at=now,
    )
    queue_missing_documents_message(visit, now=now)
    return visit


def end_abandoned_run(visit: Visit, *, now: datetime) -> None:
    """End the running stage of a locked visit that nobody continued, with the counter's last recorded act."""
    running = open_run(visit)
    if running is not None:
        ended_at = max(running.started_at, min(last_act_at(running.session), now))
        end_run(running, result=StageRun.Result.ABANDONED, now=ended_at)


def record_work(
    visit: Visit, *, notes: str | None, documents_checked: Collection[str] | None
) -> set[str]:
    """Set notes and ticked documents, where given; return the names of the fields that changed."""
    changes: dict[str, Any] = {}
    if notes is not None:
        changes["notes"] = notes.strip()
    if documents_checked is not None:
        changes["documents_checked"] = sorted(_codes(visit) & set(documents_checked))
    return _set(visit, changes)


def save_work(
    *,
    visit_id: int,
    session_id: int | None,
    work: Work,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """Save what was typed and ticked so far. Raises StageChanged, and then nothing is saved.

    The version stays: what is saved while it is typed does not make the officer's own form old.
    """
    with busy_on_timeout(), transaction.atomic():
        lock_applicant(visit_id, work)
        visit, _session = serving(
            visit_id=visit_id, session_id=session_id, by=by, now=now, version=version
        )
        write(visit, set_changes(visit, work, by=by, now=now))
        return visit


def see_all_documents(
    *,
    visit_id: int,
    session_id: int | None,
    work: Work,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Visit:
    """Save the work and tick every required document."""
    with busy_on_timeout(), transaction.atomic():
        lock_applicant(visit_id, work)
        visit, _session = serving(
            visit_id=visit_id, session_id=session_id, by=by, now=now, version=version
        )
        changed = set_changes(visit, work, by=by, now=now)
        required = {row.code for row in documents_of_visit(visit) if row.is_required}
        ticks = sorted(required | set(visit.documents_checked))
        write(visit, changed | _set(visit, {"documents_checked": ticks}))
        return visit


def save_text(
    *,
    visit_id: int,
    session_id: int | None,
    name: str,
    text: str,
    by: User,
    now: datetime,
    version: int,
) -> Visit:
    """Save the text of a form that is still being typed, such as what is missing."""
    with busy_on_timeout(), transaction.atomic():
        visit = lock_visit(visit_id)
        require_version(visit, version)
        require_at(visit, session_id=session_id, by=by, now=now)
        write(visit, _set(visit, {"draft": {**visit.draft, name: text[:MISSING_LENGTH]}}))
        return visit


def set_changes(visit: Visit, work: Work | None, *, by: User, now: datetime) -> set[str]:
    """Set a form's changes on a locked visit and return the names of the fields to write.

    A complete application is recorded; answers that are not complete stay in the draft.
    """
    if work is None:
        return set()
    changes: dict[str, Any] = {}
    if work.notes is not None:
        changes["notes"] = work.notes.strip()[:NOTES_LENGTH]
    if work.ticked or work.unticked:
        ticks = (set(visit.documents_checked) | set(work.ticked)) - set(work.unticked)
        changes["documents_checked"] = sorted(_codes(visit) & ticks)
    if work.application:
        changes["draft"] = {**visit.draft, **work.application}
    changed = _set(visit, changes)
    if work.application:
        changed |= _record_application(visit, by=by, now=now)
    return changed


def write(visit: Visit, changed: Collection[str]) -> None:
    """Write the named fields of a locked visit in one statement, if there are any."""
    if changed:
        visit.save(update_fields=sorted(changed))


def lock_applicant(visit_id: int, work: Work | None) -> None:
    """Lock the person whose application a form changes, before the visit (docs/concurrency.md)."""
    if work is not None and work.application:
        owner = Visit.objects.filter(pk=visit_id).values("booking__applicant_id")
        Applicant.objects.select_for_update(no_key=True).filter(pk__in=owner).first()


def unseen_documents(visit: Visit) -> list[str]:
    """Return the names of required documents that are not ticked."""
    return [row.name for row in documents_of_visit(visit) if row.is_required and not row.is_checked]


def serving(
    *,
    visit_id: int,
    session_id: int | None,
    by: User,
    now: datetime,
    version: int | None = None,
    with_booking: bool = False,
) -> tuple[Visit, CounterSession]:
    """Lock a visit that this officer is serving. Raises VisitElsewhere, VisitChanged, StageChanged."""
    visit = lock_visit(visit_id, with_booking=with_booking)
    # A repeated request finds the visit moved on: that is the better answer than "elsewhere".
    require_version(visit, version)
    session = require_at(visit, session_id=session_id, by=by, now=now)
    if visit.status != VisitStatus.SERVING:
        raise VisitChanged
    return visit, session


def start_next(
    visit: Visit, *, session: CounterSession, now: datetime, left: list[str] | None = None
) -> None:
    """Start the first remaining stage of a locked visit without a running one, if this counter can.

    `left` holds the remaining stages if the caller has read them.
    """
    left = remaining_stages(visit) if left is None else left
    if left and can_do(session.counter, left[0]):
        _create_run(visit, session=session, stage=left[0], now=now, is_rework=False)


def start(
    visit: Visit, *, session: CounterSession, stage: str, now: datetime, is_rework: bool
) -> StageRun:
    """Start a stage of a locked visit. Raises WrongStage if the counter or service does not have it."""
    if not can_do(session.counter, stage) or stage not in {
        row.stage for row in standards_of(visit)
    }:
        raise WrongStage
    return _create_run(visit, session=session, stage=stage, now=now, is_rework=is_rework)


def _create_run(
    visit: Visit, *, session: CounterSession, stage: str, now: datetime, is_rework: bool
) -> StageRun:
    return StageRun.objects.create(
        visit=visit, stage=stage, session=session, started_at=now, is_rework=is_rework
    )


def _brought(visit: Visit) -> dict[str, Any]:
    """Return the ticks and notes that a return brings from the visit before."""
    if visit.kind != Visit.Kind.RETURN or visit.documents_checked or visit.notes:
        return {}
    before = previous_visit(visit)
    if before is None:
        return {}
    ticks = sorted(_codes(visit) & set(before.documents_checked))
    return {"documents_checked": ticks, "notes": before.notes}


def _record_application(visit: Visit, *, by: User, now: datetime) -> set[str]:
    """Record the application if all its answers are there and allowed; else they stay in the draft."""
    answers = application_answers(visit)
    if all(answers.values()):
        with suppress(InvalidInput):
            return _save_answers(visit, answers, by=by, now=now)
    return set()


def _save_answers(visit: Visit, answers: Mapping[str, str], *, by: User, now: datetime) -> set[str]:
    booking = visit.booking
    known = application_of(booking.applicant_id, booking.service_type_id)
    code = booking.service_type.code
    data = replace(
        data_of(known) if known else ApplicationData(code, "", "", ""),
        reason=answers["reason"],
        purpose=answers["purpose"],
        product=answers["product"],
    )
    save_application(applicant_id=booking.applicant_id, by=by, data=data, now=now)
    left = {name: text for name, text in visit.draft.items() if name not in APPLICATION_FIELDS}
    return _set(visit, {"draft": left})


def _why_not_finish(visit: Visit, running: StageRun | None) -> DomainError | None:
    if running is None:
        return WrongStage()
    unseen = unseen_documents(visit) if running.stage == Stage.DOCUMENTS else []
    return DocumentsUnseen(documents=", ".join(unseen)) if unseen else None


def _why_not_end(
    visit: Visit, progress: Progress, *, by: User, now: datetime
) -> DomainError | None:
    """Return why a visit cannot end: a document, another stage, or the application."""
    running = progress.running
    refusal = _why_not_finish(visit, running) if running is not None else None
    if refusal is not None:
        return refusal
    left = [stage for stage in progress.remaining if running is None or stage != running.stage]
    if left:
        return StagesRemain(stages=", ".join(str(Stage(stage).label) for stage in left))
    return why_not_applied(visit, by=by, now=now)


def why_not_applied(visit: Visit, *, by: User, now: datetime) -> DomainError | None:
    """Return what the application of a locked visit lacks. A complete one that is only a draft is recorded."""
    is_recorded = visit.has_application  # type: ignore[attr-defined]
    if is_recorded and not set(APPLICATION_FIELDS) & set(visit.draft):
        return None
    answers = application_answers(visit)
    if not all(answers.values()):
        return ApplicationMissing(answers=missing_answers(answers))
    try:
        write(visit, _save_answers(visit, answers, by=by, now=now))
    except InvalidInput as error:
        return error
    return None


def _codes(visit: Visit) -> set[str]:
    return {row["code"] for row in visit.booking.service_type.documents}


def _set(visit: Visit, changes: Mapping[str, Any]) -> set[str]:
    """Set the fields whose values differ and return their names."""
    changed = {name for name, value in changes.items() if getattr(visit, name) != value}
    for name in changed:
        setattr(visit, name, changes[name])
    return changed


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
