"""Passports in production, due, late or ready; batches and the rule for uncollected passports."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet

from accounts.models import User
from core.scans import readings
from counters.production.errors import NotABookNumber, OtherKeyboard
from counters.production.models import (
    BookStatus,
    CollectionRule,
    PassportBook,
    ProductionBatch,
)
from offices.directory.models import Office
from offices.ordered import from_far_to_near

# Letters and digits of the number printed in an Indonesian booklet, for example X1234567.
BOOK_NUMBER: Final = re.compile(r"[A-Z]{1,2}[0-9]{6,7}")
# "Ready" can be taken back for so long; the message to the owner is sent after it.
TAKE_BACK: Final = timedelta(minutes=5)
BATCHES_SHOWN: Final = 6

IN_PRODUCTION = (BookStatus.ORDERED, BookStatus.PRINTED, BookStatus.CHECKED)


def books_of(office: Office) -> QuerySet[PassportBook]:
    """Return an office's passports with the related rows that lists show."""
    return PassportBook.objects.filter(office=office).select_related(
        "applicant", "service_type", "office", "visit__booking", "visit__ticket"
    )


def in_production(office: Office, *, status: str = "") -> QuerySet[PassportBook]:
    """Return passports to be printed, checked or made ready, by due date."""
    statuses = [status] if status in IN_PRODUCTION else list(IN_PRODUCTION)
    return (
        books_of(office)
        .filter(status__in=statuses)
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def late_books(office: Office, day: date) -> QuerySet[PassportBook]:
    """Return passports that are past their due date and not ready."""
    return in_production(office).filter(due_on__lt=day)


def due_books(office: Office, day: date) -> QuerySet[PassportBook]:
    """Return passports that are due on a day and not ready."""
    return in_production(office).filter(due_on=day)


def ready_books(office: Office) -> QuerySet[PassportBook]:
    """Return passports that can be collected, longest waiting first."""
    return books_of(office).filter(status=BookStatus.READY).order_by("ready_at", "pk")


def read_book_number(text: str) -> str:
    """Return a typed or scanned booklet number in its stored form.

    Raises NotABookNumber, and OtherKeyboard if it is one only on a keyboard of another layout: letters
    that change places would store a wrong number.
    """
    typed, *others = readings(text) or [""]
    if BOOK_NUMBER.fullmatch(typed):
        return typed
    error = OtherKeyboard if any(map(BOOK_NUMBER.fullmatch, others)) else NotABookNumber
    raise error(fields={"book_number": [error.message]})


def collection_rule_on(office: Office, day: date) -> CollectionRule:
    """Return the rule for uncollected passports; without a row one with the default values."""
    rows = from_far_to_near(CollectionRule, office, day)
    return rows[-1] if rows else CollectionRule()


def collect_until(book: PassportBook, rule: CollectionRule) -> date:
    """Return the last day on which a ready passport can be collected.

    The same day of a later month, or that month's last day. The book has been ready.
    """
    assert book.ready_at is not None
    return _months_later(book.office.local_day(book.ready_at), rule.cancelled_after_months)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def can_take_back(book: PassportBook, *, now: datetime) -> bool:
    """True while "ready" can be taken back."""
    return (
        book.status == BookStatus.READY
        and book.ready_at is not None
        and now < book.ready_at + TAKE_BACK
    )


def just_ready(office: Office, *, now: datetime) -> QuerySet[PassportBook]:
    """Return the passports whose "ready" can still be taken back, latest first."""
    rows = books_of(office).filter(status=BookStatus.READY, ready_at__gt=now - TAKE_BACK)
    return rows.order_by("-ready_at", "-pk")


def may_check(book: PassportBook, user: User) -> bool:
    """True if the user is another person than the one who printed the booklet."""
    return book.printed_by_id != user.pk


def open_batches(office: Office) -> list[Any]:
    """Return batches with passports that are not printed, oldest first, with `left` and `size`."""
    rows = ProductionBatch.objects.filter(office=office).annotate(
        size=Count("books"), left=Count("books", filter=Q(books__status=BookStatus.ORDERED))
    )
    return list(rows.filter(left__gt=0).order_by("day", "number")[:BATCHES_SHOWN])


def without_batch(office: Office) -> QuerySet[PassportBook]:
    """Return ordered passports that are in no batch, by due date."""
    return in_production(office, status=BookStatus.ORDERED).filter(batch=None)


def find_in_production(office: Office, text: str) -> PassportBook | None:
    """Return the passport of the office with this booking code or booklet number, or None."""
    codes = readings(text)
    rows = books_of(office).filter(Q(visit__booking__code__in=codes) | Q(book_number__in=codes))
    return rows.order_by("-pk").first()


def last_shelf(office: Office) -> str:
    """Return the shelf that was used last at the office, for the next passport; "" without one."""
    rows = PassportBook.objects.filter(office=office, ready_at__isnull=False).exclude(shelf="")
    return rows.order_by("-ready_at", "-pk").values_list("shelf", flat=True).first() or ""


def is_late(book: PassportBook, *, now: datetime) -> bool:
    """True if the passport was due on an earlier day and is not ready."""
    return (
        book.status in IN_PRODUCTION
        and book.due_on is not None
        and book.due_on < book.office.local_day(now)
    )
