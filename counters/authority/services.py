"""Making, withdrawing and erasing letters of authority."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from booking.people.identity import clean_nik
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput
from core.names import clean_name
from counters.authority.errors import LetterNotNeeded, LetterWithdrawn
from counters.authority.messages import queue_letter_message
from counters.authority.models import AuthorityLetter
from counters.production.models import BookStatus, PassportBook
from counters.production.moves import lock_own_book

OVER = (BookStatus.HANDED_OVER, BookStatus.CANCELLED)


def make_letter(
    *,
    book_id: int,
    collector_name: str,
    collector_identity: str,
    by: User | None,
    follows: UUID | None = None,
    now: datetime,
) -> AuthorityLetter:
    """Make the letter of a passport; it replaces the one before.

    `follows` as in `lock_own_book`. Raises NotFound, InvalidInput, LetterNotNeeded, Busy.
    """
    name = _checked("collector_name", clean_name, collector_name)
    identity = _checked("collector_identity", clean_nik, collector_identity)
    again = {"authority_letter_one_in_force": LetterWithdrawn}
    with busy_on_timeout(), constraints_as_errors(again), transaction.atomic():
        book = lock_own_book(book_id, by=by, follows=follows)
        if book.status in OVER:
            raise LetterNotNeeded
        _withdraw(book, now=now)
        letter = AuthorityLetter.objects.create(
            book=book, collector_name=name, collector_identity=identity, made_at=now, made_by=by
        )
        queue_letter_message(letter, now=now)
        return letter


def withdraw_letter(
    *, book_id: int, by: User | None, follows: UUID | None = None, now: datetime
) -> None:
    """Withdraw the letter in force. Raises NotFound, LetterWithdrawn, Busy."""
    with busy_on_timeout(), transaction.atomic():
        if not _withdraw(lock_own_book(book_id, by=by, follows=follows), now=now):
            raise LetterWithdrawn


def erase_letters(*, letter_ids: Iterable[int], now: datetime) -> None:
    """Erase who was named in letters. That there was one, and when, stays."""
    AuthorityLetter.objects.filter(pk__in=letter_ids, erased_at__isnull=True).update(
        collector_name="", collector_identity="", erased_at=now
    )


def _withdraw(book: PassportBook, *, now: datetime) -> int:
    return AuthorityLetter.objects.filter(book=book, withdrawn_at__isnull=True).update(
        withdrawn_at=now
    )


def _checked(field: str, check: Callable[[str], str], text: str) -> str:
    try:
        return check(text)
    except ValueError as error:
        raise InvalidInput(fields={field: [str(error)]}) from error
