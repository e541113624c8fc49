"""An applicant in a real browser without JavaScript: from sign-up to cancelling."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from booking.bookings.models import Booking
from booking.statuses import Status
from core import clock
from offices.directory.models import Fee
from quotas.places.models import Place
from tests.builders import INSTRUMENT, SINCE, make_nik, make_open_office

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.fixture
def office() -> Any:
    """An office with open days, whatever day the tests run on."""
    for product, amount in {"electronic_5": 650_000, "electronic_10": 950_000}.items():
        Fee.objects.create(product=product, amount=amount, valid_from=SINCE, instrument=INSTRUMENT)
    return make_open_office("palembang", now=clock.now())


READERS = {
    "Indonesian, light": {"locale": "id-ID", "color_scheme": "light"},
    "English, dark": {"locale": "en-GB", "color_scheme": "dark"},
}
TEXTS = {
    "id-ID": {"wrong": "Kesalahan: ", "ready": "Semua berkas siap", "given_back": "Dibatalkan"},
    "en-GB": {"wrong": "Error: ", "ready": "All documents are ready", "given_back": "Cancelled"},
}


def send(page: Any) -> None:
    """Press the main button of a page's form and wait for the answer."""
    with page.expect_navigation():
        page.click("main .dock button")


def follow(page: Any, selector: str) -> None:
    """Follow the first such link and wait for its page: the page before may have the same buttons."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def choose_last_day(page: Any) -> None:
    """Choose the last day with a place and wait for its hours."""
    with page.expect_navigation():
        page.locator(".day[data-state=open] a").last.click()


def choose_hour(page: Any) -> None:
    """Choose the first hour; none is chosen beforehand."""
    assert page.locator("[name=slot]:checked").count() == 0
    page.locator("[name=slot]").first.check()
    send(page)


def sign_up(page: Any) -> None:
    page.goto("/akun/signup/")
    fill_account(page)


def fill_account(page: Any) -> None:
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=email]", "siti@contoh.id")
    page.fill("[name=password1]", "pagi-hujan-88")
    send(page)
    assert page.input_value("[name=login]") == "siti@contoh.id"
    page.fill("[name=password]", "pagi-hujan-88")
    send(page)


def fill_person(page: Any, nik: str) -> None:
    page.fill("[name=full_name]", "Siti Rahmawati")
    page.fill("[name=nik]", nik)
    for name, value in (("day", "6"), ("month", "2"), ("year", "1990")):
        page.fill(f"[name=birth_date_{name}]", value)
    page.check("[name=sex][value=female]")
    send(page)


def add_person(page: Any, texts: dict[str, str]) -> None:
    page.goto("/people/")
    page.click("main a[href*='/people/add/']")
    fill_person(page, make_nik()[:15])
    assert page.locator(".errors a[href='#id_nik']").count() == 1
    assert page.title().startswith(texts["wrong"])
    assert page.input_value("[name=full_name]") == "Siti Rahmawati"
    page.fill("[name=nik]", make_nik())
    send(page)


def prepare_application(page: Any, texts: dict[str, str]) -> None:
    page.click("main h2 a[href*='/replacement/']")
    for question, answer in (
        ("reason", "expired"),
        ("issued", "since_2009"),
        ("product", "electronic_10"),
        ("purpose", "umrah"),
        ("documents", "ktp"),
    ):
        page.check(f"[name={question}][value={answer}]")
        send(page)
    page.check("[name=declaration]")
    send(page)
    assert texts["ready"] in page.inner_text("main")


def book_in_four_taps(page: Any) -> str:
    """Go from home to the ticket; the prepared person is preselected. Returns the booking code."""
    page.goto("/")
    follow(page, ".opens a.btn")  # 1: the slots of the first day with a place
    choose_hour(page)  # 2, 3
    send(page)  # 4
    assert page.locator(".messages .banner--good").count() == 1
    return str(page.inner_text(".ticket__code"))


def reschedule(page: Any) -> None:
    follow(page, "main a[href$='/reschedule/']")
    choose_last_day(page)
    choose_hour(page)
    assert page.locator(".messages .banner--good").count() == 1


def cancel(page: Any, texts: dict[str, str]) -> None:
    page.click("main a[href$='/cancel/']")
    page.click("main form .btn--bad")
    assert texts["given_back"] in page.inner_text(".ticket")


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_an_applicant_signs_up_books_and_cancels(
    office: Any, new_page: Callable[..., Any], reader: dict[str, str]
) -> None:
    page = new_page(java_script_enabled=False, **reader)
    page.set_default_timeout(60_000)
    texts = TEXTS[reader["locale"]]
    sign_up(page)
    add_person(page, texts)
    prepare_application(page, texts)
    code = book_in_four_taps(page)
    booking = Booking.objects.get(code=code)
    assert booking.status == Status.BOOKED
    assert booking.application is not None
    assert booking.account.email == "siti@contoh.id"
    assert booking.account.language == reader["locale"][:2]

    with page.expect_download() as download:
        page.click("main a[href$='.ics']")
    assert download.value.suggested_filename == f"{code}.ics"

    old_place = booking.place_id
    reschedule(page)
    booking.refresh_from_db()
    assert booking.place_id != old_place
    assert Place.objects.get(pk=old_place).holder is None
    assert page.inner_text(".ticket__code") == code
    assert page.locator("main a[href$='/reschedule/']").count() == 0

    cancel(page, texts)
    booking.refresh_from_db()
    assert booking.status == Status.CANCELLED
    assert not Place.objects.filter(holder=booking.pk).exists()


def test_signing_up_preserves_the_chosen_slot(office: Any, new_page: Callable[..., Any]) -> None:
    page = new_page(java_script_enabled=False)
    page.set_default_timeout(60_000)
    page.goto("/")
    follow(page, ".opens a.btn")
    hour = page.inner_text(".slot:has(input) b >> nth=0")
    choose_hour(page)
    assert "/akun/login/" in page.url
    assert hour.split()[0] in page.inner_text("main .banner")
    assert "belum ditahan" in page.inner_text("main .banner")
    follow(page, "main a[href*='signup']")
    fill_account(page)
    assert re.search(r"/book/\d+/", page.url)
    follow(page, "main .empty a.btn")
    fill_person(page, make_nik())
    assert re.search(r"/book/\d+/", page.url)
    send(page)
    assert page.locator(".ticket").count() == 1
    assert Booking.objects.get().slot.starts_at > clock.now() + timedelta(hours=1)


def tab_to(page: Any, selector: str) -> None:
    """Press Tab until the selected element has the focus."""
    for _press in range(150):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab leads to {selector}")


def test_a_slot_can_be_booked_by_keyboard(office: Any, new_page: Callable[..., Any]) -> None:
    page = new_page()
    page.set_default_timeout(60_000)
    sign_up(page)
    add_person(page, TEXTS["id-ID"])
    page.goto("/")
    tab_to(page, ".opens a.btn")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=slot]")
    tab_to(page, "[name=slot]")
    page.keyboard.press("ArrowDown")
    tab_to(page, ".dock button")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/book/\d+/"))
    tab_to(page, ".dock button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ticket")
    assert Booking.objects.get().status == Status.BOOKED
