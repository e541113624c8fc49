"""The account's pages about its data, and the officers' screens: from a request to its answer."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from booking.people.models import Applicant
from offices.staff.models import Role
from privacy.requests.models import DataRequest
from tests.builders import (
    NOW,
    make_booking,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db
PASSWORD = "kata-sandi-uji-1"


@pytest.fixture(autouse=True)
def at_now(set_clock: Any) -> None:
    set_clock(NOW)


def signed_in(email: str, *, has_confirmed: bool = True) -> Client:
    """A client that has signed in and, as for other sensitive pages, typed the password again."""
    client = Client()
    answer = client.post("/akun/login/", {"login": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content
    if has_confirmed:
        client.post("/akun/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_person_exports_and_deletes() -> None:
    account = make_user("siti@contoh.id")
    person = make_person(account)
    client = signed_in(account.email)
    assert "Unduh data saya" in page_text(client.get("/akun/data/"))
    answer = client.post("/akun/data/unduh/", {"format": "json"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="data-pribadi.json"'
    assert "no-store" in answer.headers["Cache-Control"]
    assert person.identity_number in json.dumps(json.loads(answer.content))
    assert client.post("/akun/data/unduh/", {"format": "pdf"}).content.startswith(b"%PDF")
    answer = client.post("/akun/data/hapus/", {"what": "account"})
    assert answer.status_code == 400
    answer = client.post("/akun/data/hapus/", {"what": "account", "is_sure": "on"})
    assert answer.headers["Location"] == "/"
    assert not Applicant.objects.exclude(full_name="").exists()
    assert client.get("/akun/data/").headers["Location"].startswith("/akun/login/")
    refused = Client().post("/akun/login/", {"login": account.email, "password": PASSWORD})
    assert refused.status_code != 302


def test_the_download_asks_for_the_password_again() -> None:
    account = make_user("siti@contoh.id")
    client = signed_in(account.email, has_confirmed=False)
    for path in ("/akun/data/unduh/", "/akun/data/hapus/"):
        for call in (client.get, client.post):
            assert "/akun/reauthenticate/" in call(path).headers["Location"]
    assert not DataRequest.objects.exists()


def test_a_page_says_what_prevents_a_deletion() -> None:
    account = make_user("siti@contoh.id")
    make_booking(make_open_slot(), person=make_person(account))
    client = signed_in(account.email)
    assert "Batalkan jadwalnya" in page_text(client.get("/akun/data/hapus/"))
    answer = client.post("/akun/data/hapus/", {"what": "account", "is_sure": "on"})
    assert answer.status_code == 400
    assert "Batalkan jadwalnya" in page_text(answer)


def test_a_supervisor_answers_a_request_in_time(set_clock: Any) -> None:
    office = make_open_office(places=20)
    account = make_user("siti@contoh.id")
    person = make_person(account, full_name="Sita Rahmawati")
    make_booking(make_open_slot(office=office), person=person)
    client = signed_in(account.email)
    page = page_text(client.get("/akun/data/perbaikan/"))
    assert f'value="{office.code}" selected' in page
    answer = client.post(
        "/akun/data/perbaikan/", {"office": office.code, "text": "Nama saya Siti, bukan Sita."}
    )
    assert answer.status_code == 302
    row = DataRequest.objects.get()
    assert "Dijawab paling lambat" in page_text(client.get("/akun/data/"))

    set_clock(NOW + timedelta(hours=50))
    desk = Client()
    desk.force_login(make_officer(office, Role.SUPERVISOR))
    assert "22 jam lagi" in page_text(desk.get("/admin/data-requests/"))
    path = f"/admin/data-requests/{row.pk}/"
    assert "bukan Sita" in page_text(desk.get(path))
    details = {
        "full_name": "Siti Rahmawati",
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "phone": "0812 3456 7890",
    }
    answer = desk.post(f"{path}people/{person.pk}/", details)
    assert answer.status_code == 302, page_text(answer)
    assert desk.post(path, {"grant": "1", "answer": ""}).status_code == 400
    answer = desk.post(path, {"grant": "1", "answer": "Nama sudah diperbaiki."})
    assert answer.status_code == 302
    page = page_text(client.get("/akun/data/"))
    assert "Nama sudah diperbaiki." in page
    person.refresh_from_db()
    assert person.full_name == "Siti Rahmawati"


def test_a_copy_is_handed_over_at_the_desk() -> None:
    office = make_open_office(places=20)
    person = make_person()
    desk = Client()
    desk.force_login(make_officer(office, Role.SUPERVISOR))
    values = {
        "kind": "export",
        "identity_kind": "nik",
        "identity_number": person.identity_number,
        "evidence": "KTP asli",
    }
    assert desk.post("/admin/data-requests/desk/", values | {"evidence": ""}).status_code == 400
    assert desk.post("/admin/data-requests/desk/", values).status_code == 302
    row = DataRequest.objects.get()
    file = desk.post(f"/admin/data-requests/{row.pk}/file/")
    assert file.content.startswith(b"%PDF")
    assert desk.post(f"/admin/data-requests/{row.pk}/", {"grant": "1"}).status_code == 302
    # After the answer, the copy is no longer within reach.
    assert desk.post(f"/admin/data-requests/{row.pk}/file/").status_code == 404
    row.refresh_from_db()
    assert row.status == "done"


def test_the_account_switches_restriction_and_reminders() -> None:
    account = make_user("siti@contoh.id")
    make_person(account)
    client = signed_in(account.email)
    client.post("/akun/data/restrict/")
    assert "sedang dibatasi" in page_text(client.get("/akun/data/"))
    client.post("/akun/data/resume/")
    client.post("/akun/data/object/")
    kinds = DataRequest.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["restrict", "resume", "object"]
