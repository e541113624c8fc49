"""Locking visits, changing their status and recording events."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.models import Booking
from core import status
from core.errors import InvalidInput, NotFound
from counters.visits.errors import CounterClosed, StageChanged, VisitElsewhere
from counters.visits.models import (
    ENDED,
    IN_SERVICE,
    CounterSession,
    StageRun,
    Visit,
    VisitStatus,
)
from counters.visits.selectors import has_application, has_payment_rule, stage_order
from offices.permissions import Right, check_right
from offices.reasons.models import Reason

REASON_LENGTH = 200


def erase_notes(*, visit_ids: Iterable[int]) -> None:
    """Erase the interviewer's notes and what was missing. Times and stages stay."""
    Visit.objects.filter(pk__in=visit_ids).update(notes="", missing="", draft={})


def lock_session(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Lock an officer's open session; an officer has at most one, so None means that one.

    Raises CounterClosed when it belongs to another officer or has ended, NotAllowed.
    """
    session = (
        CounterSession.objects.select_for_update(no_key=True, of=("self",))
        .select_related("counter__hall", "office")
        .filter(officer=by, closed_at__isnull=True)
        .first()
    )
    if session is None or session_id not in (None, session.pk):
        raise CounterClosed
    check_right(by, Right.SERVE_COUNTER, office=session.office, now=now)
    return session


def lock_visit(visit_id: int, *, with_booking: bool = False) -> Visit:
    """Lock a visit and, if `with_booking`, its booking first. Raises NotFound."""
    if with_booking:
        owner = Visit.objects.filter(pk=visit_id).values("booking_id")
        Booking.objects.select_for_update(no_key=True).filter(pk__in=owner).first()
    visit = (
        Visit.objects.select_for_update(no_key=True, of=("self",))
        .select_related(
            "office",
            "lane",
            "ticket",
            "session__counter",
            "booking__service_type",
            "booking__applicant",
            "booking__account",
        )
        .annotate(
            stage_order=stage_order(),
            has_application=has_application(),
            has_payment_rule=has_payment_rule(),
        )
        .filter(pk=visit_id)
        .first()
    )
    if visit is None:
        raise NotFound
    return visit


def require_at(visit: Visit, *, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Return the session in which the visit is served; None means whichever the officer has.

    Raises VisitElsewhere when it is another one, NotAllowed.
    """
    if visit.session_id is None or session_id not in (None, visit.session_id):
        raise VisitElsewhere
    # A visit that moved while its lock was awaited is read without the joined row.
    session = visit.session or CounterSession.objects.select_related("counter").get(
        pk=visit.session_id
    )
    if session.officer_id != by.pk or session.closed_at is not None:
        raise VisitElsewhere
    session.office = visit.office
    visit.session = session
    check_right(by, Right.SERVE_COUNTER, office=visit.office, now=now)
    return session


def require_version(visit: Visit, version: int | None) -> None:
    """Raise StageChanged unless a locked visit is as the officer's form showed it; None is not checked."""
    if version is not None and version != visit.version:
        raise StageChanged


def next_version(visit: Visit) -> None:
    """Make the forms that show a locked visit's present state out of date."""
    visit.version += 1
    visit.save(update_fields=["version"])


def move_visit(
    visit: Visit,
    *,
    to: str,
    kind: str,
    by: User | None,
    now: datetime,
    session: CounterSession | None = None,
    reason: str = "",
    listed_reason: Reason | None = None,
    **changes: Any,
) -> Visit:
    """Change a locked visit's status and append to its history. Raises VisitChanged.

    `session` is where it happens; a visit that waits again has no session.
    """
    if to in IN_SERVICE:
        changes["session"] = session
    elif to == VisitStatus.WAITING:
        changes["session"] = None
    if to == VisitStatus.SERVING:
        changes |= {"next_counter": None, "handed_on_by": None}
    if visit.status == VisitStatus.PARKED:
        changes |= {"parked_at": None, "parked_place": None}
    if to in ENDED:
        changes["draft"] = {}
    changes["version"] = visit.version + 1
    line = {"kind": kind, "session": session, "listed_reason": listed_reason}
    return status.move(visit, to=to, by=by, now=now, reason=reason, line=line, **changes)


def add_visit_event(
    visit: Visit,
    *,
    kind: str,
    by: User | None,
    now: datetime,
    session: CounterSession | None = None,
    reason: str = "",
) -> None:
    """Append an event to a visit's history without changing its status."""
    status.note(visit, by=by, now=now, kind=kind, session=session, reason=reason)


def end_open_run(visit: Visit, *, result: str, now: datetime) -> None:
    """End the stage that is being done for a locked visit, if there is one."""
    visit.stage_runs.filter(ended_at=None).update(result=result, ended_at=now)


def end_run(run: StageRun, *, result: str, now: datetime) -> None:
    """End a stage of a locked visit."""
    run.result = result
    run.ended_at = now
    run.save(update_fields=["result", "ended_at"])


def required_reason(text: str, *, field: str = "reason") -> str:
    """Return the reason with single spaces. Raises InvalidInput if it is empty or too long."""
    reason = short_text(text, field=field)
    if not reason:
        raise InvalidInput(
            _("Tulis alasannya lebih dulu; alasan ikut tercatat."),
            fields={field: [_("Tulis alasannya.")]},
        )
    return reason


def short_text(text: str, *, field: str) -> str:
    """Return the text with single spaces. Raises InvalidInput if it is too long."""
    reason = " ".join(text.split())
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(
            _("Alasan paling panjang 200 karakter."),
            fields={field: [_("Paling panjang 200 karakter.")]},
        )
    return reason
