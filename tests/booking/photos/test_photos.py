"""Photos of an application's documents: what is accepted, who opens them, and when they are erased."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from accounts.models import User
from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking
from booking.files.models import StoredFile
from booking.people.services import remove_applicant
from booking.photos.models import DocumentPhoto
from booking.photos.services import keep_photo
from booking.retention import overdue_photos, overdue_stored_files
from core.pictures import Picture
from counters.service import services as service_services
from offices.reads.models import PersonRead
from offices.staff.models import Role
from privacy.erasure.services import erase_people
from privacy.holdings.selectors import held, subject_of_account
from privacy.retention.services import run_retention
from tests.builders import (
    NOW,
    make_application,
    make_booking,
    make_officer,
    make_open_office,
    make_person,
    make_user,
)
from tests.clients import page_text
from tests.counters.world import KTP, make_world, who

pytestmark = pytest.mark.django_db
ENCRYPTED = "gAAAA"


def photo(color: str = "white", kind: str = "JPEG") -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Kamera Rahasia"
    Image.new("RGB", (400, 300), color).save(made, kind, exif=exif)
    return made.getvalue()


@pytest.fixture
def booking(set_clock: Any) -> Booking:
    """A booking whose person has an application that needs the identity card."""
    set_clock(NOW)
    booking = make_booking()
    documents = [{"code": "ktp", "name": "KTP", "name_en": "Identity card"}]
    booking.service_type.documents = documents
    booking.service_type.save(update_fields=["documents"])
    make_application(booking)
    return booking


def sign_in(user: User | None) -> Client:
    client = Client()
    assert user is not None
    client.force_login(user)
    return client


def pages(booking: Booking) -> str:
    code = booking.service_type.code
    return f"/people/{booking.applicant_id}/application/{code}/photos/"


def send(booking: Booking, data: bytes, name: str = "ktp.jpg", by: User | None = None) -> Any:
    file = SimpleUploadedFile(name, data, "image/jpeg")
    client = sign_in(by or booking.account)
    return client.post(f"{pages(booking)}ktp/", {"photo": file}, follow=True)


def test_a_photo_is_kept_encrypted_without_camera_data(booking: Booking) -> None:
    answer = send(booking, photo())
    assert "Foto KTP tersimpan." in page_text(answer)
    row = DocumentPhoto.objects.get()
    assert b"Kamera Rahasia" not in bytes(row.file.data)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM booking_storedfile")
        assert cursor.fetchone()[0].startswith(ENCRYPTED)
    shown = sign_in(booking.account).get(f"{pages(booking)}ktp/file/")
    assert shown["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown["Content-Security-Policy"]
    assert shown.content == bytes(row.file.data)
    assert pages(booking) in page_text(sign_in(booking.account).get("/people/"))


def test_a_new_photo_replaces_the_old_one_and_can_be_removed(booking: Booking) -> None:
    send(booking, photo())
    first = StoredFile.objects.get()
    send(booking, photo("black", "PNG"))
    first.refresh_from_db()
    assert bytes(first.data) == b""
    second = DocumentPhoto.objects.get().file
    answer = sign_in(booking.account).post(f"{pages(booking)}ktp/remove/", follow=True)
    assert "Foto dihapus." in page_text(answer)
    second.refresh_from_db()
    assert bytes(second.data) == b""
    assert not DocumentPhoto.objects.exists()
    assert sign_in(booking.account).get(f"{pages(booking)}ktp/file/").status_code == 404


def test_a_photo_no_longer_needed_can_only_be_removed(booking: Booking) -> None:
    send(booking, photo())
    booking.service_type.documents = []
    booking.service_type.save(update_fields=["documents"])
    page = page_text(sign_in(booking.account).get(pages(booking)))
    assert "tidak lagi memerlukan berkas ini" in page
    assert send(booking, photo()).status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "ktp.jpg", "bukan foto"),
        (b"MZ\x90\x00" + bytes(100), "ktp.pdf", "bukan foto"),
        (b"%PDF-1.7\n1 0 obj << /S /JavaScript >> endobj\n%%EOF", "ktp.pdf", "berisi skrip"),
        (bytes(5 * 1024 * 1024 + 1), "besar.jpg", "lebih besar dari 5 MB"),
        (b"", "kosong.jpg", "kosong"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(
    booking: Booking, data: bytes, name: str, sentence: str
) -> None:
    page = page_text(send(booking, data, name))
    assert sentence in page
    assert 'role="alert"' in page
    assert not StoredFile.objects.exists()


def test_another_account_reaches_nothing(booking: Booking) -> None:
    send(booking, photo())
    other = make_user()
    client = sign_in(other)
    for address in (pages(booking), f"{pages(booking)}ktp/", f"{pages(booking)}ktp/file/"):
        assert client.get(address).status_code == 404
    assert send(booking, photo("black"), by=other).status_code == 404
    assert client.post(f"{pages(booking)}ktp/remove/").status_code == 404
    assert not StoredFile.objects.filter(erased_at__isnull=False).exists()
    # An own person does not open another's photo either.
    own = make_person(other)
    address = f"/people/{own.pk}/application/{booking.service_type.code}/photos/ktp/file/"
    assert client.get(address).status_code == 404


def test_an_officer_of_the_visits_office_opens_it_and_it_is_recorded(booking: Booking) -> None:
    send(booking, photo())
    address = f"/admin/photos/{booking.pk}/ktp/"
    officer = make_officer(booking.office, Role.COUNTER)
    assert sign_in(officer).get(address)["Content-Type"] == "image/jpeg"
    read = PersonRead.objects.get()
    assert (read.applicant_ids, read.screen) == ([booking.applicant_id], "photos:photo")
    assert sign_in(officer).get(f"/admin/photos/{booking.pk}/kk/").status_code == 404
    assert sign_in(make_officer(booking.office, Role.PICKUP)).get(address).status_code == 403
    elsewhere = make_officer(make_open_office(), Role.COUNTER)
    assert sign_in(elsewhere).get(address).status_code == 404
    assert sign_in(booking.account).get(address).status_code == 403


def test_an_office_reads_photos_for_its_own_booking_only(booking: Booking, set_clock: Any) -> None:
    send(booking, photo())
    address = f"/admin/photos/{booking.pk}/ktp/"
    client = sign_in(make_officer(booking.office, Role.COUNTER))
    assert booking.account is not None
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert client.get(address).status_code == 404
    # On the day itself the visit may have ended a minute ago.
    set_clock(booking.slot.starts_at)
    assert client.get(address).status_code == 200


def test_photos_are_erased_by_rule(booking: Booking) -> None:
    send(booking, photo())
    ended = booking.slot.ends_at
    assert not overdue_photos(ended + timedelta(days=1)).exists()
    assert booking.account is not None
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert not overdue_photos(ended).exists()
    run_retention(now=ended + timedelta(days=89))
    assert DocumentPhoto.objects.exists()
    run_retention(now=ended + timedelta(days=91))
    assert not DocumentPhoto.objects.exists()
    assert bytes(StoredFile.objects.get().data) == b""


def test_the_rule_for_proofs_of_appeals_leaves_photos_alone(booking: Booking) -> None:
    send(booking, photo())
    assert not overdue_stored_files(NOW + timedelta(days=365)).exists()


def test_photos_go_with_the_person(booking: Booking) -> None:
    send(booking, photo())
    person = booking.applicant
    assert booking.account is not None
    assert person is not None
    tables = {table.name for table in held(subject_of_account(booking.account), now=NOW)}
    assert {"booking.DocumentPhoto", "booking.StoredFile"} <= tables
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    remove_applicant(applicant_id=person.pk, account_id=booking.account.pk, now=NOW)
    assert overdue_photos(NOW - timedelta(days=90)).exists()
    erase_people(ids=[person.pk], now=NOW)
    assert not DocumentPhoto.objects.exists()
    assert bytes(StoredFile.objects.get().data) == b""


def test_the_counter_links_the_photos_of_the_served_person(set_clock: Any) -> None:
    world = make_world()
    session = world.sit()
    visit = world.arrive(8, 0)
    application = make_application(visit.booking)
    set_clock(world.at(8, 5))
    called = world.call(session, world.at(8, 5))
    assert called is not None
    service_services.start_service(**who(called, session), now=world.at(8, 6))
    client = sign_in(world.officer)
    address = f"/admin/photos/{visit.booking_id}/{KTP[0]}/"
    assert address not in client.get("/admin/counter/").content.decode()
    keep_photo(
        application_id=application.pk,
        document=KTP[0],
        picture=Picture("image/jpeg", b"foto uji"),
        account_id=visit.booking.applicant.account_id,
        now=world.at(8, 6),
    )
    assert address in client.get("/admin/counter/").content.decode()
    assert client.get(address).content == b"foto uji"
