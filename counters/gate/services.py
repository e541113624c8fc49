"""Check-in, once for each booking, with a ticket number; refusing tickets."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.bookings.changes import check_in_booking, mark_no_show, note_refused
from booking.bookings.errors import AlreadyBooked, BookingEnded
from booking.bookings.models import Booking
from booking.bookings.selectors import find_for_check_in
from booking.statuses import Status
from core import status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from counters.screening.services import require_passed
from counters.visits.errors import VisitChanged
from counters.visits.models import UNFINISHED, StageRun, Ticket, TicketSeries, Visit, VisitStatus
from counters.visits.services import end_open_run, lock_visit, move_visit, required_reason
from offices.directory.models import Office
from offices.permissions import Right, check_right

# Lines of a paper list can be entered this long afterwards.
CATCH_UP = timedelta(days=7)
ONE_LIVE = {"booking_one_live_a_person": AlreadyBooked}


def check_in(
    *, office_id: int, code: str, by: User, now: datetime, arrived_at: datetime | None = None
) -> Visit:
    """Check a booking in and give it a ticket. A second scan returns the visit of the first.

    An applicant who lacked a document, or was not served by closing, checks in again as a return.
    `arrived_at` is the real arrival time from a paper list.
    Raises NotFound, NotAllowed, BookingEnded, WrongOffice, WrongDay, InvalidInput, ScreeningNeeded, Busy.
    """
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.SERVE_GATE, office=office, now=now)
    if arrived_at is not None:
        check_right(by, Right.ENTER_FROM_PAPER, office=office, now=now)
    arrived = _real_arrival(office, arrived_at, now=now)
    booking = find_for_check_in(office, code, arrived)
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        # Lock, then read: a join that had to wait for the lock can lose the row (docs/concurrency.md).
        Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
        locked = Booking.objects.select_related("office", "slot__group", "slot__lane")
        return _admit(
            locked.get(pk=booking.pk),
            by=by,
            now=now,
            arrived=arrived,
            is_late_entry=arrived_at is not None,
        )


def _real_arrival(office: Office, arrived_at: datetime | None, *, now: datetime) -> datetime:
    if arrived_at is None:
        return now
    if arrived_at > now or office.local_day(now) - office.local_day(arrived_at) > CATCH_UP:
        text = _("Jam tiba harus sudah lewat, paling lama tujuh hari yang lalu.")
        raise InvalidInput(text, fields={"arrived_at": [text]})
    return arrived_at


def _admit(
    booking: Booking, *, by: User, now: datetime, arrived: datetime, is_late_entry: bool
) -> Visit:
    last = booking.visits.order_by("-arrived_at", "-pk").first()
    if booking.status == Status.SERVED and last is not None:
        return last
    if last is not None and last.status in UNFINISHED:
        if last.day == booking.office.local_day(arrived) or last.status != VisitStatus.WAITING:
            return last
        _close_leftover(last.pk, now=now)
    if not is_late_entry:
        require_passed(booking, day=booking.office.local_day(arrived))
    if booking.status == Status.NO_SHOW:
        return _come_back(
            booking, last, by=by, now=now, arrived=arrived, is_late_entry=is_late_entry
        )
    if booking.status == Status.BOOKED:
        check_in_booking(booking_id=booking.pk, by=by, now=now)
        booking.refresh_from_db(fields=["status"])
    if booking.status != Status.CHECKED_IN:
        # Cancelled or released to the owner of the number between our read and our lock.
        raise BookingEnded(status=booking.get_status_display())
    return _new_visit(booking, is_return=last is not None, by=by, now=now, arrived=arrived)


def _come_back(
    booking: Booking,
    last: Visit | None,
    *,
    by: User,
    now: datetime,
    arrived: datetime,
    is_late_entry: bool,
) -> Visit:
    """Reopen the booking of an applicant who left or was marked as a no-show today."""
    if last is None and not is_late_entry:
        raise BookingEnded(status=booking.get_status_display())
    check_in_booking(booking_id=booking.pk, by=by, now=now)
    if last is None:
        return _new_visit(booking, is_return=False, by=by, now=now, arrived=arrived)
    return move_visit(
        lock_visit(last.pk),
        to=VisitStatus.WAITING,
        kind="returned",
        by=by,
        now=now,
        queue_at=now,
        ended_at=None,
    )


def _close_leftover(visit_id: int, *, now: datetime) -> None:
    """End a visit that was still waiting at closing; the booking continues with the next visit."""
    move_visit(
        lock_visit(visit_id), to=VisitStatus.LEFT, kind="left_over", by=None, now=now, ended_at=now
    )


def _new_visit(
    booking: Booking, *, is_return: bool, by: User, now: datetime, arrived: datetime
) -> Visit:
    office = booking.office
    visit = Visit(
        booking=booking,
        office=office,
        group=booking.slot.group,
        lane=booking.slot.lane,
        kind=Visit.Kind.RETURN if is_return else Visit.Kind.FIRST,
        day=office.local_day(arrived),
        arrived_at=arrived,
        queue_at=_queue_at(booking, arrived, is_return=is_return),
    )
    status.create(visit, by=by, now=now, kind="arrived")
    _give_ticket(visit, letter=booking.slot.lane.series)
    return visit


def _queue_at(booking: Booking, arrived: datetime, *, is_return: bool) -> datetime:
    """Return the queueing time: the slot's start if on time; the arrival if late, walk-in or a return."""
    slot = booking.slot
    if is_return or booking.via == Booking.Via.DESK or arrived > slot.ends_at:
        return arrived
    return slot.starts_at


def _give_ticket(visit: Visit, *, letter: str) -> Ticket:
    """Take the next number of the day's series. The row lock keeps numbers unique."""
    key = {"office_id": visit.office_id, "day": visit.day, "letter": letter}
    locked = TicketSeries.objects.select_for_update(no_key=True).filter(**key)
    series = locked.first()
    if series is None:
        # Concurrent first tickets of the day: one transaction inserts the row, the others wait for it.
        TicketSeries.objects.bulk_create([TicketSeries(**key)], ignore_conflicts=True)
        series = locked.get()
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return Ticket.objects.create(visit=visit, number=series.last_number, **key)


def refuse_ticket(
    *, booking_id: UUID, office_id: int, reason: str, by: User, now: datetime
) -> Booking:
    """Record that a ticket was refused at the gate because the name does not match.

    The booking stays as it is: the person named may still come. Raises NotFound, InvalidInput,
    VisitChanged when a visit with this ticket is open already, Busy.
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
    """End a visit because the name does not match; a running stage ends too.

    A first visit's booking becomes a no-show without a restriction: the person named may still
    check in on the same day. Raises NotFound, InvalidInput, VisitChanged, Busy.
    """
    reason = required_reason(reason)
    with busy_on_timeout(), transaction.atomic():
        visit = lock_visit(visit_id, with_booking=True)
        check_right(by, Right.END_VISIT, office=visit.office, now=now)
        if visit.status not in UNFINISHED:
            raise VisitChanged
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        note_refused(booking_id=visit.booking_id, reason=reason, by=by, now=now)
        if visit.kind == Visit.Kind.FIRST:
            mark_no_show(booking_id=visit.booking_id, by=by, now=now, reason=reason)
        return move_visit(
            visit,
            to=VisitStatus.REFUSED,
            kind="refused",
            by=by,
            now=now,
            session=visit.session,
            reason=reason,
            ended_at=now,
        )
