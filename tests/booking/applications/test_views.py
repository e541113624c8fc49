"""The steps of an application: one question a page, kept at once, continued on another device."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.applications.models import ApplicationDraft, PassportApplication
from tests.booking.applications.national import make_services
from tests.booking.applications.test_services import make_child, make_foreigner
from tests.builders import NOW, make_person
from tests.clients import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)
    make_services()


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person.account)
    return client


def address(person: Any, code: str) -> str:
    return reverse("booking:application_for", args=[person.pk, code])


def answer(client: Client, person: Any, code: str, step: str, **typed: Any) -> Any:
    return client.post(f"{address(person, code)}?step={step}", typed)


def question(client: Client, person: Any, code: str, step: str = "") -> str:
    return page_text(client.get(address(person, code), {"step": step} if step else {}))


def test_a_child_names_parents_and_never_gets_ten_years() -> None:
    child = make_child()
    client = signed_in(child)
    assert "Siapa yang bertanggung jawab atas anak ini?" in question(client, child, "new")
    answer(client, child, "new", "parents", parents="one")
    page = question(client, child, "new")
    assert "Nama lengkap orang tua" in page
    assert "adult_2_name" not in page
    adult = {"adult_1_name": "Siti Rahmawati", "adult_1_number": "167105460290000"}
    refused = answer(client, child, "new", "adults", **adult)
    assert refused.status_code == 400
    assert "Siti Rahmawati" in page_text(refused)
    answer(client, child, "new", "adults", **adult | {"adult_1_number": "1671054602900003"})
    # Only one product is left at this age, so there is no question about it.
    assert answer(client, child, "new", "product", product="electronic_10").status_code == 400
    answer(client, child, "new", "purpose", purpose="holiday")
    answer(client, child, "new", "documents", documents=["kk"])
    page = question(client, child, "new")
    assert "Paspor elektronik 5 tahun" in page
    assert "10 tahun" not in page
    answer(client, child, "new", "check", declaration="on")
    assert PassportApplication.objects.get().product == "electronic_5"


def test_an_application_continues_on_another_device_and_back_shows_the_answer() -> None:
    person = make_person()
    answer(signed_in(person), person, "replacement", "reason", reason="lost")
    other = signed_in(person)
    assert "Jenis paspor" in question(other, person, "replacement")
    back = question(other, person, "replacement", "reason")
    assert 'value="lost"' in back
    assert "checked" in back.split('value="lost"')[1][:120]
    assert "Lanjutkan: replacement" in page_text(other.get(reverse("booking:people")))
    assert not PassportApplication.objects.exists()
    draft = ApplicationDraft.objects.get()
    assert "lost" in draft.answers


def test_the_last_page_declares_and_saves() -> None:
    person = make_person()
    client = signed_in(person)
    answer(client, person, "new", "product", product="electronic_10")
    answer(client, person, "new", "purpose", purpose="umrah")
    answer(client, person, "new", "documents", documents=["ktp"])
    page = question(client, person, "new")
    assert "Rp 950.000" in page
    assert "Saya menyatakan isian ini benar" in page
    assert answer(client, person, "new", "check").status_code == 400
    assert not PassportApplication.objects.exists()
    done = answer(client, person, "new", "check", declaration="on", next="/book/7/")
    assert done["Location"] == "/book/7/"
    assert not ApplicationDraft.objects.exists()


def test_a_changed_answer_that_excludes_the_product_asks_for_it_again() -> None:
    person = make_child(16)
    client = signed_in(person)
    answer(client, person, "new", "marriage", is_married="yes")
    answer(client, person, "new", "product", product="electronic_10")
    answer(client, person, "new", "marriage", is_married="no")
    assert "Siapa yang bertanggung jawab" in question(client, person, "new")
    assert "electronic_10" not in question(client, person, "new", "product")


def test_foreigners_answer_questions_about_permit_and_stay() -> None:
    person = make_foreigner()
    client = signed_in(person)
    code = "stay_permit"
    assert "Izin tinggal apa yang Anda miliki sekarang?" in question(client, person, code)
    answer(client, person, code, "permit", permit="limited")
    assert answer(client, person, code, "permit_until", permit_until="besok").status_code == 400
    until = (NOW + timedelta(days=30)).date().isoformat()
    answer(client, person, code, "permit_until", permit_until=until)
    page = question(client, person, code)
    assert "Untuk apa Anda tinggal di Indonesia?" in page
    assert "umrah" not in page.lower()


def test_another_accounts_person_has_no_application_page() -> None:
    person = make_person()
    stranger = signed_in(make_person())
    assert stranger.get(address(person, "new")).status_code == 404
    assert answer(stranger, person, "new", "purpose", purpose="study").status_code == 404
    assert not ApplicationDraft.objects.exists()
