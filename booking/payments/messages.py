"""Messages about payments."""

import datetime as dt
from typing import Any, Final

from django.utils.translation import gettext as _

from booking.payments.models import BankNotice, Bill, BillingCode, PaymentCase
from core.formats import local_time_long, rupiah
from notices.kinds import Action, Context, MessageKind, Row, page_url, register
from notices.services import queue_message
from quotas.places.labels import slot_snapshot, slot_text

PAYMENT: Final = frozenset({"office", "slot", "booking", "amount"})
CODE: Final = PAYMENT | {"billing_code", "valid_until_at", "is_prepaid"}
REVIEWED: Final = PAYMENT | {"why"}
LAPSED: Final = PAYMENT | {"due_at"}


# --- Message contexts ------------------------------------------------------------------------------
def queue_code_message(bill: Bill, code: BillingCode, *, now: dt.datetime) -> None:
    """Queue the billing code with its amount and its deadline."""
    more = {
        "billing_code": code.code,
        "valid_until_at": code.valid_until,
        "is_prepaid": bill.due_at is not None,
    }
    _queue("payment_code", bill, f"{code.pk}", amount=code.amount, now=now, **more)


def queue_due_message(bill: Bill, *, now: dt.datetime) -> None:
    """Queue the message that the application is missing, without which there is no billing code."""
    due_at = bill.due_at or now
    _queue("payment_due", bill, "opened", amount=0, now=now, due_at=due_at)


def queue_received_message(bill: Bill, notice: BankNotice, *, now: dt.datetime) -> None:
    """Queue the confirmation that the fee is paid."""
    _queue("payment_received", bill, f"{notice.pk}", amount=notice.amount, now=now)


def queue_restored_message(bill: Bill, *, amount: int, now: dt.datetime) -> None:
    """Queue the message that a late payment gave the booking its hour back."""
    _queue("payment_restored", bill, now.isoformat(), amount=amount, now=now)


def queue_reviewed_message(case: PaymentCase, *, now: dt.datetime) -> None:
    """Queue the message that a payment is on the office's work list, and why."""
    if case.bill is not None:
        _queue(
            "payment_reviewed", case.bill, f"{case.pk}", amount=case.amount, now=now, why=case.kind
        )


def queue_lapsed_message(bill: Bill, *, amount: int, now: dt.datetime) -> None:
    """Queue the message that an unpaid booking has ended, without sanction."""
    _queue(
        "payment_lapsed", bill, now.isoformat(), amount=amount, now=now, due_at=bill.due_at or now
    )


def queue_refunded_message(case: PaymentCase, *, amount: int, now: dt.datetime) -> None:
    """Queue the message that the office gives money back."""
    if case.bill is not None:
        _queue("payment_refunded", case.bill, f"{case.pk}", amount=amount, now=now)


def _queue(kind: str, bill: Bill, key: str, *, amount: int, now: dt.datetime, **more: Any) -> None:
    booking = bill.booking
    account = booking.account
    if account is None:
        return  # made at the desk: the officer prints the ticket with the code
    queue_message(
        kind=kind,
        dedupe_key=f"{kind}:{bill.pk}:{key}",
        address=account.email,
        language=account.language,
        context={
            "office": booking.office.snapshot(),
            "slot": slot_snapshot(booking.slot, booking.office),
            "booking": booking.code,
            "amount": amount,
            **more,
        },
        about_type="booking",
        about_id=booking.pk,
        office_code=booking.office.code,
        now=now,
    )


# --- Rendering at delivery --------------------------------------------------------------------------
def _rows(context: Context) -> list[Row]:
    return [
        (_("Kode booking"), context["booking"]),
        (_("Kantor"), context["office"]["name"]),
        (_("Waktu"), slot_text(context["slot"])),
        (_("Jumlah"), rupiah(context["amount"])),
    ]


def _code_rows(context: Context) -> list[Row]:
    return [
        (_("Kode billing"), context["billing_code"]),
        (_("Jumlah"), rupiah(context["amount"])),
        (_("Bayar paling lambat"), _moment(context, "valid_until_at")),
        (_("Kode booking"), context["booking"]),
    ]


def _due_rows(context: Context) -> list[Row]:
    return [
        (_("Bayar paling lambat"), _moment(context, "due_at")),
        (_("Kode booking"), context["booking"]),
        (_("Kantor"), context["office"]["name"]),
    ]


def _moment(context: Context, name: str) -> str:
    return local_time_long(context[name], context["office"]["time_zone"])


def _due_texts(context: Context) -> dict[str, str]:
    return {"due_text": _moment(context, "due_at")}


def _open_ticket(context: Context) -> Action:
    return _("Buka tiket"), page_url("booking:ticket", context["booking"])


def _open_receipts(context: Context) -> Action:
    return _("Lihat bukti pembayaran"), page_url("booking:receipt", context["booking"])


def _book_again(context: Context) -> Action:
    return _("Pilih jadwal baru"), page_url("booking:office", context["office"]["code"])


register(
    MessageKind(name="payment_code", keys=CODE, rows=_code_rows, action=_open_ticket),
    MessageKind(
        name="payment_due", keys=LAPSED, rows=_due_rows, texts=_due_texts, action=_open_ticket
    ),
    MessageKind(name="payment_received", keys=PAYMENT, rows=_rows, action=_open_receipts),
    MessageKind(name="payment_restored", keys=PAYMENT, rows=_rows, action=_open_ticket),
    MessageKind(name="payment_reviewed", keys=REVIEWED, rows=_rows, action=_open_ticket),
    MessageKind(
        name="payment_lapsed", keys=LAPSED, rows=_rows, texts=_due_texts, action=_book_again
    ),
    MessageKind(name="payment_refunded", keys=PAYMENT, rows=_rows, action=_open_receipts),
)
