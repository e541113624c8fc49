"""Entering visits from a paper list, with their real times, after a power failure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import User
from booking.bookings.changes import mark_served
from booking.bookings.models import Booking
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import DomainError, InvalidInput, NotFound
from core.formats import hour
from counters.gate.services import check_in
from counters.paper.errors import CounterServedAnother
from counters.paper.selectors import overlapping_visit
from counters.production.services import order_book
from counters.service.selectors import documents_of_visit
from counters.visits.errors import VisitChanged
from counters.visits.models import CounterSession, StageRun, Visit, VisitStatus
from counters.visits.selectors import progress_of, remaining_stages, standards_of
from counters.visits.services import lock_visit, move_visit
from offices.directory.models import Counter
from offices.labels import retired_text
from offices.permissions import Right, check_right

REASON: Final = gettext_noop("daftar cetak")


@dataclass(frozen=True)
class PaperLine:
    """One line of the list: arrival, start and end of service, and the counter."""

    counter_id: int
    arrived_at: datetime
    started_at: datetime
    ended_at: datetime


def enter_from_paper(*, booking_id: UUID, line: PaperLine, by: User, now: datetime) -> Visit:
    """Record a finished visit from a paper list; the history records who entered it, and when.

    The list has no times for stages: the service time is divided in proportion to their standards.
    Raises NotFound, NotAllowed, InvalidInput, VisitChanged, CounterServedAnother, and what check_in raises.
    """
    booking = Booking.objects.select_related("office").filter(pk=booking_id).first()
    if booking is None:
        raise NotFound
    check_right(by, Right.ENTER_FROM_PAPER, office=booking.office, now=now)
    _check_times(line, now=now)
    counter = _counter_of(booking, line)
    # Concurrent transactions cannot see each other's lines: a database constraint rejects the second.
    errors = {"counter_session_one_paper_line_at_a_time": lambda: _served_another(counter, line)}
    with busy_on_timeout(), constraints_as_errors(errors), transaction.atomic():
        visit = check_in(
            office_id=booking.office_id,
            code=booking.code,
            by=by,
            now=now,
            arrived_at=line.arrived_at,
        )
        visit = lock_visit(visit.pk, with_booking=True)
        if visit.status != VisitStatus.WAITING:
            raise VisitChanged
        if overlapping_visit(counter, line.started_at, line.ended_at) is not None:
            raise _served_another(counter, line)
        session = CounterSession.objects.create(
            officer=by,
            counter=counter,
            office=booking.office,
            opened_at=line.started_at,
            closed_at=line.ended_at,
            is_from_paper=True,
        )
        return _serve(visit, session, line, by=by, now=now)


def _serve(
    visit: Visit, session: CounterSession, line: PaperLine, *, by: User, now: datetime
) -> Visit:
    step: dict[str, Any] = {"by": by, "now": now, "session": session, "reason": REASON}
    move_visit(
        visit,
        to=VisitStatus.CALLED,
        kind="called",
        called_at=line.started_at,
        first_called_at=visit.first_called_at or line.started_at,
        calls=visit.calls + 1,
        **step,
    )
    move_visit(
        visit,
        to=VisitStatus.SERVING,
        kind="started",
        started_at=visit.started_at or line.started_at,
        **step,
    )
    _write_stages(visit, session, line)
    mark_served(booking_id=visit.booking_id, by=by, now=now)
    move_visit(
        visit,
        to=VisitStatus.FINISHED,
        kind="finished",
        ended_at=line.ended_at,
        documents_checked=sorted(row.code for row in documents_of_visit(visit) if row.is_required),
        **step,
    )
    if visit.booking.service_type.makes_passport:
        interviewed_at = progress_of(visit).interviewed_at
        order_book(visit, interviewed_at=interviewed_at, by=by, now=line.ended_at)
    return visit


def _write_stages(visit: Visit, session: CounterSession, line: PaperLine) -> None:
    left = remaining_stages(visit)
    minutes = {row.stage: row.minutes for row in standards_of(visit)}
    ends = _share(line, [minutes[stage] for stage in left])
    starts = [line.started_at, *ends[:-1]]
    StageRun.objects.bulk_create(
        StageRun(
            visit=visit,
            stage=stage,
            session=session,
            started_at=start,
            ended_at=end,
            result=StageRun.Result.DONE,
        )
        for stage, start, end in zip(left, starts, ends, strict=True)
    )


def _share(line: PaperLine, weights: Sequence[int]) -> list[datetime]:
    """Return the end of each stage, dividing the service time in proportion to `weights`."""
    span, total, spent, ends = line.ended_at - line.started_at, sum(weights), 0, []
    for weight in weights:
        spent += weight
        ends.append(line.started_at + span * spent / total)
    return ends


def _check_times(line: PaperLine, *, now: datetime) -> None:
    mistakes: dict[str, list[Any]] = {}
    if line.started_at < line.arrived_at:
        mistakes["started_at"] = [_("Mulai dilayani tidak mungkin sebelum tiba.")]
    if line.ended_at <= line.started_at:
        mistakes["ended_at"] = [_("Selesai harus sesudah mulai dilayani.")]
    elif line.ended_at > now or line.ended_at - line.arrived_at > timedelta(hours=14):
        mistakes["ended_at"] = [_("Jam selesai harus sudah lewat, pada hari yang sama.")]
    if mistakes:
        raise InvalidInput(fields=mistakes)


def _served_another(counter: Counter, line: PaperLine) -> DomainError:
    """Return the error that names the other visit and its times."""
    overlap = overlapping_visit(counter, line.started_at, line.ended_at)
    if overlap is None:  # the other visit has changed since
        return VisitChanged()
    office = counter.hall.office
    return CounterServedAnother(
        counter=counter,
        ticket=overlap.visit.ticket,
        begin=hour(overlap.begin, office),
        end=hour(overlap.end, office) if overlap.end else _("sekarang"),
    )


def _counter_of(booking: Booking, line: PaperLine) -> Counter:
    counters = Counter.objects.select_related("hall__office")
    counter = counters.filter(pk=line.counter_id, hall__office=booking.office_id).first()
    if counter is None:
        raise InvalidInput(fields={"counter": [_("Pilih loket kantor ini.")]})
    if not counter.is_in_use_on(booking.office.local_day(line.started_at)):
        raise InvalidInput(fields={"counter": [retired_text(counter)]})
    return counter
