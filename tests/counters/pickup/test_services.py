"""A passport is collected once, by a person with a recorded right, after its booklet was scanned."""

import base64
import io
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image

from core.errors import InvalidInput
from core.pdf_files import NotAPdf
from core.pictures import NotAPicture, Picture, PictureTooLarge, read_picture, read_signature
from counters.pickup import services as pickup_services
from counters.pickup.errors import NoDriveThru, WrongBook
from counters.pickup.models import Pickup, PickupFile
from counters.pickup.selectors import masked_number
from counters.production.errors import AlreadyHandedOver, BookChanged
from counters.production.models import BookStatus, PassportBook
from offices.hours.models import AdmissionRule
from tests.counters.production.test_services import SELF
from tests.counters.world import World, make_world


def hand_over(world: World, book: PassportBook, **changes: Any) -> Pickup:
    typed = {**SELF, "book_number": book.book_number, **changes}
    return pickup_services.hand_over(
        book_id=book.pk, by=world.pickup, now=world.at(14, 30), **typed
    )


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 200), **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "white").save(made, kind, **options)
    return made.getvalue()


def ink() -> str:
    drawing = Image.new("RGBA", (600, 200))
    drawing.paste("black", (10, 10, 200, 40))
    made = io.BytesIO()
    drawing.save(made, "PNG")
    return "data:image/png;base64," + base64.b64encode(made.getvalue()).decode()


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
        hand_over(world, book, book_number="X1234567")
    assert not Pickup.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("evidence", "  "), ("right", "friend"), ("where", "street"), ("collector_name", "")],
)
def test_collection_requires_name_authority_and_evidence(
    world: World, field: str, value: str
) -> None:
    book = world.ready_book()
    typed = {"right": "family", "collector_name": "Budi", field: value}
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


# --- The booklet ----------------------------------------------------------------------------------
def test_a_wrong_booklet_cannot_be_handed_over(world: World) -> None:
    book, other = world.ready_book(8), world.ready_book(9)
    for number in (other.book_number, "X9999999", "garbage\x00", ""):
        with pytest.raises((WrongBook, InvalidInput)) as refused:
            hand_over(world, book, book_number=number)
        assert "book_number" in refused.value.fields
    with pytest.raises(WrongBook) as refused:
        hand_over(world, book, book_number=other.book_number)
    assert other.visit.booking.code in str(refused.value)
    assert not Pickup.objects.exists()


def test_a_booklet_of_another_office_is_not_named(world: World) -> None:
    elsewhere = make_world()
    foreign, book = elsewhere.ready_book(8), world.ready_book(8)
    with pytest.raises(WrongBook) as refused:
        hand_over(world, book, book_number=foreign.book_number)
    assert foreign.visit.booking.code not in str(refused.value)


def test_a_scanner_with_another_keyboard_layout_still_matches(world: World) -> None:
    book = world.ready_book()
    keys = dict(zip("1234567890", "&é\"'(-è_çà", strict=True))
    french = "".join(keys.get(char, char) for char in book.book_number)
    assert hand_over(world, book, book_number=french).book_number == book.book_number


def test_a_number_of_another_keyboard_is_a_wrong_booklet(world: World) -> None:
    book = world.ready_book()
    PassportBook.objects.filter(pk=book.pk).update(book_number="A0000001")
    with pytest.raises(WrongBook):
        hand_over(world, book, book_number="Q0000001")  # what a French keyboard makes of A
    assert hand_over(world, book, book_number="a 0000001").book_number == "A0000001"


def test_the_record_keeps_lane_shelf_and_booklet(world: World) -> None:
    book = world.ready_book()
    pickup = hand_over(world, book)
    assert (pickup.where, pickup.shelf, pickup.book_number) == ("desk", "A1", book.book_number)
    with pytest.raises(IntegrityError, match="pickup_of_a_scanned_book"), transaction.atomic():
        Pickup.objects.create(
            book=world.book_of_someone(9),
            collector_name="Budi",
            right="self",
            evidence="KTP",
            by=world.pickup,
            at=world.at(15),
        )


def test_an_identity_number_shows_its_ends_only() -> None:
    assert masked_number("6471014602900003") == "6471 •••••••• 0003"
    assert masked_number("A123") == "A123"


# --- Letter of authority and signature ------------------------------------------------------------
def test_a_representative_brings_a_letter_that_is_kept_encrypted(world: World) -> None:
    book = world.ready_book()
    by_letter = {"right": "letter", "collector_name": "Budi", "evidence": "surat kuasa dan KTP"}
    with pytest.raises(InvalidInput) as refused:
        hand_over(world, book, **by_letter)
    assert "letter" in refused.value.fields
    letter = read_picture(picture())
    pickup = hand_over(world, book, **by_letter, letter=letter, signature=read_signature(ink()))
    kept = {file.kind: file for file in pickup.files.all()}
    assert kept["letter"].data == letter.data
    assert kept["signature"].content_type == "image/png"
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM counters_pickupfile")
        assert all(not row[0].startswith(("\\x", "/9j", "iVBOR")) for row in cursor.fetchall())
    pickup_services.erase_files(file_ids=[file.pk for file in kept.values()])
    assert set(PickupFile.objects.values_list("data", flat=True)) == {b""}


def test_a_photo_loses_where_and_with_what_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Kamera Rahasia"
    made = read_picture(picture(exif=exif))
    assert made.content_type == "image/jpeg"
    assert b"Kamera Rahasia" not in made.data
    assert read_picture(picture("PNG")).content_type == "image/jpeg"
    assert read_picture(b"%PDF-1.4 ... %%EOF\n") == Picture(
        "application/pdf", b"%PDF-1.4 ... %%EOF\n"
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a photo",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00",
        b"%PDF-1.4 cut off",
        picture()[:200],
        picture("GIF"),
    ],
)
def test_a_file_that_is_not_a_photo_is_refused(data: bytes) -> None:
    with pytest.raises((NotAPicture, NotAPdf)):
        read_picture(data)


def test_a_photo_that_is_too_large_is_refused() -> None:
    with pytest.raises(PictureTooLarge):
        read_picture(picture() + b"0" * 5 * 1024 * 1024)
    with pytest.raises(PictureTooLarge):
        read_picture(picture("PNG", (8000, 8000)))


def test_an_empty_canvas_is_no_signature() -> None:
    blank = io.BytesIO()
    Image.new("RGBA", (600, 200)).save(blank, "PNG")
    url = "data:image/png;base64," + base64.b64encode(blank.getvalue()).decode()
    assert read_signature(url) is None
    assert read_signature("") is None
    for text in ("data:image/png;base64,@@@", "javascript:alert(1)", url + "x" * 400_000):
        with pytest.raises(InvalidInput):
            read_signature(text)
