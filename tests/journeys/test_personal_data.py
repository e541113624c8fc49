"""Personal data in a real browser without JavaScript: consent for a child, a request answered in time, a deletion."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from booking.bookings.models import Booking
from booking.people.models import Applicant, GuardianConsent
from booking.statuses import Status
from notices.services import deliver_due
from offices.staff.models import Role
from ops.verification.services import verify
from privacy.requests.models import DataRequest
from tests.builders import (
    NOW,
    make_booking,
    make_nik,
    make_officer,
    make_open_office,
    make_open_slot,
    make_person,
    make_user,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Page = Callable[..., Any]
PASSWORD = "kata-sandi-uji-1"
BORN = date(2019, 8, 17)
CORRECTION = "Nama saya Siti, bukan Sita."
CORRECTED = "Nama sudah diperbaiki menurut KTP."


@pytest.fixture(autouse=True)
def _at_now(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


def sign_in(page: Any, account: User) -> None:
    page.goto("/akun/login/")
    page.fill("[name=login]", account.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main .dock button")


def confirm_password(page: Any) -> None:
    """Sensitive pages may require the password again."""
    if "/reauthenticate/" in page.url:
        page.fill("[name=password]", PASSWORD)
        page.click("main .dock button")


def deliver(now: datetime) -> None:
    while deliver_due(now=now + timedelta(minutes=1)):
        pass


def breaches(now: datetime) -> list[Any]:
    return [finding for finding in verify(now=now) if finding.breaches]


# --- A guardian ---------------------------------------------------------------------------------
def test_a_guardian_consents_books_and_withdraws(new_page: Page) -> None:
    make_open_office("palembang", now=NOW)
    account = make_user("wali@contoh.id")
    page = new_page(java_script_enabled=False)
    sign_in(page, account)
    add_child(page)
    child = Applicant.objects.get(account=account)
    consent = GuardianConsent.objects.get(applicant=child)
    assert (consent.account, consent.way, consent.withdrawn_at) == (account, "page", None)

    book_child(page)
    assert Booking.objects.get(applicant=child).status == Status.BOOKED

    page.goto(f"/people/{child.pk}/")
    assert page.is_checked("[name=guardian]")
    page.uncheck("[name=guardian]")
    page.click("main .dock button")
    consent.refresh_from_db()
    assert consent.withdrawn_at is not None
    assert Booking.objects.get(applicant=child).status == Status.BOOKED
    assert breaches(NOW) == []


def add_child(page: Any) -> None:
    page.goto("/people/add/")
    page.fill("[name=full_name]", "Bagas Rahmawan")
    page.fill("[name=nik]", make_nik(born=BORN, is_woman=False))
    for name, value in (("day", BORN.day), ("month", BORN.month), ("year", BORN.year)):
        page.fill(f"[name=birth_date_{name}]", str(value))
    page.check("[name=sex][value=male]")
    page.click("main .dock button")
    assert page.locator(".errors a[href='#id_guardian']").count() == 1
    assert not Applicant.objects.exists()
    assert page.input_value("[name=full_name]") == "Bagas Rahmawan"
    page.check("[name=guardian]")
    page.click("main .dock button")


def book_child(page: Any) -> None:
    page.goto("/")
    page.click(".opens a.btn")
    page.locator("[name=slot]").first.check()
    page.click("main .dock button")
    page.click("main .dock button")
    assert page.locator(".messages .banner--good").count() == 1


# --- A request for correction -------------------------------------------------------------------
def test_a_supervisor_answers_a_request_in_time(
    new_page: Page, live_server: Any, mailbox: Any, set_clock: Callable[[datetime], None]
) -> None:
    office = make_open_office(places=20)
    account = make_user("siti@contoh.id")
    person = make_person(account, full_name="Sita Rahmawati")
    make_booking(make_open_slot(office=office), person=person)
    phone = new_page(java_script_enabled=False)
    sign_in(phone, account)
    ask_for_correction(phone)
    row = DataRequest.objects.get()

    answered_at = NOW + timedelta(hours=50)
    set_clock(answered_at)
    desk = new_page(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    sign_in_officer(desk, make_officer(office, Role.SUPERVISOR), live_server.url)
    desk.goto("/admin/data-requests/")
    assert "22 jam lagi" in desk.inner_text("#content").replace("\u00a0", " ")
    desk.click(f"#content a[href*='/data-requests/{row.pk}/']")
    assert CORRECTION in desk.inner_text("#content")
    correct_and_answer(desk, person)
    row.refresh_from_db()
    assert row.status == "done"
    assert answered_at < row.due_at
    person.refresh_from_db()
    assert person.full_name == "Siti Rahmawati"

    phone.goto("/akun/data/")
    assert CORRECTED in phone.inner_text("main")
    deliver(answered_at)
    assert "privacy_answered" in [email.kind for email in mailbox.emails]
    assert breaches(answered_at) == []


def ask_for_correction(phone: Any) -> None:
    phone.goto("/akun/data/")
    phone.click("main a[href$='/perbaikan/']")
    phone.fill("[name=text]", CORRECTION)
    phone.click("main .dock button")
    assert "Dijawab paling lambat" in phone.inner_text("main")


def sign_in_officer(desk: Any, officer: User, url: str) -> None:
    client = Client()
    client.force_login(officer)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    desk.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": url}])


def correct_and_answer(desk: Any, person: Applicant) -> None:
    desk.click(f"#content a[href$='/people/{person.pk}/']")
    desk.fill("[name=full_name]", "Siti Rahmawati")
    desk.click("#content button.btn--main")
    desk.click("[name=grant]")  # an answer without words is refused
    assert DataRequest.objects.get().status != "done"
    desk.fill("[name=answer]", CORRECTED)
    desk.click("[name=grant]")
    assert "dipenuhi" in desk.inner_text("#content")


# --- Export and deletion ------------------------------------------------------------------------
def test_a_person_exports_and_deletes(new_page: Page, mailbox: Any) -> None:
    account = make_user("siti@contoh.id")
    person = make_person(account)
    page = new_page(java_script_enabled=False)
    sign_in(page, account)
    number = person.identity_number
    assert number in json.dumps(json.loads(export(page, "json").read_text()))
    assert export(page, "pdf").read_bytes().startswith(b"%PDF")

    page.goto("/akun/data/hapus/")
    confirm_password(page)
    page.check("[name=what][value=account]")
    page.click("main form .btn--bad")
    assert Applicant.objects.filter(full_name=person.full_name).exists()  # not confirmed yet
    page.check("[name=what][value=account]")
    page.check("[name=is_sure]")
    page.click("main form .btn--bad")
    assert not Applicant.objects.exclude(full_name="").exists()
    deliver(NOW)
    assert "privacy_answered" in [email.kind for email in mailbox.emails]

    page.goto("/akun/data/")
    assert "/akun/login/" in page.url
    sign_in(page, account)
    assert "/akun/login/" in page.url
    assert breaches(NOW) == []


def export(page: Any, kind: str) -> Path:
    page.goto("/akun/data/")
    page.click("main a[href$='/unduh/']")
    confirm_password(page)
    with page.expect_download() as download:
        page.click(f"main button[name=format][value={kind}]")
    return Path(download.value.path())
