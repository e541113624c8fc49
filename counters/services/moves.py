"""Visits and passports: locked, moved, noted.

Lock order: counter session, booking, place, visit, ticket series, passport.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.models import Booking
from core import status
from core.errors import InvalidInput, NotFound
from counters.errors import (
    AlreadyHandedOver,
    CounterClosed,
    VisitElsewhere,
)
from counters.models import (
    AT_A_COUNTER,
    BookStatus,
    CounterSession,
    PassportBook,
    Visit,
    VisitStatus,
)
from offices.permissions import Right, check_right

REASON_LENGTH = 200


def lock_session(*, session_id: int, by: User, now: datetime) -> CounterSession:
    """Lock an officer's open time at a counter.

    Raises CounterClosed when it is not theirs or over, NotAllowed.
    """
    session = (
        CounterSession.objects.select_for_update(no_key=True, of=("self",))
        .select_related("counter__hall", "office")
        .filter(pk=session_id, officer=by, closed_at__isnull=True)
        .first()
    )
    if session is None:
        raise CounterClosed
    check_right(by, Right.SERVE_COUNTER, office=session.office, now=now)
    return session


def lock_visit(visit_id: int, *, with_booking: bool = False) -> Visit:
    """Lock a visit, its booking before it where both will change. Raises NotFound."""
    if with_booking:
        owner = Visit.objects.filter(pk=visit_id).values("booking_id")
        Booking.objects.select_for_update(no_key=True).filter(pk__in=owner).first()
    visit = (
        Visit.objects.select_for_update(no_key=True, of=("self",))
        .select_related(
            "office", "lane", "booking__service_type", "booking__applicant", "booking__account"
        )
        .filter(pk=visit_id)
        .first()
    )
    if visit is None:
        raise NotFound
    return visit


def require_at(visit: Visit, *, session_id: int, by: User, now: datetime) -> CounterSession:
    """Return the session the visit is served in.

    Raises VisitElsewhere when it is another officer's, NotAllowed.
    """
    session = visit.session
    if session is None or session.pk != session_id or session.officer_id != by.pk:
        raise VisitElsewhere
    check_right(by, Right.SERVE_COUNTER, office=visit.office, now=now)
    return session


def move_visit(
    visit: Visit,
    *,
    to: str,
    kind: str,
    by: User | None,
    now: datetime,
    session: CounterSession | None = None,
    reason: str = "",
    **changes: Any,
) -> Visit:
    """Change a locked visit's status and write the line of history. Raises VisitChanged.

    `session` is the counter where it happens; a visit that waits again belongs to no counter.
    """
    if to in AT_A_COUNTER:
        changes["session"] = session
    elif to == VisitStatus.WAITING:
        changes["session"] = None
    line = {"kind": kind, "session": session}
    return status.move(visit, to=to, by=by, now=now, reason=reason, line=line, **changes)


def note_visit(
    visit: Visit,
    *,
    kind: str,
    by: User | None,
    now: datetime,
    session: CounterSession | None = None,
) -> None:
    """Write a line of a visit's history; its status stays as it is."""
    status.note(visit, by=by, now=now, kind=kind, session=session)


def lock_book(book_id: int) -> PassportBook:
    """Lock a passport. Raises NotFound."""
    book = (
        PassportBook.objects.select_for_update(no_key=True, of=("self",))
        .select_related("office", "applicant", "service_type", "visit__booking__account")
        .filter(pk=book_id)
        .first()
    )
    if book is None:
        raise NotFound
    return book


def move_book(
    book: PassportBook, *, to: str, by: User | None, now: datetime, reason: str = "", **changes: Any
) -> PassportBook:
    """Change a locked passport's status and write the line of history. Raises BookChanged."""
    if book.status == BookStatus.HANDED_OVER:
        raise already_handed_over(book)
    return status.move(book, to=to, by=by, now=now, reason=reason, **changes)


def already_handed_over(book: PassportBook) -> AlreadyHandedOver:
    """Return the error that says when the passport left."""
    last = book.history.filter(new=BookStatus.HANDED_OVER).first()
    moment = last.at.astimezone(book.office.zone) if last else None
    when = f"{moment:%d-%m-%Y %H.%M} {book.office.zone_name}" if moment else "-"
    return AlreadyHandedOver(when=when)


def required_reason(text: str, *, field: str = "reason") -> str:
    """Return the reason without stray spaces. Raises InvalidInput when there is none or it is too long."""
    reason = " ".join(text.split())
    if not reason:
        raise InvalidInput(
            _("Tulis alasannya dulu; alasan ikut tercatat."),
            fields={field: [_("Tulis alasannya.")]},
        )
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(
            _("Alasan paling panjang 200 huruf."), fields={field: [_("Paling panjang 200 huruf.")]}
        )
    return reason
