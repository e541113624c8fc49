"""Check-in, once for each booking, with a ticket number; undoing it; refusing people; lanes."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.absences.services import review_absence
from booking.bookings.changes import (
    cancel_booking,
    check_in_booking,
    check_in_locked,
    end_unserved_locked,
    mark_no_show,
    note_refused_locked,
    undo_check_in_locked,
)
from booking.bookings.errors import AlreadyBooked, BookingChanged, BookingEnded
from booking.bookings.models import Booking
from booking.bookings.selectors import lock_for_check_in
from booking.restrictions.errors import AbsenceUnresolved
from booking.statuses import Status
from core import status
from core.db import busy_on_timeout, constraints_as_errors, fetch_rows
from core.errors import InvalidInput, NotFound
from core.formats import hour, hour_zone, hours
from counters.gate.ages import BY_AGE, proposed_reason
from counters.gate.errors import (
    GraceOver,
    NoPriorityHall,
    OfficialGuestNeedsSupervisor,
    TooEarly,
)
from counters.gate.models import GateRefusal
from counters.gate.selectors import (
    ARRIVALS,
    OFFICIAL_GUEST,
    UNDO_WITHIN,
    missed_booking_ids,
)
from counters.gate.verdict import Timing, timing
from counters.queue.order import PRIORITY_LANE
from counters.screening.selectors import gate_check
from counters.screening.services import require_passed
from counters.visits.errors import UndoOver, VisitChanged
from counters.visits.models import (
    UNFINISHED,
    StageRun,
    Ticket,
    TicketSeries,
    Visit,
    VisitEvent,
    VisitStatus,
)
from counters.visits.services import (
    REASON_LENGTH,
    end_open_run,
    lock_visit,
    move_visit,
    required_reason,
    short_text,
)
from offices.day_rules.models import DayRule
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import Lane, Office
from offices.permissions import Right, check_right, has_right, roles_by_office
from offices.reasons.models import Reason
from offices.reasons.selectors import chosen_reason

# Lines of a paper list can be entered this long afterwards.
CATCH_UP = timedelta(days=7)
# Lock, read and write in one statement; the row lock keeps numbers unique and none is given twice.
NEXT_NUMBER = """
WITH series AS (
  SELECT id, last_number FROM counters_ticketseries
   WHERE office_id = %(office_id)s AND day = %(day)s AND letter = %(letter)s
     FOR NO KEY UPDATE)
UPDATE counters_ticketseries SET last_number = series.last_number + 1
  FROM series WHERE counters_ticketseries.id = series.id
RETURNING counters_ticketseries.last_number
"""
ONE_LIVE = {"booking_one_live_a_person": AlreadyBooked}


def check_in(
    *, office_id: int, code: str, by: User, now: datetime, arrived_at: datetime | None = None
) -> Visit:
    """Check a booking in and give it a ticket. A second scan returns the visit of the first.

    An applicant who lacked a document, or was not served by closing, checks in again as a return.
    `arrived_at` is the real arrival time from a paper list; who was let in then is not refused now.
    Raises NotFound, NotAllowed, BookingEnded, WrongOffice, WrongDay, TooEarly, GraceOver,
    ScreeningNeeded, InvalidInput, Busy.
    """
    office = _office_of_officer(office_id, by=by, now=now)
    if arrived_at is not None:
        check_right(by, Right.ENTER_FROM_PAPER, office=office, now=now)
    arrived = _real_arrival(office, arrived_at, now=now)
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        return _admit(
            lock_for_check_in(office, code, arrived),
            by=by,
            now=now,
            arrived=arrived,
            is_late_entry=arrived_at is not None,
        )


def _office_of_officer(office_id: int, *, by: User, now: datetime) -> Office:
    """Return the office whose gate the officer serves, as it was read with the roles.

    Raises NotFound, NotAllowed.
    """
    offices = [one for one, _roles in roles_by_office(by, now=now) if one.pk == office_id]
    office = offices[0] if offices else Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.SERVE_GATE, office=office, now=now)
    return office


def admit_from_kiosk(*, booking_id: UUID, now: datetime) -> Visit | None:
    """Check a booking in and give it a ticket, without an officer.

    The caller has identified a kiosk of the booking's office. None if an officer has to decide: for
    returns, for people recorded as absent, and while a protocol requires a check at the gate. A
    second scan returns the visit of the first. Raises BookingEnded, TooEarly, GraceOver, Busy.
    """
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        Booking.objects.select_for_update(no_key=True).get(pk=booking_id)
        booking = Booking.objects.select_related("office", "slot__group", "slot__lane").get(
            pk=booking_id
        )
        today = booking.office.local_day(now)
        visit = booking.visits.filter(status__in=UNFINISHED).first()
        if visit is not None and visit.day == today:
            return visit
        if booking.status != Status.BOOKED or gate_check(booking, today).is_needed:
            return None
        rule = day_rule_on(booking.office, today)
        _check_time(booking, rule, now)
        check_in_booking(booking_id=booking.pk, by=None, now=now)
        booking.refresh_from_db(fields=["status"])
        is_return = _is_return(booking, now)
        return _new_visit(booking, rule=rule, is_return=is_return, by=None, now=now, arrived=now)


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
    visits = booking.visits.counted().select_related("ticket")
    last = visits.order_by("-arrived_at", "-pk").first()
    if booking.status == Status.SERVED and last is not None:
        return last
    if last is not None and last.status in UNFINISHED:
        if last.day == booking.office.local_day(arrived):
            return last
        _close_leftover(last.pk, by=by, now=now)
    if not is_late_entry:
        require_passed(booking, day=booking.office.local_day(arrived))
    if booking.status in (Status.NO_SHOW, Status.LEFT):
        return _come_back(
            booking, last, by=by, now=now, arrived=arrived, is_late_entry=is_late_entry
        )
    rule = day_rule_on(booking.office, booking.office.local_day(arrived))
    if booking.status == Status.BOOKED:
        if not is_late_entry:
            _check_time(booking, rule, arrived)
        check_in_locked(booking, by=by, now=now)
    if booking.status != Status.CHECKED_IN:
        # Cancelled or released to the owner of the number between our read and our lock.
        raise BookingEnded(status=booking.get_status_display())
    return _new_visit(
        booking,
        rule=rule,
        is_return=_is_return(booking, arrived, has_come=last is not None),
        by=by,
        now=now,
        arrived=arrived,
    )


def _is_return(booking: Booking, arrived: datetime, *, has_come: bool = True) -> bool:
    """True if the booking's hour was used already. Unserved visits on another day do not use it.

    `has_come` is False if the booking has no visit yet.
    """
    is_another_day = booking.slot.day != booking.office.local_day(arrived)
    used = booking.visits.counted().exclude(status=VisitStatus.UNSERVED)
    return is_another_day or (has_come and used.exists())


def _check_time(booking: Booking, rule: DayRule, arrived: datetime) -> None:
    """Raise TooEarly or GraceOver, by the office's rule. People without a booked hour come at any time."""
    refuse_early(booking, rule, arrived)
    slot, office = booking.slot, booking.office
    is_over = timing(slot, rule=rule, arrived=arrived) == Timing.OVER
    if booking.via == Booking.Via.DESK or not is_over:
        return
    if rule.after_grace == DayRule.AfterGrace.REBOOK:
        span = hours(slot.starts_at, slot.ends_at, office)
        raise GraceOver(hours=span, until=hour(rule.tolerated_until(slot.ends_at), office))


def refuse_early(booking: Booking, rule: DayRule, arrived: datetime) -> None:
    """Raise TooEarly if a person with a booked hour came before a check-in counts."""
    slot, office = booking.slot, booking.office
    is_early = timing(slot, rule=rule, arrived=arrived) == Timing.EARLY
    if booking.via == Booking.Via.DESK or not is_early:
        return
    opens = rule.check_in_from(slot.starts_at)
    raise TooEarly(
        possible_from=opens.astimezone(office.zone).isoformat(),
        hours=hours(slot.starts_at, slot.ends_at, office),
        from_time=hour_zone(opens, office),
    )


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
    if last is not None and last.status not in (VisitStatus.LEFT, VisitStatus.REFUSED):
        last = None  # unserved on an earlier day
    if last is None and not is_late_entry:
        raise BookingEnded(status=booking.get_status_display())
    check_in_booking(booking_id=booking.pk, by=by, now=now)
    if last is None:
        rule = day_rule_on(booking.office, booking.office.local_day(arrived))
        return _new_visit(booking, rule=rule, is_return=False, by=by, now=now, arrived=arrived)
    return move_visit(
        lock_visit(last.pk),
        to=VisitStatus.WAITING,
        kind="returned",
        by=by,
        now=now,
        queue_at=now,
        ended_at=None,
    )


def _close_leftover(visit_id: int, *, by: User, now: datetime) -> None:
    """End a visit that nobody ended on its day; the booking continues with the next visit.

    Also one that was called or being served: nobody is at that counter any more.
    """
    visit = lock_visit(visit_id)
    if visit.status not in UNFINISHED:
        return  # its officer ended it between our read and our lock
    end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
    move_visit(
        visit,
        to=VisitStatus.UNSERVED,
        kind="left_over",
        by=by,
        now=now,
        session=visit.session,
        ended_at=now,
    )


def _new_visit(
    booking: Booking,
    *,
    rule: DayRule,
    is_return: bool,
    by: User | None,
    now: datetime,
    arrived: datetime,
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
        queue_at=_queue_at(booking, arrived, rule=rule, is_return=is_return),
        clock_from=_clock_from(booking, arrived, is_return=is_return),
    )
    status.create(visit, by=by, now=now, kind="arrived")
    letter = booking.slot.lane.series
    key = {"office_id": visit.office_id, "day": visit.day, "letter": letter}
    Ticket.objects.create(visit=visit, number=_next_number(visit, letter=letter), **key)
    return visit


def _queue_at(booking: Booking, arrived: datetime, *, rule: DayRule, is_return: bool) -> datetime:
    """Return the queueing time: the slot's start until the tolerance is over, otherwise the arrival.

    A walk-in and a return queue by their arrival.
    """
    slot = booking.slot
    if is_return or booking.via == Booking.Via.DESK:
        return arrived
    is_over = timing(slot, rule=rule, arrived=arrived) == Timing.OVER
    return arrived if is_over else slot.starts_at


def _clock_from(booking: Booking, arrived: datetime, *, is_return: bool) -> datetime:
    """Return when the two hours begin: at the arrival, or at the booked hour of that day if later."""
    if is_return or booking.via == Booking.Via.DESK:
        return arrived
    return max(arrived, booking.slot.starts_at)


def _next_number(visit: Visit, *, letter: str) -> int:
    """Take the next number of the day's series. The row lock keeps numbers unique; none is given twice."""
    key = {"office_id": visit.office_id, "day": visit.day, "letter": letter}
    numbers = fetch_rows(NEXT_NUMBER, **key)
    if not numbers:
        # Concurrent first tickets of the day: one transaction inserts the row, the others wait for it.
        TicketSeries.objects.bulk_create([TicketSeries(**key)], ignore_conflicts=True)
        numbers = fetch_rows(NEXT_NUMBER, **key)
    [[number]] = numbers
    return int(number)


def undo_check_in(*, visit_id: int, by: User, now: datetime) -> Visit:
    """Take a check-in back within a minute, before the person is called.

    The booking is booked again and its number is not given to anybody else. A walk-in's booking is
    cancelled, so that its place is free; somebody who had left has left again. Raises NotFound,
    NotAllowed, UndoOver, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        visit = lock_visit(visit_id, with_booking=True)
        check_right(by, Right.SERVE_GATE, office=visit.office, now=now)
        line = visit.history.order_by("-at", "-pk").first()
        # A clock that was set back must not leave the way open for ever.
        if (
            visit.status != VisitStatus.WAITING
            or line is None
            or line.kind not in ARRIVALS
            or abs(now - line.at) > UNDO_WITHIN
        ):
            raise UndoOver
        if line.kind == VisitEvent.Kind.RETURNED:
            return _leave_again(visit, by=by, now=now)
        move_visit(visit, to=VisitStatus.UNDONE, kind="undone", by=by, now=now, ended_at=now)
        if visit.kind == Visit.Kind.FIRST:
            undo_check_in_locked(visit.booking, by=by, now=now)
            if visit.booking.via == Booking.Via.DESK:
                cancel_booking(booking_id=visit.booking_id, by=by, now=now)
        return visit


def _leave_again(visit: Visit, *, by: User, now: datetime) -> Visit:
    if visit.kind == Visit.Kind.FIRST:
        end_unserved_locked(booking_id=visit.booking_id, why="left", by=by, now=now)
    return move_visit(visit, to=VisitStatus.LEFT, kind="undone", by=by, now=now, ended_at=now)


def move_to_priority(
    *, visit_id: int, reason: str, note: str = "", by: User, now: datetime
) -> Visit:
    """Move a waiting person with a booking to the priority lane; the history keeps reason and officer.

    The person gets the next number of the priority series: boards and halls call by series. The old
    number is in the history and is not given again. Once in the lane nothing changes. Raises
    NotFound, NotAllowed, VisitChanged, NoPriorityHall, what `priority_reason` raises, Busy.
    """
    note = short_text(note, field="note")
    with busy_on_timeout(), transaction.atomic():
        visit = lock_visit(visit_id)
        check_right(by, Right.SERVE_GATE, office=visit.office, now=now)
        if visit.lane_id == PRIORITY_LANE:
            return visit
        if visit.status != VisitStatus.WAITING or visit.day != visit.office.local_day(now):
            raise VisitChanged
        lane = _priority_lane_for(visit)
        born = visit.booking.applicant.birth_date
        listed = priority_reason(visit.office, born, reason, note, by=by, now=now)
        visit.lane = lane
        visit.save(update_fields=["lane"])
        numbers = _renumber(visit)
        text = ": ".join(part for part in (numbers, note) if part)[:REASON_LENGTH]
        kind = VisitEvent.Kind.MOVED_LANE
        status.note(visit, by=by, now=now, reason=text, kind=kind, listed_reason=listed)
        return visit


def _priority_lane_for(visit: Visit) -> Lane:
    """Return the priority lane if a hall calls it for the visit's group. Raises NoPriorityHall."""
    halls = visit.office.halls.in_use_on(visit.day).filter(groups=visit.group_id)
    lane = Lane.objects.filter(pk=PRIORITY_LANE, halls__in=halls).first()
    if lane is None:
        raise NoPriorityHall
    return lane


def priority_reason(
    office: Office, born: date, code: str, note: str, *, by: User, now: datetime
) -> Reason:
    """Return the reason for the priority lane. One that is about the age must fit the birth date.

    Raises InvalidInput on `reason` and `note`, OfficialGuestNeedsSupervisor.
    """
    today = office.local_day(now)
    reason = chosen_reason(Reason.Use.PRIORITY, code, note=note, day=today)
    if code in BY_AGE and proposed_reason(born, today) != code:
        text = _("Menurut tanggal lahirnya, alasan ini tidak cocok. Pilih alasan lain.")
        raise InvalidInput(text, fields={"reason": [text]})
    is_guest = code == OFFICIAL_GUEST
    if is_guest and not has_right(by, Right.ADMIT_OFFICIAL_GUEST, office=office, now=now):
        text = OfficialGuestNeedsSupervisor.message
        raise OfficialGuestNeedsSupervisor(fields={"reason": [text]})
    return reason


def _renumber(visit: Visit) -> str:
    """Give a visit the next number of its new lane; return the old and the new number."""
    ticket = visit.ticket
    before = str(ticket)
    ticket.letter = visit.lane.series
    ticket.number = _next_number(visit, letter=ticket.letter)
    ticket.save(update_fields=["letter", "number"])
    return f"{before} → {ticket}"


def refuse_at_gate(
    *,
    office_id: int,
    kind: str,
    reason: str,
    booking_id: UUID | None = None,
    note: str = "",
    by: User,
    now: datetime,
) -> GateRefusal:
    """Record that somebody was not let in, with the reason from the list.

    A wrong name is also written to the booking, with the note, and ends its open visit; the booking
    stays for the person named. Raises NotFound, NotAllowed, InvalidInput, VisitChanged, Busy.
    """
    office = _office_of_officer(office_id, by=by, now=now)
    day = office.local_day(now)
    is_name = kind == GateRefusal.Kind.NAME  # the booking is read and checked where it is locked
    if booking_id and not is_name and not office.bookings.filter(pk=booking_id).exists():
        raise NotFound
    listed = _refusal_reason(kind, reason, day=day)
    with busy_on_timeout(), transaction.atomic():
        if is_name:
            text = ": ".join(part for part in (str(listed), note) if part)
            _refuse_name(booking_id, office_id=office_id, reason=text, by=by, now=now)
        return GateRefusal.objects.create(
            office=office,
            day=day,
            at=now,
            by=by,
            kind=kind,
            reason=listed,
            booking_id=booking_id,
        )


def _refusal_reason(kind: str, code: str, *, day: date) -> Reason:
    """Return the reason if it belongs to the kind of refusal. Raises InvalidInput."""
    if kind not in GateRefusal.Kind.values:
        text = _("Pilih siapa atau apa yang ditolak.")
        raise InvalidInput(text, fields={"kind": [text]})
    known = code if code.startswith(f"{kind}_") else ""
    return chosen_reason(Reason.Use.GATE_REFUSAL, known, note="", day=day)


def _refuse_name(
    booking_id: UUID | None, *, office_id: int, reason: str, by: User, now: datetime
) -> None:
    if booking_id is None:
        raise NotFound
    visits = Visit.objects.filter(
        booking_id=booking_id, booking__office=office_id, status__in=UNFINISHED
    )
    visit_id = visits.values_list("pk", flat=True).first()
    if visit_id is not None:
        refuse_visit(visit_id=visit_id, reason=reason, by=by, now=now)
    else:
        refuse_ticket(booking_id=booking_id, office_id=office_id, reason=reason, by=by, now=now)


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
        note_refused_locked(booking, reason=reason, by=by, now=now)
        return booking


def refuse_visit(*, visit_id: int, reason: str, by: User, now: datetime) -> Visit:
    """End a visit because the name does not match; a running stage ends too.

    A first visit's booking ends without a restriction: the person named may still check in on the
    same day. Raises NotFound, InvalidInput, VisitChanged, Busy.
    """
    reason = required_reason(reason)
    with busy_on_timeout(), transaction.atomic():
        visit = lock_visit(visit_id, with_booking=True)
        check_right(by, Right.END_VISIT, office=visit.office, now=now)
        if visit.status not in UNFINISHED:
            raise VisitChanged
        end_open_run(visit, result=StageRun.Result.ABANDONED, now=now)
        note_refused_locked(visit.booking, reason=reason, by=by, now=now)
        if visit.kind == Visit.Kind.FIRST:
            end_unserved_locked(
                booking_id=visit.booking_id, why="refused", by=by, now=now, reason=reason
            )
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


def record_absences(*, office: Office, by: User | None, now: datetime) -> int:
    """Record those who never came as no-shows, where the office could have served them; return how many.

    A day on which it may not have served them waits for a supervisor's decision (booking/absences).
    """
    count = 0
    for booking_id in missed_booking_ids(office, now=now):
        try:
            mark_no_show(booking_id=booking_id, by=by, now=now)
            count += 1
        except BookingChanged:
            continue  # checked in between our read and our lock: the check-in wins
        except AbsenceUnresolved:
            review_absence(booking_id=booking_id, now=now)
    return count
