"""A passport is produced in due order and collected once."""

from datetime import date

import pytest

from core.errors import InvalidInput
from counters.pickup import services as pickup_services
from counters.pickup.errors import NoDriveThru
from counters.pickup.models import Pickup
from counters.pickup.selectors import find_books
from counters.production import services as production_services
from counters.production.errors import AlreadyHandedOver, BookChanged
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import in_production, late_books, ready_books
from notices.models import Message
from offices.hours.models import AdmissionRule
from tests.counters.world import World
from tests.outbox import text_of

SELF = {"collector_name": "", "right": "self", "evidence": "KTP asli", "where": "desk"}


def hand_over(world: World, book: PassportBook, **changes: str) -> Pickup:
    return pickup_services.hand_over(
        book_id=book.pk, by=world.pickup, now=world.at(14, 30), **{**SELF, **changes}
    )


def test_a_passport_is_printed_checked_and_ready_in_order(world: World) -> None:
    book = world.book_of_someone()
    with pytest.raises(BookChanged):
        production_services.mark_ready(book_id=book.pk, by=world.pickup, now=world.at(9))
    book = world.ready_book(9)
    assert (book.printed_at, book.checked_at, book.ready_at) == (world.at(14),) * 3
    moves = list(book.history.values_list("old", "new"))
    assert moves == [
        ("", "ordered"),
        ("ordered", "printed"),
        ("printed", "checked"),
        ("checked", "ready"),
    ]


def test_a_misprint_goes_back_to_the_printer_with_its_reason(world: World) -> None:
    book = world.book_of_someone()
    production_services.mark_printed(book_id=book.pk, by=world.pickup, now=world.at(10))
    with pytest.raises(InvalidInput):
        production_services.mark_misprinted(
            book_id=book.pk, reason="", by=world.pickup, now=world.at(10)
        )
    production_services.mark_misprinted(
        book_id=book.pk, reason="foto buram", by=world.pickup, now=world.at(10)
    )
    book.refresh_from_db()
    assert (book.status, book.printed_at) == (BookStatus.ORDERED, None)
    assert book.history.last().reason == "foto buram"


def test_the_owner_is_notified_when_the_passport_is_ready(world: World) -> None:
    book = world.ready_book()
    message = Message.objects.get(kind="passport_ready")
    assert message.address == book.visit.booking.account.email
    assert world.office.address in text_of(message)


def test_collection_records_the_person_and_their_authority(world: World) -> None:
    book = world.ready_book()
    pickup = hand_over(
        world, book, right="family", collector_name="Budi Santoso", evidence="KK asli dan KTP"
    )
    book.refresh_from_db()
    assert book.status == BookStatus.HANDED_OVER
    assert (pickup.collector_name, pickup.right, pickup.by) == (
        "Budi Santoso",
        "family",
        world.pickup,
    )


def test_the_owner_need_not_be_entered_again(world: World) -> None:
    book = world.ready_book()
    assert hand_over(world, book).collector_name == book.applicant.full_name


def test_a_passport_is_handed_over_once(world: World) -> None:
    book = world.ready_book()
    hand_over(world, book)
    with pytest.raises(AlreadyHandedOver) as refused:
        hand_over(world, book)
    assert "26-11-2026 14.30 WIB" in str(refused.value)
    assert Pickup.objects.count() == 1


def test_a_passport_cannot_be_collected_before_it_is_ready(world: World) -> None:
    book = world.book_of_someone()
    with pytest.raises(BookChanged):
        hand_over(world, book)
    assert not Pickup.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("evidence", "  "), ("right", "friend"), ("where", "street"), ("collector_name", "")],
)
def test_collection_requires_name_authority_and_evidence(
    world: World, field: str, value: str
) -> None:
    book = world.ready_book()
    typed = {"right": "letter", "collector_name": "Budi", field: value}
    with pytest.raises(InvalidInput) as refused:
        hand_over(world, book, **typed)
    assert field in refused.value.fields
    book.refresh_from_db()
    assert book.status == BookStatus.READY


def test_drive_through_collection_needs_such_a_lane(world: World) -> None:
    book = world.ready_book()
    with pytest.raises(NoDriveThru):
        hand_over(world, book, where="drive_thru")
    AdmissionRule.objects.filter(office=world.office).update(has_drive_thru=True)
    assert hand_over(world, book, where="drive_thru").where == Pickup.Where.DRIVE_THRU


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
    for words in (code, code.lower(), f"{code[:5]}-{code[5:]}", "rahma", "SITI RAH"):
        assert find_books(world.office, words) == [book]
    assert find_books(world.office, "si") == []
    assert find_books(world.office, "nobody") == []
