"""The people of an account and their applications: every error preserves the input."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from booking.applications.models import ApplicationDraft, PassportApplication
from booking.people.models import Applicant
from offices.directory.models import Fee
from tests.builders import (
    INSTRUMENT,
    NOW,
    SINCE,
    make_booking,
    make_nik,
    make_person,
    make_service_type,
    make_user,
)
from tests.clients import page_text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_now(set_clock: Any) -> None:
    set_clock(NOW)


@pytest.fixture
def account() -> Any:
    return make_user()


@pytest.fixture
def signed_in(client: Any, account: Any) -> Any:
    client.force_login(account)
    return client


def typed(**changes: Any) -> Any:
    return {
        "full_name": "Siti Rahmawati",
        "nik": make_nik(),
        "birth_date_day": "6",
        "birth_date_month": "2",
        "birth_date_year": "1990",
        "sex": "female",
        "phone": "0812 3456 7890",
    } | changes


def add(client: Any, **changes: Any) -> Any:
    return client.post(reverse("booking:person_add"), typed(**changes))


@pytest.mark.parametrize("name", ["people", "person_add", "bookings"])
def test_personal_pages_require_sign_in(client: Any, name: Any) -> None:
    answer = client.get(reverse(f"booking:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


def test_adding_a_person_leads_to_their_application(signed_in: Any, account: Any) -> None:
    answer = add(signed_in)
    person = Applicant.objects.get(account=account)
    assert answer["Location"] == reverse("booking:application", args=[person.pk])
    assert person.phone == "+6281234567890"


def test_adding_a_person_while_booking_returns_to_the_slot(signed_in: Any) -> None:
    assert (
        add(signed_in, next="/book/3/?service_type=new")["Location"] == "/book/3/?service_type=new"
    )


def test_an_external_return_address_is_ignored(signed_in: Any) -> None:
    assert "evil" not in add(signed_in, next="https://evil.example/")["Location"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"full_name": ""}, "Isi nama lengkap"),
        ({"full_name": "12345"}, "Isi nama seperti di dokumen identitas"),
        ({"nik": ""}, "Isi NIK, 16 angka"),
        ({"nik": "167102540688000"}, "NIK baru berisi 15 angka. Periksa lagi, seharusnya 16."),
        ({"nik": "1671025406880000"}, "tidak mungkin 0000"),
        ({"nik": "1671023206880001"}, "tanggal lahir"),
        ({"birth_date_day": "31"}, "Tanggal 31 bulan 2 tahun 1990 tidak ada"),
        ({"birth_date_month": "Feb"}, "Isi ketiganya dengan angka"),
        ({"birth_date_year": "90"}, "empat angka"),
        ({"birth_date_year": "2090"}, "belum lewat"),
        ({"birth_date_year": "1850"}, "120 tahun"),
        (
            {"birth_date_day": "", "birth_date_month": "", "birth_date_year": ""},
            "misalnya 14 6 1988",
        ),
        ({"sex": ""}, "Pilih perempuan atau laki-laki"),
        ({"sex": "x"}, "Pilih perempuan atau laki-laki"),
        ({"phone": "12"}, "Nomor ponsel ini tidak dikenal"),
    ],
)
def test_an_error_is_shown_and_the_input_preserved(
    signed_in: Any, changes: Any, sentence: Any
) -> None:
    answer = add(signed_in, **changes)
    page = page_text(answer)
    assert answer.status_code == 400
    assert sentence in page
    assert "<title>Kesalahan: " in page
    assert 'value="0812 3456 7890"' in page or "phone" in changes
    assert 'value="Siti Rahmawati"' in page or "full_name" in changes
    assert not Applicant.objects.exists()


def test_a_refused_optional_number_can_be_left_out(signed_in: Any) -> None:
    refused = page_text(add(signed_in, phone="0812 3456 789O"))
    assert "hanya berisi angka" in refused
    assert 'name="without_phone"' in refused
    assert add(signed_in, phone="0812 3456 789O", without_phone="1").status_code == 302
    assert Applicant.objects.get().phone == ""


def test_the_page_names_the_field_that_lost_invisible_characters(signed_in: Any) -> None:
    number = make_nik()
    add(
        signed_in, nik=f"\u202a{number[:4]} {number[4:]}\u202c", full_name="\u2018Aisyah Jose\u0301"
    )
    person = Applicant.objects.get()
    assert (person.identity_number, person.full_name) == (number, "'Aisyah José")
    page = page_text(signed_in.get(reverse("booking:people")))
    assert "sudah kami hapus dari: NIK." in page


def test_the_error_summary_links_to_each_field(signed_in: Any) -> None:
    page = page_text(add(signed_in, full_name="", nik="", birth_date_day="40"))
    for target in ("#id_full_name", "#id_nik", "#id_birth_date_0"):
        assert f'href="{target}"' in page


def test_a_nik_that_contradicts_the_birth_date_warns_only(signed_in: Any) -> None:
    answer = add(signed_in, birth_date_day="7")
    assert Applicant.objects.get().nik_differs
    page = page_text(signed_in.get(reverse("booking:people")))
    assert answer.status_code == 302
    assert "Bawa akta kelahiran" in page
    assert "bawa akta kelahiran" in page


def test_a_foreigner_is_added_with_a_passport(signed_in: Any) -> None:
    answer = add(
        signed_in, identity_kind="passport", identity_number="n 1234567", nationality="MY", nik=""
    )
    assert answer.status_code == 302
    person = Applicant.objects.get()
    assert (person.identity_number, person.nationality) == ("N1234567", "MY")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"nationality": "ID"}, "Pilih salah satu negara"),
        ({"nationality": ""}, "Pilih negara yang menerbitkan paspor"),
        ({"identity_number": "?"}, "huruf dan angka"),
    ],
)
def test_a_wrong_passport_number_is_reported(signed_in: Any, changes: Any, sentence: Any) -> None:
    form = {
        "identity_kind": "passport",
        "identity_number": "N1234567",
        "nationality": "MY",
    } | changes
    answer = add(signed_in, **form)
    assert answer.status_code == 400
    assert sentence in page_text(answer)


def test_a_duplicate_number_is_an_error_at_its_field(signed_in: Any) -> None:
    number = make_nik()
    add(signed_in, nik=number)
    answer = add(signed_in, nik=number)
    assert answer.status_code == 400
    assert 'href="#id_nik"' in page_text(answer)
    assert Applicant.objects.count() == 1


def test_the_list_masks_most_of_a_number(signed_in: Any, account: Any) -> None:
    person = make_person(account)
    page = page_text(signed_in.get(reverse("booking:people")))
    assert person.identity_number not in page
    assert person.identity_number[-4:] in page


def test_a_person_can_be_changed(signed_in: Any, account: Any) -> None:
    person = make_person(account)
    address = reverse("booking:person", args=[person.pk])
    assert person.identity_number in page_text(signed_in.get(address))
    answer = signed_in.post(address, typed(nik=person.identity_number, full_name="Siti Rahma"))
    assert answer["Location"] == reverse("booking:people")
    assert Applicant.objects.get().full_name == "Siti Rahma"


def test_a_booked_person_is_locked_with_a_reason(signed_in: Any, account: Any) -> None:
    person = make_person(account)
    make_booking(person=person)
    address = reverse("booking:person", args=[person.pk])
    answer = signed_in.post(address, typed(nik=person.identity_number, full_name="Orang Lain"))
    assert answer.status_code == 400
    assert "terkunci selama orang ini punya jadwal" in page_text(answer)
    assert 'value="Orang Lain"' in page_text(answer)
    assert Applicant.objects.get().full_name == "Siti Rahmawati"


def test_removing_a_person_asks_for_confirmation(signed_in: Any, account: Any) -> None:
    person = make_person(account)
    address = reverse("booking:person_remove", args=[person.pk])
    signed_in.get(address)
    assert Applicant.objects.filter(removed_at__isnull=True).exists()
    assert signed_in.post(address)["Location"] == reverse("booking:people")
    assert not Applicant.objects.filter(removed_at__isnull=True).exists()


def test_removing_a_booked_person_is_refused_with_alternatives(
    signed_in: Any, account: Any
) -> None:
    person = make_person(account)
    make_booking(person=person)
    answer = signed_in.post(reverse("booking:person_remove", args=[person.pk]))
    assert answer.status_code == 409
    assert reverse("booking:bookings") in page_text(answer)


@pytest.mark.parametrize("name", ["person", "person_remove", "application"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_accounts_person_returns_404(signed_in: Any, name: Any, method: Any) -> None:
    other = make_person()
    answer = getattr(signed_in, method)(reverse(f"booking:{name}", args=[other.pk]))
    assert answer.status_code in (404, 405)
    assert other.full_name not in page_text(answer)
    assert Applicant.objects.get(pk=other.pk).removed_at is None


# --- Applications --------------------------------------------------------------------------------


@pytest.fixture
def fees() -> None:
    for product, amount in {
        "electronic_5": 650_000,
        "electronic_10": 950_000,
        "lost": 1_000_000,
    }.items():
        Fee.objects.create(product=product, amount=amount, valid_from=SINCE, instrument=INSTRUMENT)


def application_url(person: Any, code: Any = "replacement") -> Any:
    return reverse("booking:application_for", args=[person.pk, code])


ANSWERS = {
    "reason": "expired",
    "issued": "since_2009",
    "product": "electronic_10",
    "purpose": "umrah",
    "documents": ["ktp"],
}


def answer_step(client: Any, person: Any, step: str, value: Any, code: str = "replacement") -> Any:
    return client.post(f"{application_url(person, code)}?step={step}", {step: value})


def fill_in(client: Any, person: Any, **changes: Any) -> Any:
    """Answer every question, then declare and save; return the last answer."""
    for step, value in (ANSWERS | changes).items():
        assert answer_step(client, person, step, value).status_code == 302
    return client.post(f"{application_url(person)}?step=check", {"declaration": "on"})


def test_each_service_for_the_person_is_offered(signed_in: Any, account: Any) -> None:
    for code in ("new", "replacement"):
        make_service_type(code)
    make_service_type("stay_permit", group="foreigners")
    person = make_person(account)
    page = page_text(signed_in.get(reverse("booking:application", args=[person.pk])))
    assert application_url(person, "new") in page
    assert application_url(person, "replacement") in page
    assert application_url(person, "stay_permit") not in page


def test_an_application_is_saved_and_can_be_changed(
    signed_in: Any, account: Any, fees: Any
) -> None:
    make_service_type("replacement")
    person = make_person(account)
    assert fill_in(signed_in, person)["Location"] == reverse("booking:people")
    assert not ApplicationDraft.objects.exists()
    fill_in(signed_in, person, purpose="study", documents=[])
    saved = PassportApplication.objects.get()
    assert (saved.issued, saved.declaration) == ("since_2009", "2026-1")
    assert saved.declared_at is not None
    assert (saved.purpose, saved.product, saved.documents) == (
        "study",
        "electronic_10",
        {"ktp": False},
    )


def test_products_and_reasons_are_shown_with_their_fees(
    signed_in: Any, account: Any, fees: Any
) -> None:
    make_service_type("replacement")
    address = application_url(make_person(account))
    assert "ditambah denda Rp 1.000.000" in page_text(signed_in.get(f"{address}?step=reason"))
    assert "Rp 950.000" in page_text(signed_in.get(f"{address}?step=product"))


@pytest.mark.parametrize("field", ["reason", "product", "purpose", "documents"])
@pytest.mark.parametrize("value", ["", "x"])
def test_a_wrong_answer_is_an_error_and_nothing_is_saved(
    signed_in: Any, account: Any, fees: Any, field: Any, value: Any
) -> None:
    make_service_type("replacement")
    person = make_person(account)
    if (field, value) == ("documents", ""):
        value = "paspor-palsu"
    answer = answer_step(signed_in, person, field, value)
    assert answer.status_code == 400
    assert f'href="#id_{field}_0"' in page_text(answer)
    assert not ApplicationDraft.objects.exists()


def test_a_service_for_other_groups_returns_404(signed_in: Any, account: Any) -> None:
    make_service_type("stay_permit", group="foreigners")
    assert signed_in.get(application_url(make_person(account), "stay_permit")).status_code == 404


def test_the_list_shows_missing_applications(signed_in: Any, account: Any, fees: Any) -> None:
    make_service_type("replacement")
    person = make_person(account)
    fill_in(signed_in, person, documents=[])
    assert "Belum siap: KTP" in page_text(signed_in.get(reverse("booking:people")))


def test_the_first_person_begins_with_the_name_of_the_account(signed_in: Any, account: Any) -> None:
    form = signed_in.get(reverse("booking:person_add")).context["form"]
    assert form["full_name"].value() == account.full_name
    assert account.full_name
    add(signed_in)
    form = signed_in.get(reverse("booking:person_add")).context["form"]
    assert form["full_name"].value() is None


@pytest.mark.parametrize("address", ["/akun/", "/bookings/"])
def test_pages_say_where_reminders_cannot_reach(signed_in: Any, account: Any, address: str) -> None:
    sentence = "Pengingat belum dapat sampai"
    headers = {"accept-language": "id"}
    page = signed_in.get(address, headers=headers).content.decode()
    assert sentence in page
    assert f"/akun/kode-verifikasi/?next={address}" in page
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    assert sentence not in signed_in.get(address, headers=headers).content.decode()
