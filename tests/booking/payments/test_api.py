"""The payments API: bills, billing codes, receipts and refunds of the account's own bookings."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from booking.bookings.changes import cancel_booking
from booking.bookings.models import Booking
from booking.payments.models import BillingCode, PaymentCase
from booking.settlement.services import decide_case
from offices.staff.models import Role
from tests.booking.bookings.test_api_client import SchemaClient
from tests.booking.payments.world import (
    LATE,
    PRICE,
    SOON,
    apply,
    bill_of,
    book_prepaid,
    code_of,
    make_prepaid_slot,
    pay,
)
from tests.booking.restrictions.test_api import client_of
from tests.builders import NOW, make_booking, make_officer, make_open_slot, make_person, make_user

pytestmark = pytest.mark.django_db
API = "/api/v1/payments/"


@pytest.fixture
def booking(set_clock: Any) -> Booking:
    set_clock(NOW)
    return book_prepaid()


@pytest.fixture
def client(booking: Booking) -> SchemaClient:
    return client_of(booking.account)


def test_a_bill_names_amount_code_and_deadline(client: SchemaClient, booking: Booking) -> None:
    [row] = client.call("payments_list", query={"limit": 1})
    assert client.answer["X-Total-Count"] == "1"
    due_at = bill_of(booking).due_at
    assert due_at is not None
    deadline = due_at.astimezone(booking.office.zone).isoformat()
    code = {"code": code_of(booking).code, "amount": PRICE, "is_expired": False}
    assert row["billing_code"] == {**code, "valid_until": deadline}
    assert (row["booking"], row["state"], row["timing"]) == (booking.code, "unpaid", "prepaid")
    assert (row["fee"], row["paid"], row["unpaid"], row["due_at"]) == (PRICE, 0, PRICE, deadline)
    assert row["receipts"] == []
    assert client.call("payments_read", code=booking.code) == row


def test_payments_and_refunds_have_receipts(client: SchemaClient, booking: Booking) -> None:
    code = code_of(booking).code
    pay(code)
    pay(code)
    row = client.call("payments_read", code=booking.code)
    assert (row["state"], row["billing_code"], row["unpaid"]) == ("paid", None, 0)
    assert (row["paid"], row["credit"], row["refunded"]) == (2 * PRICE, PRICE, 0)
    assert [(one["kind"], one["amount"]) for one in row["receipts"]] == [("payment", PRICE)] * 2
    assert {one["billing_code"] for one in row["receipts"]} == {code}
    decide_case(
        case_id=PaymentCase.objects.get().pk,
        action="refunded",
        reason="dibayar dua kali",
        by=make_officer(booking.office, Role.SUPERVISOR),
        now=SOON,
    )
    row = client.call("payments_read", code=booking.code)
    assert (row["credit"], row["refunded"]) == (0, PRICE)
    assert (row["receipts"][-1]["kind"], row["receipts"][-1]["amount"]) == ("refund", -PRICE)


def test_every_state_of_a_bill(client: SchemaClient, booking: Booking, set_clock: Any) -> None:
    def state_of(one: Booking) -> Any:
        return client.call("payments_read", code=one.code)["state"]

    person = make_person(booking.account)
    blank = make_booking(make_open_slot(office=booking.office), person=person)
    assert state_of(blank) == "no_application"
    cancel_booking(booking_id=blank.pk, by=booking.account, now=NOW)
    assert state_of(blank) == "over"
    pay(code_of(booking).code)
    assert state_of(booking) == "paid"
    cancel_booking(booking_id=booking.pk, by=booking.account, now=SOON)
    row = client.call("payments_read", code=booking.code)
    assert (row["state"], row["credit"], row["fee"]) == ("credit", PRICE, 0)


def test_an_expired_code_is_renewed_once(
    client: SchemaClient, booking: Booking, set_clock: Any
) -> None:
    path = f"{API}{booking.code}/billing-code/"
    first = code_of(booking).code
    same = client.call("payments_renew_code", code=booking.code)
    assert same["billing_code"]["code"] == first
    set_clock(LATE)
    assert client.call("payments_read", code=booking.code)["billing_code"]["is_expired"]
    renewed = client.call("payments_renew_code", code=booking.code)["billing_code"]
    assert not renewed["is_expired"]
    assert renewed["code"] != first
    assert client.call("payments_renew_code", code=booking.code)["billing_code"] == renewed
    assert BillingCode.objects.count() == 2
    pay(renewed["code"], now=LATE)
    refused = client.http.post(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_pay")


def test_another_account_and_a_visitor_get_nothing(booking: Booking) -> None:
    other, visitor = client_of(make_user()), APIClient()
    assert other.call("payments_list") == []
    for method, path in (
        ("get", f"{API}{booking.code}/"),
        ("post", f"{API}{booking.code}/billing-code/"),
    ):
        assert getattr(other.http, method)(path).status_code == 404
        assert getattr(visitor, method)(path).status_code == 401
    assert visitor.get(API).status_code == 401


def test_a_booking_without_a_bill_has_no_payment(client: SchemaClient, booking: Booking) -> None:
    free = make_booking(person=make_person(booking.account))
    for code in (free.code, "TIDAKADA", "-"):
        assert client.http.get(f"{API}{code}/").status_code == 404
        assert client.http.post(f"{API}{code}/billing-code/").status_code == 404


def test_a_page_of_bills_takes_the_same_queries_as_one_bill(
    set_clock: Any, django_assert_max_num_queries: Any
) -> None:
    set_clock(NOW)
    slot, account = make_prepaid_slot(places=3), make_user()
    for _each in range(3):
        person = make_person(account)
        booking = make_booking(slot, person=person)
        apply(person)
        pay(code_of(booking).code)
    client = client_of(account)
    client.call("payments_list", query={"limit": 1})
    with django_assert_max_num_queries(9) as queries:
        rows = client.call("payments_list")
    assert [len(row["receipts"]) for row in rows] == [1, 1, 1]
    of_tables = [row["sql"] for row in queries.captured_queries if "ledgerentry" in row["sql"]]
    assert len(of_tables) == 1
