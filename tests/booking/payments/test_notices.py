"""The bank's notices over HTTP: only signed, fresh, new and in rupiah; every refusal is clear JSON."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from booking.payments.models import BankNotice, LedgerEntry
from booking.settlement.errors import (
    NoticeChanged,
    NoticeForged,
    NoticeOutOfOrder,
    NoticeStale,
    NoticeUnreadable,
    OtherCurrency,
)
from booking.settlement.services import Outcome
from core import clock
from tests.booking.payments.world import (
    SOON,
    bill_of,
    book_prepaid,
    code_of,
    notice_body,
    receive,
    signed,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def code() -> str:
    return code_of(book_prepaid()).code


def test_the_same_notice_again_changes_nothing(code: str) -> None:
    body = notice_body(code, notice_id="N-1")
    assert receive(body) == Outcome.PAID
    assert receive(body) == Outcome.RECORDED_BEFORE
    # Signed again by the bank, which heard no answer.
    assert receive(body, now=SOON + timedelta(minutes=9)) == Outcome.RECORDED_BEFORE
    assert LedgerEntry.objects.filter(kind="payment").count() == 1
    with pytest.raises(NoticeChanged):
        receive(notice_body(code, notice_id="N-1", amount=1))


def test_a_notice_that_the_bank_did_not_sign_is_refused(code: str) -> None:
    body = notice_body(code)
    headers = signed(body, at=SOON)
    for change in (
        {"x-bank-signature": ""},
        {"x-bank-signature": "ü" * 64},
        {"x-bank-signature": headers["x-bank-signature"][::-1]},
        {"x-bank-timestamp": "soon"},
        {"x-bank-timestamp": str(int(headers["x-bank-timestamp"]) + 1)},
    ):
        with pytest.raises(NoticeForged):
            receive(body, **change)
    with pytest.raises(NoticeForged):
        receive(notice_body(code, amount=1), **headers)


def test_without_a_secret_every_notice_is_refused(code: str, settings: Any) -> None:
    settings.BANK_NOTICE_SECRET = ""
    with pytest.raises(NoticeForged):
        receive(notice_body(code))


def test_a_notice_sent_again_after_five_minutes_is_refused(code: str) -> None:
    body = notice_body(code)
    headers = signed(body, at=SOON)
    for later in (timedelta(minutes=6), timedelta(minutes=-6)):
        with pytest.raises(NoticeStale):
            receive(body, now=SOON + later, **headers)
    assert not BankNotice.objects.exists()


def test_other_currencies_and_unreadable_notices_record_nothing(code: str) -> None:
    with pytest.raises(OtherCurrency):
        receive(notice_body(code, currency="USD"))
    wrong: list[dict[str, Any]] = [
        {"amount": 650_000.0},
        {"amount": True},
        {"amount": 0},
        {"amount": -5},
        {"amount": 10**30},
        {"billing_code": "12"},
        {"billing_code": 820000000000000},
        {"notice_id": "a b"},
        {"paid_at": "yesterday"},
        {"paid_at": "2026-11-30T10:00:00"},
        {"paid_at": None},
        {"type": "gift"},
        {"more": 1},
    ]
    for values in wrong:
        with pytest.raises(NoticeUnreadable):
            receive(notice_body(code, **values))
    for body in (b"", b"[]", b"\xff\xfe", b"{" * 900, b'"x"'):
        with pytest.raises(NoticeUnreadable):
            receive(body)
    assert not BankNotice.objects.exists()


def test_a_payment_before_its_code_was_issued_is_out_of_order(code: str) -> None:
    with pytest.raises(NoticeOutOfOrder):
        receive(notice_body(code, paid_at=(SOON - timedelta(days=1)).isoformat()))


def test_the_address_answers_in_json(client: Client) -> None:
    now = clock.now()
    booking = book_prepaid(now=now)
    body = notice_body(code_of(booking).code, notice_id="N-7", paid_at=now.isoformat())
    url = reverse("booking:bank_notice")
    send: dict[str, Any] = {"data": body, "content_type": "application/json"}
    answer = client.post(url, **send)
    assert (answer.status_code, answer.json()["code"]) == (401, "notice_forged")
    answer = client.post(url, **send, headers=signed(body))
    assert (answer.status_code, answer.json()) == (
        201,
        {"notice_id": "N-7", "status": "recorded", "outcome": "paid"},
    )
    answer = client.post(url, **send, headers=signed(body))
    assert (answer.status_code, answer.json()["outcome"]) == (200, "recorded_before")
    assert bill_of(booking).is_paid
    assert client.get(url).status_code == 405
