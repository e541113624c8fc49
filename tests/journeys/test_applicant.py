"""The applicant's story in a real browser without JavaScript: from signing up to giving the place back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from booking.models import Booking, Status
from offices.models import Fee
from quotas.models import Place
from tests.builders import INSTRUMENT, SINCE, make_nik, make_open_office

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def office() -> Any:
    """An office with open days, whatever day the tests run on."""
    for product, amount in {"electronic_5": 650_000, "electronic_10": 950_000}.items():
        Fee.objects.create(product=product, amount=amount, valid_from=SINCE, instrument=INSTRUMENT)
    return make_open_office("palembang", now=datetime.now(UTC))


def sign_up(page: Any) -> None:
    page.goto("/akun/signup/")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=email]", "siti@contoh.id")
    page.fill("[name=password1]", "pagi-hujan-88")
    page.locator("main form button").click()


def add_person(page: Any) -> None:
    page.goto("/people/")
    page.click("main a[href*='/people/add/']")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=nik]", make_nik()[:15])
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        page.fill(f"[name=birth_date_{name}]", value)
    page.check("[name=sex][value=female]")
    page.click("text=Simpan dan lanjut")
    assert "NIK baru 15 angka" in page.locator(".errors").inner_text()
    assert page.title().startswith("Kesalahan: ")
    assert page.input_value("[name=full_name]") == "Siti Rahmawati"
    page.fill("[name=nik]", make_nik())
    page.click("text=Simpan dan lanjut")


def prepare_application(page: Any) -> None:
    page.click("main h2 a:text-is('replacement')")
    page.check("[name=reason][value=expired]")
    page.check("[name=product][value=electronic_10]")
    page.check("[name=purpose][value=umrah]")
    page.check("[name=documents][value=ktp]")
    page.click("text=Simpan permohonan")
    assert "Semua berkas siap" in page.inner_text("main")


def book_in_three_taps(page: Any) -> str:
    """From home to the ticket; what was prepared is chosen already. Returns the booking code."""
    page.goto("/")
    page.click(".opens a.btn")  # 1: the hours of the first day with a place; the first is chosen
    page.click("text=Lanjut dengan jam ini")  # 2
    page.click("text=Pesan tempat ini")  # 3
    assert "Tempat ini milik Anda" in page.inner_text(".messages")
    return str(page.inner_text(".ticket__code"))


def reschedule(page: Any) -> None:
    page.click("main a:text-is('Jadwal ulang')")
    page.locator(".day[data-state=open] a").last.click()
    page.click("text=Pindah ke jam ini")
    assert "Kode booking Anda tetap sama" in page.inner_text(".messages")


def cancel(page: Any) -> None:
    page.click("main a:text-is('Batalkan')")
    page.click("main button:text-is('Batalkan jadwal')")
    assert "Dibatalkan" in page.inner_text(".ticket")


def test_from_signing_up_to_giving_the_place_back(
    office: Any, new_page: Callable[..., Any], live_server: Any
) -> None:
    page = new_page(java_script_enabled=False)
    sign_up(page)
    add_person(page)
    prepare_application(page)
    code = book_in_three_taps(page)
    booking = Booking.objects.get(code=code)
    assert booking.status == Status.BOOKED
    assert booking.application is not None
    assert booking.account.email == "siti@contoh.id"

    with page.expect_download() as download:
        page.click("text=Simpan ke kalender")
    assert download.value.suggested_filename == f"{code}.ics"

    old_place = booking.place_id
    reschedule(page)
    booking.refresh_from_db()
    assert booking.place_id != old_place
    assert Place.objects.get(pk=old_place).holder is None
    assert page.inner_text(".ticket__code") == code
    assert page.locator("main a:text-is('Jadwal ulang')").count() == 0

    cancel(page)
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert not Place.objects.filter(holder=booking.pk).exists()


def test_someone_without_an_account_keeps_the_hour_they_chose(
    office: Any, new_page: Callable[..., Any]
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.click(".opens a.btn")
    page.click("text=Lanjut dengan jam ini")
    assert "/akun/login/" in page.url
    page.click("main a[href*='signup']")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=email]", "siti@contoh.id")
    page.fill("[name=password1]", "pagi-hujan-88")
    page.locator("main form button").click()
    assert re.search(r"/book/\d+/", page.url)
    page.click("main .empty a.btn")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=nik]", make_nik())
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        page.fill(f"[name=birth_date_{name}]", value)
    page.check("[name=sex][value=female]")
    page.click("text=Simpan dan lanjut")
    assert re.search(r"/book/\d+/", page.url)
    page.click("text=Pesan tempat ini")
    assert page.locator(".ticket").count() == 1
    assert Booking.objects.get().slot.starts_at > datetime.now(UTC) + timedelta(hours=1)


def test_by_keyboard_alone_an_hour_is_chosen_and_booked(
    office: Any, new_page: Callable[..., Any]
) -> None:
    page = new_page()
    sign_up(page)
    add_person(page)
    page.goto("/")
    page.locator(".opens a.btn").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=slot]:checked")
    page.locator("[name=slot]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/book/\d+/"))
    page.locator(".dock button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".ticket")
    assert Booking.objects.count() == 1
