"""A late payment gives the hour back, a second one is refunded: what the applicant and the supervisor read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from booking.payments.models import BillingCode
from booking.settlement.tasks import expire_unpaid_bookings
from notices.models import Message
from offices.staff.models import Role
from ops.verification.services import verify
from tests.booking.payments.world import apply, make_prepaid_slot
from tests.builders import NOW, make_booking, make_officer, make_person
from tests.journeys.test_applicant import follow
from tests.journeys.test_waiting_list import sign_in
from tests.outbox import text_of
from tests.pdf import text_of_pdf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Page = Callable[..., Any]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def main_of(page: Any) -> str:
    return str(page.inner_text("main")).replace("\xa0", " ")


def pay_at_the_bank(page: Any, way: str = "exact") -> str:
    follow(page, f"main button[value={way}]")
    return main_of(page)


def press(page: Any, key: str) -> None:
    """Press a key that sends a form, and wait for the answer."""
    with page.expect_navigation():
        page.keyboard.press(key)


def refund_the_second_payment(desk: Any) -> None:
    """As the supervisor: a decision needs its reason."""
    desk.goto("/admin/payments/")
    follow(desk, "text=Dibayar dua kali")
    desk.check("input[value=refunded]")
    press(desk, "F6")
    assert "Tulis alasannya" in desk.inner_text("body")
    desk.check("input[value=refunded]")
    desk.fill("textarea[name=reason]", "dua kali dibayar, bukti bank dilihat")
    press(desk, "F6")
    assert "Keputusan dicatat" in desk.inner_text("body")


def test_a_late_payment_gives_the_hour_back_and_a_second_is_refunded(
    new_page: Page, live_server: Any, set_clock: Any
) -> None:
    set_clock(NOW)
    slot = make_prepaid_slot(places=1)
    person = make_person()
    booking = make_booking(slot, person=person)
    page = new_page(java_script_enabled=False)
    sign_in(page, person.account, live_server.url)
    ticket = f"/bookings/{booking.code}/"
    page.goto(ticket)
    assert "Isi permohonan agar kode billing terbit" in main_of(page)
    assert "Senin, 23 November 2026 pukul 12.00" in main_of(page)
    apply(person)
    code = BillingCode.objects.get(withdrawn_at=None)
    page.goto(ticket)
    content = main_of(page)
    for sentence in ("Belum dibayar", f"{code.code[:5]} {code.code[5:10]}", "Rp 650.000"):
        assert sentence in content
    follow(page, "main a[href*='/demo/bank/']")

    set_clock(NOW + 2 * HOUR + MINUTE)
    expire_unpaid_bookings()
    reader = new_page(java_script_enabled=False)
    sign_in(reader, person.account, live_server.url)
    reader.goto(ticket)
    assert "Lewat batas waktu" in main_of(reader)
    assert "Uang Anda tidak hilang" in main_of(reader)

    # The bank was slow: the form was opened in time and sent too late.
    assert '"outcome": "restored"' in pay_at_the_bank(page)
    reader.goto(ticket)
    assert "Terjadwal" in main_of(reader)
    assert "Biaya Rp 650.000 sudah kami terima" in main_of(reader)
    assert "jadwal Anda berlaku lagi" in text_of(Message.objects.get(kind="payment_restored"))

    assert '"code": "notice_forged"' in pay_at_the_bank(page, "forged")
    assert '"code": "other_currency"' in pay_at_the_bank(page, "currency")
    assert '"code": "notice_stale"' in pay_at_the_bank(page, "old")
    assert '"outcome": "recorded_before"' in pay_at_the_bank(page, "repeated")
    assert '"outcome": "review"' in pay_at_the_bank(page)
    reader.goto(ticket)
    assert "Ada kelebihan Rp 650.000" in main_of(reader)

    desk = new_page()
    sign_in(desk, make_officer(slot.office, Role.SUPERVISOR), live_server.url)
    refund_the_second_payment(desk)

    reader.goto(ticket)
    follow(reader, "text=Lihat bukti pembayaran")
    assert "Uang dikembalikan" in main_of(reader)
    with reader.expect_download() as download:
        reader.click("text=Unduh sebagai PDF")
    assert "Rp 650.000" in text_of_pdf(download.value.path().read_bytes()).replace("\xa0", " ")
    assert not [row for row in verify(now=NOW + 3 * HOUR) if row.breaches and row.law != 9]
