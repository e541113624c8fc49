"""The API of payments: the bills of the account's bookings, their billing codes and receipts."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.payments.models import Bill, LedgerEntry
from booking.payments.selectors import bills_of
from booking.settlement import selectors, services
from booking.settlement.selectors import PAYMENT_STATES, PaymentView, Receipt
from core import clock
from core import serializer_fields as fields
from core.api import PAGE_PARAMETERS, conflict, page_of
from offices.limits.models import PaymentRule

# Charges of the fee are no receipts.
RECEIPT_KINDS = [kind for kind in LedgerEntry.Kind.values if kind != LedgerEntry.Kind.CHARGE]


class BillingCodeOutput(serializers.Serializer):
    """The code under which the bank accepts exactly this amount."""

    code = fields.CharField(source="code.code", help_text="15 digits.")
    amount = fields.IntegerField(source="code.amount", help_text="Rupiah.")
    valid_until = serializers.SerializerMethodField(help_text="The deadline of the payment.")
    is_expired = serializers.SerializerMethodField(help_text="If true, ask for a new code.")

    def get_valid_until(self, payment: PaymentView) -> dt.datetime:
        assert payment.code is not None  # PaymentOutput.get_billing_code
        return payment.code.valid_until.astimezone(payment.office.zone)

    def get_is_expired(self, payment: PaymentView) -> bool:
        return not payment.is_code_valid


class ReceiptOutput(serializers.Serializer):
    """One movement of the person's money. `refund`: the office gives it back."""

    number = fields.CharField()
    kind = serializers.ChoiceField(RECEIPT_KINDS)
    amount = fields.IntegerField(help_text="Rupiah; below zero if the money leaves this bill.")
    at = serializers.SerializerMethodField()
    billing_code = fields.CharField(allow_blank=True)

    def get_at(self, receipt: Receipt) -> dt.datetime:
        return receipt.at.astimezone(self.context["zone"])


class PaymentOutput(serializers.Serializer):
    """What one booking costs and what was paid. Amounts are whole rupiah.

    `no_application`: there is no fee and no code until the application names a product. `over`: the booking
    ended without its fee. `credit`: it ended and the person's money is still here; the next booking of the same
    person uses it, or an officer gives it back.
    """

    booking = fields.CharField(source="bill.booking.code")
    office = fields.CharField(source="office.code")
    applicant = fields.IntegerField(source="bill.booking.applicant_id")
    state = serializers.ChoiceField(PAYMENT_STATES)
    timing = serializers.ChoiceField(PaymentRule.Timing.choices, source="bill.timing")
    product = fields.CharField(
        source="bill.product",
        allow_blank=True,
        help_text="As in the application; empty while it names none.",
    )
    fee = fields.IntegerField(source="bill.charged")
    paid = fields.IntegerField()
    unpaid = fields.IntegerField(source="bill.unpaid")
    credit = serializers.SerializerMethodField(help_text="Money without a fee, not lost.")
    refunded = serializers.SerializerMethodField(help_text="What the office gives back.")
    due_at = serializers.SerializerMethodField(
        help_text="Until then the booking is kept unpaid; null if the fee is paid after the interview."
    )
    billing_code = serializers.SerializerMethodField(help_text="Null if nothing is to be paid now.")
    receipts = serializers.SerializerMethodField()

    def get_credit(self, payment: PaymentView) -> int:
        return max(payment.bill.balance, 0)

    def get_refunded(self, payment: PaymentView) -> int:
        rows = selectors.receipts_of(payment.bill)
        return -sum(row.amount for row in rows if row.kind == LedgerEntry.Kind.REFUND)

    def get_due_at(self, payment: PaymentView) -> dt.datetime | None:
        return payment.bill.due_at and payment.bill.due_at.astimezone(payment.office.zone)

    @extend_schema_field(BillingCodeOutput(allow_null=True))
    def get_billing_code(self, payment: PaymentView) -> Any:
        return None if payment.code is None else BillingCodeOutput(payment).data

    @extend_schema_field(ReceiptOutput(many=True))
    def get_receipts(self, payment: PaymentView) -> Any:
        rows = selectors.receipts_of(payment.bill)
        return ReceiptOutput(rows, many=True, context={"zone": payment.office.zone}).data


class PaymentsView(APIView):
    """The bills of the account's bookings."""

    @extend_schema(
        operation_id="payments_list",
        tags=["payments"],
        summary="The bills of this account's bookings, the latest first",
        parameters=PAGE_PARAMETERS,
        responses=PaymentOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        return page_of(request, bills_of(request.user.pk), PaymentOutput, shown=_payments)


class PaymentOfBookingView(APIView):
    """The bill of one of the account's bookings. Another account's bill is not found."""

    @extend_schema(
        operation_id="payments_read",
        tags=["payments"],
        summary="The bill of one booking; not found while nothing is to be paid for it in this system",
        responses=PaymentOutput,
    )
    def get(self, request: SignedInApiRequest, code: str) -> Response:
        return _payment_answer(request, code)


class NewBillingCodeView(APIView):
    """A new billing code instead of an expired one."""

    @extend_schema(
        operation_id="payments_renew_code",
        tags=["payments"],
        summary="Ask for a valid billing code; one that is still valid stays",
        request=None,
        responses={200: PaymentOutput, 409: conflict("`nothing_to_pay`")},
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        bill = selectors.own_bill(request.user.pk, code)
        services.renew_code(booking_id=bill.booking_id, account_id=request.user.pk, now=clock.now())
        return _payment_answer(request, code)


def _payments(bills: Iterable[Bill]) -> list[PaymentView]:
    now = clock.now()
    return [selectors.payment_view(bill, bill.booking.office, now=now) for bill in bills]


def _payment_answer(request: SignedInApiRequest, code: str) -> Response:
    [payment] = _payments([selectors.own_bill(request.user.pk, code)])
    return Response(PaymentOutput(payment).data)
