"""Reminders of ready passports, and the cancellation of those that nobody collected."""

from contextlib import suppress
from datetime import datetime, time
from typing import Final

from django.db import transaction

from counters.drive_thru.services import close_visit
from counters.production.errors import AlreadyHandedOver, BookChanged
from counters.production.messages import queue_cancelled_message, queue_waiting_message
from counters.production.selectors import collect_until, collection_rule_on, ready_books
from counters.production.services import cancel_uncollected
from counters.uncollected.selectors import age, due_reminder
from offices.directory.models import Office

# Reminders and cancellations are sent in the morning, not at midnight.
FROM: Final = time(8)


def remind_and_cancel(office: Office, *, now: datetime) -> None:
    """Remind owners by the rule of the office, and cancel what was not collected in time.

    Running it twice does no harm: a reminder is one message for each day of the rule, and a
    cancelled passport is not ready any more.
    """
    today = office.local_day(now)
    if now < office.at(today, FROM):
        return
    rule = collection_rule_on(office, today)
    for book in ready_books(office).select_related("visit__booking__account"):
        until = collect_until(book, rule)
        if today > until:
            _cancel(book.pk, now=now)
        elif (days := due_reminder(age(book, today), rule)) is not None:
            queue_waiting_message(book, days=days, collect_until_on=until, now=now)


def _cancel(book_id: int, *, now: datetime) -> None:
    """Cancel one passport with its message; free its drive-thru hour."""
    # It may be handed over in between our read and our lock: that wins.
    with suppress(BookChanged, AlreadyHandedOver), transaction.atomic():
        book = cancel_uncollected(book_id=book_id, now=now)
        if book is None:
            return
        close_visit(book, collected=False, by=None, now=now)
        rule = collection_rule_on(book.office, book.office.local_day(now))
        queue_cancelled_message(book, collect_until_on=collect_until(book, rule), now=now)
