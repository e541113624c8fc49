"""The finder: public, one question a page, every answer a link, and an application that begins filled in."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from booking.applications.models import ApplicationDraft
from booking.applications.selectors import answers_in
from booking.finder.questions import QUESTIONS, is_for_age, open_question, valid_answers
from offices.directory.models import Fee
from offices.limits.models import ProductRule
from tests.booking.applications.national import make_services
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_office,
    make_person,
    make_policy,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db
ADULT = {"who": "citizen", "age": "17_59", "reason": "first", "purpose": "umrah", "hurry": "no"}


@pytest.fixture(autouse=True)
def _world(set_clock: Any) -> None:
    set_clock(NOW)
    make_services()


def look(client: Any, **answers: str) -> Any:
    return client.get(reverse("booking:finder"), answers)


def test_unknown_and_unfitting_answers_are_ignored() -> None:
    assert valid_answers({"who": "citizen", "age": "7", "reason": "first"}) == {"who": "citizen"}
    assert valid_answers({"age": "17_59"}) == {}
    assert open_question({"who": "foreigner", "permit": "visit"}) is None
    # Foreigners get no question about age, umrah or a passport.
    assert valid_answers({**ADULT, "who": "foreigner"}) == {"who": "foreigner"}


def test_every_answer_is_a_link_to_the_next_question(client: Any) -> None:
    page = page_text(look(client, who="citizen", age="13_16"))
    assert str(QUESTIONS["married"].text) in page
    assert "age=13_16&amp;married=yes" in page


def test_the_answer_is_public_and_contains_nothing_personal(client: Any) -> None:
    make_office("kanim-utama")
    response = look(client, **ADULT)
    assert "public" in response["Cache-Control"]
    page = page_text(response)
    for text in (
        "Paspor baru",
        "KTP elektronik",
        "Rp 950.000",
        "Berlaku 10 tahun",
        "Selesai 4 hari",
    ):
        assert text in page
    assert "Tidak diperlukan lagi: Surat rekomendasi umrah atau haji" in page
    assert "Kantor Imigrasi Kanim-Utama" in page


def test_fees_follow_the_schedule_of_the_day(client: Any, set_clock: Any) -> None:
    tomorrow = NOW + timedelta(days=1)
    Fee.objects.filter(product="electronic_10").update(valid_until=NOW.date())
    Fee.objects.create(
        product="electronic_10",
        amount=1_100_000,
        valid_from=tomorrow.date(),
        instrument="PP 1/2027",
    )
    assert "Rp 950.000" in page_text(look(client, **ADULT))
    set_clock(tomorrow)
    page = page_text(look(client, **ADULT))
    assert "Rp 1.100.000" in page
    assert "PP 1/2027" in page


def test_offices_are_those_that_make_the_product(client: Any) -> None:
    only_long = make_office("panjang")
    ProductRule.objects.create(
        office=only_long, products=["electronic_10"], valid_from=SINCE, instrument=INSTRUMENT
    )
    child = {**ADULT, "age": "5_12", "parents": "both"}
    assert "Kantor Imigrasi Panjang" in page_text(look(client, **ADULT))
    page = page_text(look(client, **child))
    assert "Kantor Imigrasi Panjang" not in page
    assert "10 tahun" not in page


def test_priority_and_accelerated_lanes_are_explained(client: Any) -> None:
    office = make_office("cepat")
    make_policy(office, lane="priority", places=12)
    make_policy(office, lane="accelerated", places=4)
    page = page_text(look(client, **ADULT | {"age": "60_over", "hurry": "yes"}))
    assert "Kantor Imigrasi Cepat: 12 tempat prioritas per hari." in page
    assert "Kantor Imigrasi Cepat: datang sebelum pukul" in page
    assert "ditambah layanan percepatan Rp 1.000.000" in page
    lost = page_text(look(client, **ADULT | {"reason": "lost", "hurry": "yes"}))
    assert "Hari yang sama tidak dapat dijanjikan" in lost
    assert "ditambah layanan percepatan" not in lost


def test_the_application_begins_with_the_answers(client: Any) -> None:
    person = make_person()
    client.force_login(person.account)
    start = f"{reverse('booking:finder_start')}?{_query(ADULT)}&product=electronic_5"
    assert person.full_name in page_text(client.get(start))
    assert not ApplicationDraft.objects.exists()
    to = client.post(start, {"person": person.pk})["Location"]
    answers = answers_in(ApplicationDraft.objects.get())
    assert (answers["purpose"], answers["product"]) == ("umrah", "electronic_5")
    assert "Berkas yang sudah siap" in page_text(client.get(to))


def test_a_person_of_another_age_than_the_answer_is_marked(client: Any) -> None:
    person = make_person()
    client.force_login(person.account)
    note = "Umurnya lain dari jawaban Anda"
    for answers, is_other in ((ADULT, False), (ADULT | {"age": "60_over"}, True)):
        start = f"{reverse('booking:finder_start')}?{_query(answers)}"
        assert (note in page_text(client.get(start))) is is_other


@pytest.mark.parametrize(
    ("years", "age"),
    [(0, "under_5"), (4, "under_5"), (5, "5_12"), (13, "13_16"), (17, "17_59"), (60, "60_over")],
)
def test_an_age_belongs_to_one_answer(years: int, age: str) -> None:
    ages = QUESTIONS["age"].answers
    assert [code for code in ages if is_for_age({"age": code}, years)] == [age]
    assert is_for_age({}, years)


def test_a_start_for_somebody_else_is_refused(client: Any) -> None:
    client.force_login(make_person().account)
    start = f"{reverse('booking:finder_start')}?{_query(ADULT)}"
    assert client.post(start, {"person": make_person().pk}).status_code == 404
    assert client.post(start, {"person": "x"}).status_code == 404
    assert not ApplicationDraft.objects.exists()


def _query(answers: dict[str, str]) -> str:
    return "&".join(f"{name}={code}" for name, code in answers.items())
