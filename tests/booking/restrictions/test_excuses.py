"""The excuse for a missed booking: reason, text and a file that two people can open."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from PIL import Image

from accounts.models import User
from booking.bookings.models import Booking
from booking.files.models import StoredFile
from booking.restrictions.models import Restriction
from booking.restrictions.services import erase_appeals
from booking.retention import overdue_stored_files
from core.formats import local_time_long
from offices.staff.models import Role
from tests.booking.restrictions.test_services import after, make_rule, miss
from tests.builders import make_officer, make_open_office, make_open_slot, make_user

pytestmark = pytest.mark.django_db


def photo(**options: Any) -> bytes:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Kamera Rahasia"
    Image.new("RGB", (400, 300), "white").save(made, "JPEG", exif=exif, **options)
    return made.getvalue()


@pytest.fixture
def missed(set_clock: Any) -> Booking:
    office = make_open_office(places=20)
    make_rule(office)
    booking = miss(office)
    set_clock(after(booking))
    return booking


def sign_in(user: User | None) -> Client:
    client = Client()
    assert user is not None
    client.force_login(user)
    return client


def send(booking: Booking, data: bytes, name: str = "surat.jpg", **changes: Any) -> Any:
    row = Restriction.objects.get()
    form = {"reason": "ill", "text": "Demam tinggi.", **changes}
    file = SimpleUploadedFile(name, data, "image/jpeg")
    address = f"/restrictions/{row.pk}/appeal/"
    return sign_in(booking.account).post(address, {**form, "evidence": file}, follow=True)


def test_an_excuse_with_a_file_reaches_the_supervisor(missed: Booking) -> None:
    ticket = sign_in(missed.account).get(f"/bookings/{missed.code}/").content.decode()
    row = Restriction.objects.get()
    assert f"/restrictions/{row.pk}/appeal/" in ticket
    assert "tercatat" in send(missed, photo()).content.decode()
    row.refresh_from_db()
    assert (row.appeal_reason, row.appeal) == ("ill", "Demam tinggi.")
    assert row.evidence is not None
    assert b"Kamera Rahasia" not in bytes(row.evidence.data)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM booking_storedfile")
        assert cursor.fetchone()[0].startswith("gAAAA")


def test_only_the_owner_and_the_deciding_officer_open_the_file(missed: Booking) -> None:
    send(missed, photo())
    row = Restriction.objects.get()
    own, desk = f"/restrictions/{row.pk}/evidence/", f"/admin/restrictions/{row.pk}/evidence/"
    supervisor = make_officer(missed.office, Role.SUPERVISOR)
    for client, address in ((sign_in(missed.account), own), (sign_in(supervisor), desk)):
        answer = client.get(address)
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Content-Disposition"].startswith("attachment")
        assert "sandbox" in answer["Content-Security-Policy"]
    assert sign_in(make_user()).get(own).status_code == 404
    assert sign_in(make_officer(missed.office, Role.COUNTER)).get(desk).status_code == 403
    elsewhere = make_officer(make_open_office(), Role.SUPERVISOR)
    assert sign_in(elsewhere).get(desk).status_code in {403, 404}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><script>alert(1)</script></html>", "surat.jpg"),
        (b"MZ\x90\x00" + bytes(100), "surat.pdf"),
        (b"%PDF-1.7\n1 0 obj << /S /JavaScript >> endobj\n%%EOF", "surat.pdf"),
        (bytes(5 * 1024 * 1024 + 1), "besar.jpg"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(missed: Booking, data: bytes, name: str) -> None:
    page = send(missed, data, name)
    assert "Demam tinggi." in page.content.decode()
    assert 'role="alert"' in page.content.decode()
    assert not StoredFile.objects.exists()
    assert Restriction.objects.get().appealed_at is None


def test_a_refused_form_says_that_the_file_must_be_chosen_again(missed: Booking) -> None:
    again = "Pilih lagi berkasnya"
    page = send(missed, photo(), reason="")
    assert page.status_code == 400
    assert again in page.content.decode()
    assert not StoredFile.objects.exists()
    address = f"/restrictions/{Restriction.objects.get().pk}/appeal/"
    without = sign_in(missed.account).post(address, {"text": "Demam.", "reason": ""})
    assert again not in without.content.decode()


def test_the_booking_page_says_until_when_a_person_is_restricted(missed: Booking) -> None:
    slot = make_open_slot(office=missed.office, now=after(missed), days_from_now=1)
    row, client = Restriction.objects.get(), sign_in(missed.account)
    address = f"/book/{slot.pk}/?service_type=new"
    box = f'name="applicants" value="{missed.applicant_id}"'
    page = client.get(address).content.decode()
    assert f"Tidak dapat memesan daring sampai {local_time_long(row.until_at, row.office)}" in page
    assert box not in page
    Restriction.objects.update(lifted_at=after(missed))
    assert box in client.get(address).content.decode()


def test_an_appeal_without_an_answer_is_marked_as_late(missed: Booking, set_clock: Any) -> None:
    send(missed, photo())
    client = sign_in(missed.account)
    sent = Restriction.objects.get().appealed_at
    assert sent is not None
    late = "Supervisor melihatnya sebagai tugas yang terlambat."
    for hours, is_late in ((71, False), (73, True)):
        set_clock(sent + timedelta(hours=hours))
        assert (late in client.get("/restrictions/").content.decode()) is is_late


def test_a_reason_is_needed_and_a_file_is_not(missed: Booking) -> None:
    address = f"/restrictions/{Restriction.objects.get().pk}/appeal/"
    client = sign_in(missed.account)
    client.post(address, {"text": "Demam.", "reason": ""})
    assert Restriction.objects.get().appealed_at is None
    client.post(address, {"text": "Demam.", "reason": "travel"})
    assert Restriction.objects.get().evidence is None
    assert Restriction.objects.get().appeal_reason == "travel"


def test_the_file_is_erased_by_rule_and_with_the_appeal(missed: Booking) -> None:
    send(missed, photo())
    row = Restriction.objects.get()
    later = row.until_at + timedelta(days=1)
    assert not overdue_stored_files(row.until_at - timedelta(seconds=1)).exists()
    assert overdue_stored_files(later).exists()
    erase_appeals(restriction_ids=[row.pk], now=later)
    file = StoredFile.objects.get()
    assert (bytes(file.data), file.erased_at) == (b"", later)
    own = f"/restrictions/{row.pk}/evidence/"
    assert sign_in(missed.account).get(own).status_code == 404
