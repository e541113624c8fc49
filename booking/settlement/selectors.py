"""What a ticket, a receipt and the counter show of a payment."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.codes import clean_code
from booking.payments.models import Bill, BillingCode, LedgerEntry
from booking.payments.selectors import bill_of, bills_of, live_code, payments_of
from booking.statuses import Status
from core.errors import NotFound
from offices.directory.models import Office
from offices.limits.models import PaymentRule
from offices.limits.selectors import payment_rule_on

DUE_SHOWN = 500
PAYMENT_STATES: Final = ("no_application", "unpaid", "paid", "over", "credit")


@dataclass(frozen=True)
class PaymentView:
    """The payment of a booking as people read it.

    `state` is one of `PAYMENT_STATES`. `over`: the booking ended without its fee. `credit`: it ended and the
    person's money is still here.
    """

    bill: Bill
    state: str
    code: BillingCode | None
    is_code_valid: bool
    office: Office
    paid: int

    @property
    def is_prepaid(self) -> bool:
        return self.bill.timing == PaymentRule.Timing.PREPAID

    @property
    def code_text(self) -> str:
        """The code in three groups of five digits."""
        digits = self.code.code if self.code else ""
        return "\u00a0".join(digits[place : place + 5] for place in range(0, len(digits), 5))


@dataclass(frozen=True)
class Receipt:
    """One receipt: what was paid or given back, when, and under which number."""

    number: str
    kind: LedgerEntry.Kind
    title: str
    amount: int
    at: dt.datetime
    billing_code: str


def payment_of(booking: Booking, *, now: dt.datetime) -> PaymentView | None:
    """Return the payment of a booking, or None while it has no bill."""
    bill = bill_of(booking.pk)
    return None if bill is None else payment_view(bill, booking.office, now=now)


def payment_view(bill: Bill, office: Office, *, now: dt.datetime) -> PaymentView:
    """Return a bill as people read it. `office` is that of its booking."""
    code = live_code(bill)
    is_valid = code is not None and code.valid_until > now
    return PaymentView(bill, _state(bill), code, is_valid, office, bill.paid)


def own_bill(account_id: int, code: str) -> Bill:
    """Return the bill of one of the account's bookings. Raises NotFound."""
    bill = bills_of(account_id).filter(booking__code=clean_code(code)).first()
    if bill is None:
        raise NotFound
    return bill


def _state(bill: Bill) -> str:
    if bill.is_void:
        return "credit" if bill.balance > 0 else "over"
    if not bill.is_priced:
        return "no_application"
    return "paid" if bill.is_paid else "unpaid"


def is_prepaid_at(booking: Booking) -> bool:
    """True if the booking's fee is paid before the visit."""
    rule = payment_rule_on(booking.office, booking.slot.day)
    return bool(rule.timing == PaymentRule.Timing.PREPAID)


def receipts_of(bill: Bill) -> list[Receipt]:
    """Return the receipts of a bill, oldest first."""
    return [_receipt(entry) for entry in payments_of(bill)]


def _receipt(entry: LedgerEntry) -> Receipt:
    names = {
        LedgerEntry.Kind.PAYMENT: _("Pembayaran"),
        LedgerEntry.Kind.REVERSAL: _("Dibatalkan oleh bank"),
        LedgerEntry.Kind.CARRIED_OUT: _("Dipindahkan ke jadwal lain"),
        LedgerEntry.Kind.CARRIED_IN: _("Dari pembayaran sebelumnya"),
        LedgerEntry.Kind.REFUND: _("Uang dikembalikan"),
    }
    notice, kind = entry.notice, LedgerEntry.Kind(entry.kind)
    return Receipt(
        number=f"P-{entry.pk:08d}",
        kind=kind,
        title=names[kind],
        amount=entry.amount,
        at=notice.paid_at if notice is not None else entry.at,
        billing_code=notice.code if notice is not None else "",
    )


def receipt_context(booking: Booking, *, now: dt.datetime) -> dict[str, Any] | None:
    """Return what the receipt page and its PDF show, or None without a payment."""
    payment = payment_of(booking, now=now)
    if payment is None:
        return None
    return {
        "booking": booking,
        "payment": payment,
        "receipts": receipts_of(payment.bill),
        "product": payment.bill.get_product_display(),
    }


def overdue_booking_ids(now: dt.datetime) -> list[Any]:
    """Return the bookings that were not paid before their deadline, longest overdue first."""
    rows = Bill.objects.filter(
        due_at__lte=now,
        voided_at__isnull=True,
        booking__status=Status.BOOKED,
    ).exclude(product__gt="", balance__gte=0)
    rows = rows.exclude(booking__via=Booking.Via.MOVED_BY_OFFICE)
    return list(rows.order_by("due_at", "pk").values_list("booking_id", flat=True)[:DUE_SHOWN])
