"""An office where the fee is paid, bookings with bills, and notices of the bank."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from booking.applications.services import ApplicationData, save_application
from booking.bookings.models import Booking
from booking.payments.models import BankNotice, Bill, BillingCode
from booking.people.models import Applicant
from booking.settlement.notices import BankMessage, signature_of
from booking.settlement.services import Outcome, receive_notice, record_message
from core import clock
from offices.directory.models import Fee, Office
from offices.limits.models import PaymentRule
from quotas.places.models import Slot
from tests.builders import INSTRUMENT, NOW, SINCE, make_booking, make_open_slot, make_person

PRICE = 650_000
HOURS = 2
SOON = NOW + timedelta(minutes=30)
LATE = NOW + timedelta(hours=HOURS, minutes=30)


def make_fees() -> None:
    for product, amount in (
        ("electronic_5", PRICE),
        ("electronic_10", 950_000),
        ("lost", 1_000_000),
    ):
        Fee.objects.get_or_create(
            product=product,
            defaults={"amount": amount, "valid_from": SINCE, "instrument": INSTRUMENT},
        )


def make_payment_rule(office: Office, timing: str = "prepaid", hours: int = HOURS) -> PaymentRule:
    return PaymentRule.objects.create(
        office=office, timing=timing, hours=hours, valid_from=SINCE, instrument=INSTRUMENT
    )


def make_prepaid_slot(*, places: int = 2, now: datetime = NOW) -> Slot:
    make_fees()
    slot = make_open_slot(places=places, now=now)
    make_payment_rule(slot.office)
    return slot


def apply(person: Applicant, *, now: datetime = NOW, **answers: Any) -> None:
    """Fill in the person's application, as their account does."""
    data = {
        "service_type": "new",
        "reason": "first",
        "purpose": "holiday",
        "product": "electronic_5",
        "is_declared": True,
        **answers,
    }
    save_application(
        applicant_id=person.pk, by=person.account, data=ApplicationData(**data), now=now
    )


def book_prepaid(slot: Slot | None = None, *, now: datetime = NOW) -> Booking:
    """A booking whose fee is to be paid before the visit, with its billing code."""
    slot = slot or make_prepaid_slot(now=now)
    person = make_person(now=now)
    booking = make_booking(slot, person=person, now=now)
    apply(person, now=now)
    return booking


def bill_of(booking: Booking) -> Bill:
    return Bill.objects.get(booking=booking)


def code_of(booking: Booking) -> BillingCode:
    return BillingCode.objects.get(bill__booking=booking, withdrawn_at=None)


def message_for(
    code: str, *, amount: int = PRICE, at: datetime = SOON, **values: Any
) -> BankMessage:
    return BankMessage(
        **{
            "notice_id": f"N-{uuid4().hex[:12]}",
            "kind": "payment",
            "code": code,
            "amount": amount,
            "paid_at": at,
            **values,
        }
    )


def pay(code: str, *, amount: int = PRICE, now: datetime = SOON, **values: Any) -> Outcome:
    message = message_for(code, amount=amount, at=now, **values)
    return record_message(message, channel=BankNotice.Channel.NETWORK, now=now)


def notice_body(code: str, **values: Any) -> bytes:
    """The body of a notice, as the bank sends it."""
    data = {
        "notice_id": f"N-{uuid4().hex[:12]}",
        "type": "payment",
        "billing_code": code,
        "amount": PRICE,
        "currency": "IDR",
        "paid_at": SOON.isoformat(),
        **values,
    }
    return json.dumps(data).encode()


def signed(body: bytes, *, at: datetime | None = None) -> dict[str, str]:
    """The headers with which the bank signs a body."""
    timestamp = str(int((at or clock.now()).timestamp()))
    return {"x-bank-timestamp": timestamp, "x-bank-signature": signature_of(body, timestamp)}


def receive(body: bytes, *, now: datetime = SOON, **headers: str) -> Outcome:
    values = {**signed(body, at=now), **headers}
    _message, outcome = receive_notice(
        body,
        timestamp=values["x-bank-timestamp"],
        signature=values["x-bank-signature"],
        now=now,
    )
    return outcome
