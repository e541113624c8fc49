"""Opening, pausing and closing counters; the end of the use of counters and halls."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, DomainError, NotFound
from core.formats import day_long
from counters.stations.errors import (
    AlreadyAtCounter,
    CounterOutOfUse,
    CounterStillUsed,
    CounterTaken,
    HallOutOfUse,
    HallStillUsed,
    ParkedRemain,
    StillServing,
)
from counters.stations.selectors import (
    days_opened,
    days_rostered,
    idle_sessions,
    is_forgotten,
    last_act_at,
    served_only_in,
)
from counters.visits.models import AT_A_COUNTER, IN_SERVICE, CounterSession, Visit, VisitStatus
from counters.visits.services import lock_session, lock_visit, move_visit
from offices.directory.models import Counter, Hall, Office
from offices.labels import retired_text
from offices.permissions import Right, check_right


def take_counter(*, counter_id: int, by: User, now: datetime) -> CounterSession:
    """Open a counter for an officer; opening the same one again returns the open session.

    Raises CounterTaken, AlreadyAtCounter, CounterOutOfUse, NotFound.
    """
    errors = {
        "counter_session_one_an_officer": AlreadyAtCounter,
        "counter_session_one_a_counter": CounterTaken,
        "counter_session_counter_in_use": CounterOutOfUse,
    }
    with constraints_as_errors(errors), transaction.atomic():
        return _take(counter_id=counter_id, by=by, now=now)


def _take(*, counter_id: int, by: User, now: datetime) -> CounterSession:
    # The counter's row lock serialises two officers who open the same counter.
    counter = (
        Counter.objects.select_for_update(no_key=True, of=("self",))
        .select_related("hall__office")
        .filter(pk=counter_id)
        .first()
    )
    if counter is None:
        raise NotFound
    office = counter.hall.office
    check_right(by, Right.SERVE_COUNTER, office=office, now=now)
    if not counter.is_in_use_on(office.local_day(now)):
        raise CounterOutOfUse(retired_text(counter))
    _close_forgotten(counter=counter, by=by, now=now)
    mine = CounterSession.objects.filter(officer=by, closed_at__isnull=True).first()
    if mine is not None and mine.counter_id != counter.pk:
        raise AlreadyAtCounter
    if mine is not None:
        return mine
    if CounterSession.objects.filter(counter=counter, closed_at__isnull=True).exists():
        raise CounterTaken
    return CounterSession.objects.create(officer=by, counter=counter, office=office, opened_at=now)


def pause_counter(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Stop calling; the current visit can be finished."""
    with transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        if session.paused_at is None:
            session.paused_at = now
            session.save(update_fields=["paused_at"])
        return session


def resume_counter(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Resume calling."""
    with transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        session.paused_at = None
        session.save(update_fields=["paused_at"])
        return session


def leave_counter(*, session_id: int | None, by: User, now: datetime) -> CounterSession:
    """Close the officer's counter. Raises StillServing while a visit is at it, ParkedRemain."""
    with transaction.atomic():
        session = lock_session(session_id=session_id, by=by, now=now)
        parked = session.visits.filter(status=VisitStatus.PARKED).select_related("ticket")
        if tickets := ", ".join(str(visit.ticket) for visit in parked.order_by("parked_at")):
            raise ParkedRemain(tickets=tickets)
        return _close(session, at=now)


def free_counter(*, session_id: int, by: User, now: datetime) -> CounterSession:
    """Close a counter that its officer forgot to close, at its last recorded act (for supervisors).

    Visits parked at it return to the queue, to the place they had. Raises NotFound, NotAllowed, StillServing.
    """
    with transaction.atomic():
        rows = CounterSession.objects.select_for_update(no_key=True, of=("self",))
        session = rows.select_related("office").filter(pk=session_id).first()
        if session is None:
            raise NotFound
        check_right(by, Right.FREE_COUNTER, office=session.office, now=now)
        if session.closed_at:
            return session
        worked_until = _last_work(session, now=now)
        for visit_id in session.visits.filter(status=VisitStatus.PARKED).values_list(
            "pk", flat=True
        ):
            move_visit(
                lock_visit(visit_id),
                to=VisitStatus.WAITING,
                kind="put_back",
                by=by,
                now=now,
                session=session,
            )
        return _close(session, at=worked_until)


def close_forgotten_sessions(*, now: datetime) -> int:
    """Close forgotten counters with the time of their last recorded act; return how many.

    Counters of earlier days, and from half an hour after the end of today's work those at which
    nothing happens any more.
    """
    closed = 0
    for session in idle_sessions().select_related("office"):
        if is_forgotten(session, now=now):
            with transaction.atomic():
                closed += _close_at_last_work(session.pk, now=now)
    return closed


def close_idle_counters(*, office: Office, by: User, now: datetime) -> int:
    """Close every counter at which nobody is served, at its last recorded act (when the day is closed).

    Return how many. Idempotent. Raises NotAllowed.
    """
    check_right(by, Right.CLOSE_DAY, office=office, now=now)
    closed = 0
    for session in idle_sessions().filter(office=office):
        with transaction.atomic():
            closed += _close_at_last_work(session.pk, now=now)
    return closed


def _close_forgotten(*, counter: Counter, by: User, now: datetime) -> None:
    """Close one forgotten session, so that it does not block the counter the next day."""
    office = counter.hall.office
    today = office.at(office.local_day(now), datetime.min.time())
    idle = idle_sessions().filter(opened_at__lt=today)
    for session in idle.filter(counter=counter) | idle.filter(officer=by):
        _close_at_last_work(session.pk, now=now)


def _close_at_last_work(session_id: int, *, now: datetime) -> int:
    session = (
        CounterSession.objects.select_for_update(no_key=True)
        .filter(pk=session_id, closed_at__isnull=True)
        .first()
    )
    if session is None or session.visits.filter(status__in=IN_SERVICE).exists():
        return 0
    _close(session, at=_last_work(session, now=now))
    return 1


def _last_work(session: CounterSession, *, now: datetime) -> datetime:
    # A clock that was set back may have recorded later moments.
    return max(session.opened_at, min(last_act_at(session), now))


def _close(session: CounterSession, *, at: datetime) -> CounterSession:
    if session.visits.filter(status__in=AT_A_COUNTER).exists():
        raise StillServing
    # A visit handed on to this counter is anybody's again.
    named = Visit.objects.filter(next_counter_id=session.counter_id, status=VisitStatus.WAITING)
    named.update(next_counter=None)
    session.closed_at = at
    session.paused_at = None
    session.save(update_fields=["closed_at", "paused_at"])
    return session


# --- The end of the use of counters and halls -----------------------------------------------------
DAYS_NAMED: Final = 5
# A hall and its counters have their dates together: one writer at a time, under the office's row.
OUT_OF_USE: Final[dict[str, Callable[[], DomainError]]] = {
    "counter_retired_after_its_shifts": Busy,
    "counter_retired_before_its_hall": Busy,
    "hall_retired_after_its_counters": Busy,
}


def retire_counter(*, counter_id: int, day: date | None, by: User | None, now: datetime) -> Counter:
    """Put a counter out of use from a local day on; without a day it is in use again.

    `by` is None for a scenario file. Raises NotFound, NotAllowed, CounterStillUsed, HallOutOfUse, Busy.
    """
    with busy_on_timeout(), constraints_as_errors(OUT_OF_USE), transaction.atomic():
        counter = check_counter_retirement(counter_id=counter_id, day=day, now=now)
        if by is not None:
            check_right(by, Right.CHANGE_LISTS, office=counter.hall.office, now=now)
        if counter.retired_on != day:
            counter.retired_on = day
            counter.save(update_fields=["retired_on"])
        return counter


def check_counter_retirement(*, counter_id: int, day: date | None, now: datetime) -> Counter:
    """Lock a counter, until the end of the transaction, and check the day on which its use ends.

    A day that it has already is not checked. Raises NotFound, CounterStillUsed, HallOutOfUse.
    """
    # The roster is saved under the office's lock, a counter is opened under its own.
    _lock_office(Office.objects.filter(halls__counters=counter_id))
    Counter.objects.select_for_update(no_key=True).filter(pk=counter_id).first()
    counter = Counter.objects.select_related("hall__office").get(pk=counter_id)
    if counter.retired_on == day:
        return counter
    hall = counter.hall
    if hall.retired_on is not None and (day is None or day > hall.retired_on):
        raise HallOutOfUse(hall=hall.label, day=day_long(hall.retired_on))
    if day is not None:
        uses = (
            (_("Jadwal petugas: %(days)s."), days_rostered(counter, since=day)),
            (_("Loket dibuka: %(days)s."), days_opened(counter, since=day, now=now)),
        )
        if text := " ".join(sentence % {"days": _named(days)} for sentence, days in uses if days):
            raise CounterStillUsed(counter=counter, day=day_long(day), uses=text)
    return counter


def retire_hall(*, hall_id: int, day: date | None, by: User | None, now: datetime) -> Hall:
    """Put a hall out of use from a local day on; without a day it is in use again.

    `by` is None for a scenario file. Raises NotFound, NotAllowed, HallStillUsed, Busy.
    """
    with busy_on_timeout(), constraints_as_errors(OUT_OF_USE), transaction.atomic():
        hall = check_hall_retirement(hall_id=hall_id, day=day)
        if by is not None:
            check_right(by, Right.CHANGE_LISTS, office=hall.office, now=now)
        if hall.retired_on != day:
            hall.retired_on = day
            hall.save(update_fields=["retired_on"])
        return hall


def check_hall_retirement(*, hall_id: int, day: date | None) -> Hall:
    """Lock a hall's office, until the end of the transaction, and check the day on which its use ends.

    A day that it has already is not checked. Raises NotFound, HallStillUsed.
    """
    # Two halls that serve the same people cannot both end: the other one is read under this lock.
    _lock_office(Office.objects.filter(halls=hall_id))
    hall = Hall.objects.select_related("office").get(pk=hall_id)
    if day is None or hall.retired_on == day:
        return hall
    counters = hall.counters.in_use_on(day).values_list("number", flat=True)
    numbers = ", ".join(str(number) for number in counters)
    pairs = ", ".join(f"{group} / {lane}" for group, lane in served_only_in(hall, day))
    uses = (
        (_("Loket yang masih dipakai: %(what)s."), numbers),
        (_("Layanan yang hanya ada di ruang ini: %(what)s."), pairs),
    )
    if text := " ".join(sentence % {"what": what} for sentence, what in uses if what):
        raise HallStillUsed(hall=hall.label, day=day_long(day), uses=text)
    return hall


def _lock_office(rows: QuerySet[Office]) -> None:
    if rows.select_for_update(no_key=True, of=("self",)).first() is None:
        raise NotFound


def _named(days: Sequence[date]) -> str:
    """Join the first days for a sentence, with the number of the others."""
    text = ", ".join(day_long(day) for day in days[:DAYS_NAMED])
    if rest := len(days[DAYS_NAMED:]):
        more = ngettext("%(n)d hari lain", "%(n)d hari lain", rest) % {"n": rest}
        text = _("%(first)s dan %(last)s") % {"first": text, "last": more}
    return text
