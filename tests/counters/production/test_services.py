"""A passport is produced in due order: printed, checked by another person, ready, taken back."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.errors import InvalidInput
from counters.pickup.selectors import find_books
from counters.production import services as production_services
from counters.production.errors import (
    BookChanged,
    BookNumberTaken,
    CheckedByPrinter,
    NotABookNumber,
    NothingToBatch,
    OtherKeyboard,
    TooLateToTakeBack,
)
from counters.production.models import BookStatus, PassportBook, ProductionBatch
from counters.production.selectors import in_production, late_books, open_batches, ready_books
from notices.models import Message
from notices.services import deliver_due, send_again
from offices.reasons.models import Reason
from tests.builders import make_book_number, make_reason, produce
from tests.conftest import Mailbox
from tests.counters.world import World
from tests.outbox import text_of

SELF = {"collector_name": "", "right": "self", "evidence": "KTP asli", "where": "desk"}


def printed(world: World, book: PassportBook, number: str = "") -> PassportBook:
    return production_services.mark_printed(
        book_id=book.pk, book_number=number or make_book_number(), by=world.pickup, now=world.at(10)
    )


def reprint(world: World, book: PassportBook, reason: str = "misprint", note: str = "") -> None:
    production_services.reprint(
        book_id=book.pk, reason=reason, note=note, by=world.pickup, now=world.at(11)
    )


# --- Printing and checking ------------------------------------------------------------------------
def test_a_passport_is_printed_checked_and_ready_in_order(world: World) -> None:
    book = world.book_of_someone()
    with pytest.raises(BookChanged):
        production_services.mark_ready(
            book_id=book.pk, shelf="A1", by=world.pickup, now=world.at(9)
        )
    book = world.ready_book(9)
    assert (book.printed_at, book.checked_at, book.ready_at) == (world.at(14),) * 3
    moves = list(book.history.values_list("old", "new"))
    assert moves == [
        ("", "ordered"),
        ("ordered", "printed"),
        ("printed", "checked"),
        ("checked", "ready"),
    ]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("x1234567", "X1234567"), (" XA-123456 ", "XA123456"), ("\ufeffX123\u200b4567", "X1234567")],
)
def test_the_scanned_number_is_stored_in_one_form(world: World, typed: str, stored: str) -> None:
    assert printed(world, world.book_of_someone(), typed).book_number == stored


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", NotABookNumber),
        ("\x02\x1d]d2garbage%%", NotABookNumber),
        ("12345678", NotABookNumber),
        ("X" * 500, NotABookNumber),
        ("B&é\"'(-è", OtherKeyboard),
    ],
)
def test_a_text_that_is_no_booklet_number_is_refused(
    world: World, typed: str, error: type[InvalidInput]
) -> None:
    book = world.book_of_someone()
    with pytest.raises(error) as refused:
        production_services.mark_printed(
            book_id=book.pk, book_number=typed, by=world.pickup, now=world.at(10)
        )
    assert "book_number" in refused.value.fields
    book.refresh_from_db()
    assert book.status == BookStatus.ORDERED


def test_a_booklet_is_used_once_even_if_it_was_spoiled(world: World) -> None:
    make_reason("misprint", use=Reason.Use.REPRINT)
    first, second = world.book_of_someone(8), world.book_of_someone(9)
    number = printed(world, first).book_number
    with pytest.raises(BookNumberTaken):
        printed(world, second, number)
    reprint(world, first)
    for book in (first, second):
        with pytest.raises(BookNumberTaken):
            printed(world, book, number)
    assert printed(world, second).status == BookStatus.PRINTED


def test_another_person_than_the_printer_checks(world: World) -> None:
    book = printed(world, world.book_of_someone())
    with pytest.raises(CheckedByPrinter):
        production_services.mark_checked(book_id=book.pk, by=world.pickup, now=world.at(11))
    checked = production_services.mark_checked(
        book_id=book.pk, by=world.supervisor, now=world.at(11)
    )
    assert (checked.printed_by, checked.checked_by) == (world.pickup, world.supervisor)


def test_the_database_refuses_a_check_by_the_printer(world: World) -> None:
    book = produce(world.book_of_someone(), by=world.pickup, now=world.at(10), steps=2)
    with pytest.raises(IntegrityError, match="book_checked_by_another"), transaction.atomic():
        PassportBook.objects.filter(pk=book.pk).update(checked_by=world.pickup)


def test_a_misprint_goes_back_to_the_printer_with_its_reason(world: World) -> None:
    make_reason("misprint", use=Reason.Use.REPRINT)
    make_reason("other", use=Reason.Use.REPRINT, needs_note=True)
    book = printed(world, world.book_of_someone())
    for reason in ("", "unknown", "other"):
        with pytest.raises(InvalidInput):
            reprint(world, book, reason)
    reprint(world, book, "other", "foto buram")
    spoiled = book.book_number
    book.refresh_from_db()
    assert (book.status, book.printed_at, book.book_number) == (BookStatus.ORDERED, None, "")
    last = book.history.last()
    assert (last.reason, last.listed_reason.code, last.book_number) == (
        "foto buram",
        "other",
        spoiled,
    )


def test_a_fault_after_the_check_is_printed_again(world: World) -> None:
    make_reason("misprint", use=Reason.Use.REPRINT)
    book = produce(world.book_of_someone(), by=world.pickup, now=world.at(10), steps=2)
    reprint(world, book)
    book.refresh_from_db()
    assert (book.status, book.checked_by) == (BookStatus.ORDERED, None)


# --- Batches --------------------------------------------------------------------------------------
def make_batch(world: World, *books: PassportBook, size: int = 10) -> ProductionBatch:
    return production_services.make_batch(
        office_id=world.office.pk,
        book_ids=[book.pk for book in books],
        size=size,
        by=world.pickup,
        now=world.at(13),
    )


def test_a_batch_takes_the_first_orders_or_the_chosen_ones(world: World) -> None:
    first, second, third = (world.book_of_someone(hour) for hour in (8, 9, 10))
    batch = make_batch(world, second)
    assert list(batch.books.all()) == [second]
    rest = make_batch(world)
    assert (batch.number, rest.number) == (1, 2)
    assert set(rest.books.all()) == {first, third}
    with pytest.raises(NothingToBatch):
        make_batch(world)
    with pytest.raises(InvalidInput):
        make_batch(world, size=0)


def test_a_printed_batch_leaves_the_list(world: World) -> None:
    book = world.book_of_someone()
    batch = make_batch(world, book)
    assert [(one, one.left, one.size) for one in open_batches(world.office)] == [(batch, 1, 1)]
    printed(world, book)
    assert open_batches(world.office) == []


# --- Ready, and taken back ------------------------------------------------------------------------
def test_the_owner_is_notified_when_the_passport_is_ready(world: World) -> None:
    book = world.ready_book()
    message = Message.objects.get(kind="passport_ready")
    assert message.address == book.visit.booking.account.email
    assert world.office.address in text_of(message)


def test_a_ready_passport_has_a_shelf(world: World) -> None:
    book = produce(world.book_of_someone(), by=world.pickup, now=world.at(10), steps=2)
    for shelf in (" ", "X" * 11):
        with pytest.raises(InvalidInput):
            production_services.mark_ready(
                book_id=book.pk, shelf=shelf, by=world.pickup, now=world.at(11)
            )
    with pytest.raises(IntegrityError, match="book_ready_on_a_shelf"), transaction.atomic():
        PassportBook.objects.filter(pk=world.ready_book(9).pk).update(shelf="")


def ready_messages_sent(now: datetime) -> int:
    """Deliver what is due; return how many messages that a passport is ready have been sent."""
    deliver_due(now=now)
    return Message.objects.filter(kind="passport_ready", sent_at__isnull=False).count()


def test_the_message_waits_while_ready_can_be_taken_back(world: World, mailbox: Mailbox) -> None:
    book = world.ready_book()
    message = Message.objects.get(kind="passport_ready")
    assert message.due_at == world.at(14, 5)
    assert ready_messages_sent(world.at(14, 4)) == 0
    production_services.take_back_ready(book_id=book.pk, by=world.pickup, now=world.at(14, 4))
    book.refresh_from_db()
    assert (book.status, book.ready_at, book.shelf) == (BookStatus.CHECKED, None, "")
    assert ready_messages_sent(world.at(15)) == 0
    message.refresh_from_db()
    assert message.suppressed_reason == Message.Suppression.WITHDRAWN
    assert not send_again(message_id=message.pk, now=world.at(15)), "it is not true any more"
    production_services.mark_ready(book_id=book.pk, shelf="A1", by=world.pickup, now=world.at(15))
    assert ready_messages_sent(world.at(15, 6)) == 1


def test_ready_is_not_taken_back_after_five_minutes(world: World) -> None:
    book = world.ready_book()
    with pytest.raises(TooLateToTakeBack):
        production_services.take_back_ready(book_id=book.pk, by=world.pickup, now=world.at(14, 5))
    assert Message.objects.get(kind="passport_ready").suppressed_at is None


def test_ready_is_not_taken_back_once_the_message_was_sent(world: World, mailbox: Mailbox) -> None:
    book = world.ready_book()
    assert ready_messages_sent(world.at(14, 5)) == 1
    with pytest.raises(TooLateToTakeBack):
        production_services.take_back_ready(
            book_id=book.pk, by=world.pickup, now=world.at(14) + timedelta(seconds=299)
        )
    book.refresh_from_db()
    assert book.status == BookStatus.READY


def test_late_passports_are_listed_first(world: World) -> None:
    late, due = world.book_of_someone(8), world.book_of_someone(9)
    late.due_on = date(2026, 11, 24)
    late.save(update_fields=["due_on"])
    assert list(in_production(world.office)) == [late, due]
    assert list(late_books(world.office, date(2026, 11, 26))) == [late]
    assert not ready_books(world.office)


def test_a_passport_can_be_searched_by_code_or_name(world: World) -> None:
    book = world.ready_book()
    code = book.visit.booking.code
    zero_width = f"{code[:3]}\u200b{code[3:]}"
    for words in (code, code.lower(), f"{code[:5]}-{code[5:]}", zero_width, "rahma", "SITI RAH"):
        assert find_books(world.office, words) == [book]
    assert find_books(world.office, "si") == []
    assert find_books(world.office, "nobody") == []
