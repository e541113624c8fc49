"""Passport production: ordered, printed, checked, ready; taken back; cancelled when not collected."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core import status
from core.db import constraints_as_errors
from core.errors import InvalidInput
from core.text import one_space
from counters.production.errors import (
    BookNumberTaken,
    CheckedByPrinter,
    NothingToBatch,
    TooLateToTakeBack,
)
from counters.production.messages import queue_ready_message, withdraw_ready_message
from counters.production.models import (
    SHELF_LENGTH,
    BookStatus,
    PassportBook,
    ProductionBatch,
)
from counters.production.moves import lock_book, move_book
from counters.production.selectors import (
    TAKE_BACK,
    can_take_back,
    collect_until,
    collection_rule_on,
    may_check,
    read_book_number,
    without_batch,
)
from counters.visits.models import Visit
from counters.visits.services import short_text
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ACCELERATED, Office
from offices.hours.selectors import add_working_days
from offices.permissions import Right, check_right
from offices.reasons.models import Reason
from offices.reasons.selectors import chosen_reason

MOST_IN_A_BATCH: Final = 50


def order_book(
    visit: Visit, *, interviewed_at: datetime | None = None, by: User, now: datetime
) -> PassportBook:
    """Order the passport of a finished visit, inside the caller's transaction.

    `interviewed_at` is the end of the booking's last interview, now if there was none. It is due the service's number of working days (ministry standard: 4) after the interview, or at
    the rule's hour of the same day in the accelerated lane.
    """
    service = visit.booking.service_type
    due_at = accelerated_due_at(visit)
    due_on = visit.day if due_at is not None else None
    days = service.due_working_days
    if due_on is None and days is not None:
        due_on = add_working_days(visit.office, visit.office.local_day(interviewed_at or now), days)
    book = PassportBook(
        visit=visit,
        applicant=visit.booking.applicant,
        service_type=service,
        office=visit.office,
        ordered_at=now,
        due_on=due_on,
        due_at=due_at,
    )
    return status.create(book, by=by, now=now)


def accelerated_due_at(visit: Visit) -> datetime | None:
    """Return the hour at which an accelerated passport is due, or None.

    None also for a person who came after the cut-off: that passport is due like any other.
    """
    if visit.lane_id != ACCELERATED:
        return None
    rule = day_rule_on(visit.office, visit.day)
    if visit.arrived_at >= visit.office.at(visit.day, rule.accelerated_until):
        return None
    return visit.office.at(visit.day, rule.accelerated_ready_from)


def make_batch(
    *, office_id: int, book_ids: Collection[int], size: int, by: User, now: datetime
) -> ProductionBatch:
    """Put ordered passports into a new batch: the chosen ones, else the first `size` by due date.

    Raises NothingToBatch, InvalidInput for a size outside 1 to MOST_IN_A_BATCH.
    """
    if not 1 <= size <= MOST_IN_A_BATCH:
        text = _("Isi jumlah paspor, 1 sampai %(most)d.") % {"most": MOST_IN_A_BATCH}
        raise InvalidInput(text, fields={"size": [text]})
    with transaction.atomic():
        # The office's row gives out the numbers of batches one at a time.
        office = Office.objects.select_for_update(no_key=True).get(pk=office_id)
        check_right(by, Right.PRODUCE_PASSPORTS, office=office, now=now)
        rows = without_batch(office)
        rows = rows.filter(pk__in=list(book_ids)) if book_ids else rows
        most = MOST_IN_A_BATCH if book_ids else size
        books = list(rows.select_for_update(no_key=True, of=("self",))[:most])
        if not books:
            raise NothingToBatch
        day = office.local_day(now)
        last = ProductionBatch.objects.filter(office=office, day=day).aggregate(
            number=Max("number")
        )
        batch = ProductionBatch.objects.create(
            office=office, day=day, number=(last["number"] or 0) + 1, by=by, at=now
        )
        PassportBook.objects.filter(pk__in=[book.pk for book in books]).update(batch=batch)
        return batch


def mark_printed(*, book_id: int, book_number: str, by: User, now: datetime) -> PassportBook:
    """Record that a booklet was printed, and its number as scanned from it.

    Raises NotABookNumber, OtherKeyboard, BookNumberTaken, BookChanged.
    """
    number = read_book_number(book_number)
    taken = {
        name: lambda: BookNumberTaken(fields={"book_number": [BookNumberTaken.message]})
        for name in ("book_number_once", "book_number_printed_once")
    }
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        with constraints_as_errors(taken), transaction.atomic():
            return move_book(
                book,
                to=BookStatus.PRINTED,
                by=by,
                now=now,
                book_number=number,
                printed_at=now,
                printed_by=by,
            )


def reprint(*, book_id: int, reason: str, note: str = "", by: User, now: datetime) -> PassportBook:
    """Record that the booklet is spoiled and must be printed again, with another booklet.

    `reason` is a code of the list of reasons. Raises InvalidInput, BookChanged.
    """
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        note = short_text(note, field="note")
        listed = chosen_reason(
            Reason.Use.REPRINT, reason, note=note, day=book.office.local_day(now)
        )
        return move_book(
            book,
            to=BookStatus.ORDERED,
            by=by,
            now=now,
            reason=note,
            listed_reason=listed,
            book_number="",
            printed_at=None,
            printed_by=None,
            checked_at=None,
            checked_by=None,
        )


def mark_checked(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """Record that the booklet was compared with the file, by another person than its printer.

    Raises CheckedByPrinter, BookChanged.
    """
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        if book.status == BookStatus.PRINTED and not may_check(book, by):
            raise CheckedByPrinter
        return move_book(book, to=BookStatus.CHECKED, by=by, now=now, checked_at=now, checked_by=by)


def mark_ready(*, book_id: int, shelf: str, by: User, now: datetime) -> PassportBook:
    """Record the shelf of a passport that can be collected, and queue the message to its owner.

    The message is due after TAKE_BACK: until then "ready" can be taken back. Raises InvalidInput,
    BookChanged.
    """
    shelf = one_space(shelf).upper()
    if not shelf or len(shelf) > SHELF_LENGTH:
        text = _("Isi raknya, paling panjang %(n)d karakter.") % {"n": SHELF_LENGTH}
        raise InvalidInput(text, fields={"shelf": [text]})
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        move_book(book, to=BookStatus.READY, by=by, now=now, ready_at=now, shelf=shelf)
        rule = collection_rule_on(book.office, book.office.local_day(now))
        queue_ready_message(
            book, collect_until_on=collect_until(book, rule), due_at=now + TAKE_BACK, now=now
        )
        return book


def take_back_ready(*, book_id: int, by: User, now: datetime) -> PassportBook:
    """Take "ready" back and withdraw the message to the owner, which has not been sent.

    Raises TooLateToTakeBack, BookChanged.
    """
    with transaction.atomic():
        book = _lock_for_production(book_id, by=by, now=now)
        if book.status == BookStatus.READY and not (
            can_take_back(book, now=now) and withdraw_ready_message(book, now=now)
        ):
            raise TooLateToTakeBack
        return move_book(
            book,
            to=BookStatus.CHECKED,
            by=by,
            now=now,
            ready_at=None,
            shelf="",
        )


def cancel_uncollected(*, book_id: int, now: datetime) -> PassportBook | None:
    """Cancel a passport that was not collected in time, by the rule of its office.

    Returns None if it may still be collected. Raises BookChanged.
    """
    with transaction.atomic():
        book = lock_book(book_id)
        today = book.office.local_day(now)
        if book.status != BookStatus.READY or today <= collect_until(
            book, collection_rule_on(book.office, today)
        ):
            return None
        return move_book(book, to=BookStatus.CANCELLED, by=None, now=now)


def _lock_for_production(book_id: int, *, by: User, now: datetime) -> PassportBook:
    book = lock_book(book_id)
    check_right(by, Right.PRODUCE_PASSPORTS, office=book.office, now=now)
    return book
