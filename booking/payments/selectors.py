"""Reads of bills and payments."""

from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects

from booking.payments.models import (
    BankNotice,
    Bill,
    BillingCode,
    LedgerEntry,
    PaymentCase,
    SettlementFile,
)
from offices.directory.models import Office


def bill_of(booking_id: UUID) -> Bill | None:
    """Return the bill of a booking, or None."""
    return Bill.objects.filter(booking_id=booking_id).first()


def bills_of(account_id: int) -> QuerySet[Bill]:
    """Return the bills of an account's bookings, the latest first, with codes and ledger."""
    rows = Bill.objects.filter(booking__account_id=account_id).select_related("booking__office")
    return rows.prefetch_related("codes", "entries__notice").order_by("-opened_at", "-pk")


def live_code(bill: Bill) -> BillingCode | None:
    """Return the code that the bill has now, or None. It may have expired."""
    return next((code for code in bill.codes.all() if code.withdrawn_at is None), None)


def payments_of(bill: Bill) -> list[LedgerEntry]:
    """Return the entries of a bill that are money of the person, oldest first."""
    prefetch_related_objects([bill], "entries__notice")
    rows = [entry for entry in bill.entries.all() if entry.kind != LedgerEntry.Kind.CHARGE]
    return sorted(rows, key=lambda entry: entry.pk)


def cases_at(office: Office, *, with_unassigned: bool) -> QuerySet[PaymentCase]:
    """Return an office's cases, open ones first, and with `with_unassigned` those of no office."""
    rows = PaymentCase.objects.filter(office=office)
    if with_unassigned:
        rows |= PaymentCase.objects.filter(office__isnull=True)
    rows = rows.select_related("bill__booking", "notice", "resolved_by", "office")
    return rows.order_by("-resolved_at", "opened_at", "pk")


def open_cases(office: Office) -> QuerySet[PaymentCase]:
    """Return the payments of an office that wait for a decision, oldest first."""
    rows = PaymentCase.objects.filter(office=office, resolved_at__isnull=True)
    return rows.order_by("opened_at", "pk")


def settlement_files(office: Office) -> QuerySet[SettlementFile]:
    """Return the settlement files imported at an office, latest first."""
    return SettlementFile.objects.filter(office=office).select_related("imported_by")


def unsettled_notices(office: Office) -> QuerySet[BankNotice]:
    """Return the bank's payments for an office that no settlement file has confirmed, oldest first."""
    rows = BankNotice.objects.filter(
        kind=BankNotice.Kind.PAYMENT, bill__booking__office=office, lines__isnull=True
    )
    return rows.select_related("bill__booking").order_by("paid_at", "pk")
