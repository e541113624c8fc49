"""Locking passports and changing their status."""

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from core import status
from core.errors import NotFound
from counters.production.errors import AlreadyHandedOver
from counters.production.models import BookStatus, PassportBook
from offices.reasons.models import Reason


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


def lock_own_book(book_id: int, *, by: User | None, follows: UUID | None = None) -> PassportBook:
    """Lock a passport of the account's own booking, or of the followed one. Raises NotFound.

    `follows` is the booking whose code and birth date a reader without an account has given
    (`counters.tracking`).
    """
    book = lock_book(book_id)
    booking = book.visit.booking
    is_own = by is not None and booking.account_id == by.pk
    if not is_own and (follows is None or booking.pk != follows):
        raise NotFound
    return book


def move_book(
    book: PassportBook,
    *,
    to: str,
    by: User | None,
    now: datetime,
    reason: str = "",
    listed_reason: Reason | None = None,
    **changes: Any,
) -> PassportBook:
    """Change a locked passport's status and append to its history. Raises BookChanged.

    The line of history names the booklet, also a spoiled one.
    """
    if book.status == BookStatus.HANDED_OVER:
        raise already_handed_over(book)
    line = {
        "book_number": changes.get("book_number") or book.book_number,
        "listed_reason": listed_reason,
    }
    return status.move(book, to=to, by=by, now=now, reason=reason, line=line, **changes)


def already_handed_over(book: PassportBook) -> AlreadyHandedOver:
    """Return the error that states when the passport was handed over."""
    last = book.history.filter(new=BookStatus.HANDED_OVER).first()
    moment = last.at.astimezone(book.office.zone) if last else None
    when = f"{moment:%d-%m-%Y %H.%M} {book.office.zone_name}" if moment else "-"
    return AlreadyHandedOver(when=when)
