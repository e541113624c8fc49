"""The name on the ticket is not that of the person who shows it: refused, and recorded."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from booking.models import Booking
from booking.services import mark_no_show, note_refused
from core.db import busy_on_timeout
from core.errors import NotFound
from counters.errors import VisitChanged
from counters.models import UNFINISHED, StageRun, Visit, VisitStatus
from counters.selectors.stages import open_run
from counters.services.moves import lock_visit, move_visit, required_reason
from offices.permissions import Right, check_right


def refuse_ticket(
    *, booking_id: UUID, office_id: int, reason: str, by: User, now: datetime
) -> Booking:
    """Turn away, at the gate, whoever shows a ticket in another name.

    The booking stays as it is: the person named may still come. Raises NotFound, InvalidInput,
    VisitChanged when somebody is inside on this ticket already, Busy.
    """
    reason = required_reason(reason)
    with busy_on_timeout(), transaction.atomic():
        rows = Booking.objects.select_for_update(no_key=True, of=("self",)).select_related("office")
        booking = rows.filter(pk=booking_id, office=office_id).first()
        if booking is None:
            raise NotFound
        check_right(by, Right.SERVE_GATE, office=booking.office, now=now)
        if booking.visits.filter(status__in=UNFINISHED).exists():
            raise VisitChanged
        return note_refused(booking_id=booking_id, reason=reason, by=by, now=now)


def refuse_visit(*, visit_id: int, reason: str, by: User, now: datetime) -> Visit:
    """End a visit in which the name turns out to be another's; a running stage ends with it.

    A first visit's booking becomes a no-show, without restricting anyone: the person named may come
    the same day and is taken in again. Raises NotFound, InvalidInput, VisitChanged, Busy.
    """
    reason = required_reason(reason)
    with busy_on_timeout(), transaction.atomic():
        visit = lock_visit(visit_id, with_booking=True)
        check_right(by, Right.END_VISIT, office=visit.office, now=now)
        if visit.status not in UNFINISHED:
            raise VisitChanged
        running = open_run(visit)
        if running is not None:
            running.result, running.ended_at = StageRun.Result.ABANDONED, now
            running.save(update_fields=["result", "ended_at"])
        note_refused(booking_id=visit.booking_id, reason=reason, by=by, now=now)
        if visit.kind == Visit.Kind.FIRST:
            mark_no_show(booking_id=visit.booking_id, by=by, now=now, reason=reason)
        return move_visit(
            visit, to=VisitStatus.REFUSED, kind="refused", by=by, now=now,
            session=visit.session, reason=reason, ended_at=now,
        )  # fmt: skip
