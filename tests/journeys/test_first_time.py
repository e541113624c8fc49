"""A first-time applicant without JavaScript: from home through the finder to the ticket."""

from collections.abc import Callable
from typing import Any

import pytest

from booking.bookings.models import Booking
from core import clock
from tests.booking.applications.national import make_services
from tests.builders import make_nik, make_open_office

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
ANSWERS = (
    "Warga negara Indonesia (WNI)",
    "17 sampai 59 tahun",
    "Belum pernah punya paspor",
    "Umrah atau haji",
    "Tidak, beberapa hari kerja cukup",
)


def send(page: Any) -> None:
    """Press the main button of a page's form and wait for the answer."""
    with page.expect_navigation():
        page.click("main .dock button")


def text(page: Any) -> str:
    return " ".join(page.inner_text("main").split())


def answer_the_finder(page: Any) -> None:
    page.goto("/")
    page.click("text=Cek berkas dan biaya Anda")
    for answer in ANSWERS:
        page.click(f"main a:has-text('{answer}')")
    shown = text(page)
    for part in (
        "Paspor baru",
        "KTP elektronik",
        "Kartu Keluarga (KK)",
        "Tidak diperlukan lagi: Surat rekomendasi umrah atau haji",
        "Rp 950.000",
        "Berlaku 10 tahun.",
        "Selesai 4 hari kerja setelah wawancara.",
        "Ya, pesan jam di salah satu kantor di bawah.",
        "Kantor Imigrasi Palembang",
    ):
        assert part in shown, part
    page.click("text=Mulai dengan Paspor elektronik 10 tahun")


def sign_up(page: Any) -> None:
    page.click("main a[href*='/akun/signup/']")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=email]", "siti@contoh.id")
    page.fill("[name=password1]", "pagi-hujan-88")
    send(page)
    page.fill("[name=password]", "pagi-hujan-88")
    send(page)


def add_oneself(page: Any) -> None:
    assert "Jawaban Anda ikut terisi." in text(page)
    page.click("text=Isi data orang")
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=nik]", make_nik())
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        page.fill(f"[name=birth_date_{name}]", value)
    page.check("[name=sex][value=female]")
    send(page)
    page.click("main form button:has-text('Isi permohonan')")


def finish_application(page: Any) -> None:
    """Only the documents are still open: product and purpose come from the finder."""
    assert "Berkas yang sudah siap" in text(page)
    for box in page.locator("[name=documents]").all():
        box.check()
    send(page)
    shown = text(page)
    assert "Paspor elektronik 10 tahun, Rp 950.000" in shown
    assert "Umrah atau haji" in shown
    page.check("[name=declaration]")
    send(page)
    assert "Permohonan Siti R. tersimpan." in text(page)


def test_a_newcomer_goes_from_the_finder_to_the_ticket(new_page: Callable[..., Any]) -> None:
    make_services()
    make_open_office("palembang", now=clock.now())
    page = new_page(java_script_enabled=False, locale="id-ID")
    page.set_default_timeout(60_000)
    answer_the_finder(page)
    sign_up(page)
    add_oneself(page)
    finish_application(page)
    page.goto("/")
    with page.expect_navigation():
        page.click(".opens a.btn")
    page.locator("[name=slot]").first.check()
    send(page)
    send(page)
    shown = text(page)
    booking = Booking.objects.get()
    assert booking.code in page.inner_text(".ticket__code").replace(" ", "")
    for part in ("Anda siap untuk", "KTP elektronik", "Kartu Keluarga (KK)", "Biaya Rp 950.000"):
        assert part in shown, part
    assert "Yang masih kurang" not in shown
