"""Ready passports that nobody has collected, by how long they wait."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from counters.production.models import BookStatus, CollectionRule, PassportBook
from counters.production.selectors import (
    books_of,
    collect_until,
    collection_rule_on,
    ready_books,
)
from offices.directory.models import Office

CANCELLED_SHOWN = 30
# The supervisor's page warns so long before a passport is cancelled.
SOON: Final = timedelta(days=7)


@dataclass(frozen=True)
class WaitingBook:
    """A ready passport: days since it was ready, and the last day on which it can be collected."""

    book: PassportBook
    days: int
    until: date
    next_reminder: date | None


def waiting_books(office: Office, *, now: datetime) -> list[WaitingBook]:
    """Return the passports that can be collected, longest waiting first."""
    today = office.local_day(now)
    rule = collection_rule_on(office, today)
    return [_waiting(book, rule, today) for book in ready_books(office)]


def soon_cancelled(office: Office, *, now: datetime) -> list[WaitingBook]:
    """Return the passports that are cancelled within SOON unless somebody collects them."""
    last = office.local_day(now) + SOON
    return [row for row in waiting_books(office, now=now) if row.until <= last]


def _waiting(book: PassportBook, rule: CollectionRule, today: date) -> WaitingBook:
    days = age(book, today)
    later = sorted(day for day in rule.reminder_days if day > days)
    coming = date.fromordinal(today.toordinal() + later[0] - days) if later else None
    return WaitingBook(book, days, collect_until(book, rule), coming)


def age(book: PassportBook, today: date) -> int:
    """Return the days from the day on which a passport was ready to today, by the office's calendar."""
    assert book.ready_at is not None
    return (today - book.office.local_day(book.ready_at)).days


def due_reminder(days: int, rule: CollectionRule) -> int | None:
    """Return the day of the rule whose reminder is due, or None.

    Only the latest one: after days without power nobody gets two at once.
    """
    return max((day for day in rule.reminder_days if day <= days), default=None)


def cancelled_books(office: Office) -> list[PassportBook]:
    """Return passports that were cancelled because nobody collected them, latest first."""
    rows = books_of(office).filter(status=BookStatus.CANCELLED, ready_at__isnull=False)
    return list(rows.order_by("-ready_at", "-pk")[:CANCELLED_SHOWN])
