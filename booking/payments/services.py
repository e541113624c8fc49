"""Bills, billing codes and the ledger: the only writer of their tables.

Lock order: the booking, its place, then the bill. A caller that posts money has locked the bill.
"""

import datetime as dt
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import F

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.products import amount_due
from booking.applications.selectors import application_of
from booking.applications.services import APPLICATION_CHANGED
from booking.payments.errors import NothingToPay
from booking.payments.messages import queue_code_message, queue_due_message
from booking.payments.models import (
    BankNotice,
    Bill,
    BillingCode,
    LedgerEntry,
    PaymentCase,
    SettlementFile,
    SettlementLine,
)
from booking.statuses import LIVE
from core.retention import ERASED_TEXT
from offices.directory.models import ACCELERATED, Office
from offices.limits.models import PaymentRule
from offices.limits.selectors import payment_rule_on

Case = PaymentCase.Kind
Action = PaymentCase.Action
Entry = LedgerEntry.Kind
Timing = PaymentRule.Timing
# Codes of the state's revenue begin with 82; the last digit checks the others, so a slip is noticed at the bank.
FIRST_DIGITS: Final = "82"
RANDOM_DIGITS: Final = 12
# Cases about money without a fee, and about a fee without its money.
ABOUT_CREDIT: Final = (Case.LATE, Case.DOUBLE, Case.OVER, Case.CANCELLED)
ABOUT_DEBT: Final = (Case.SHORT, Case.REVERSED)
_secret = secrets.SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Payable:
    """What a bill needs to know about a booking."""

    booking_id: UUID
    applicant_id: int
    service_type_id: int
    office: Office
    day: dt.date
    lane: str


# --- Opening, pricing and closing a bill ---------------------------------------------------------
def open_prepaid_bill(payable: Payable, *, now: dt.datetime) -> Bill | None:
    """Open the bill of a new booking where the fee is paid before the visit; else return None."""
    rule = payment_rule_on(payable.office, payable.day)
    if rule.timing != Timing.PREPAID:
        return None
    return _open(payable, rule, timing=Timing.PREPAID, due_at=now + rule.span, now=now)


def open_bill_after_interview(payable: Payable, *, now: dt.datetime) -> Bill | None:
    """Open the bill of a booking whose interview is over; None if nothing is paid here.

    A bill that exists is returned as it is.
    """
    bill = lock_bill(payable.booking_id)
    rule = payment_rule_on(payable.office, payable.day)
    if bill is not None or rule.timing == Timing.NONE:
        return bill
    return _open(payable, rule, timing=Timing.AFTER_INTERVIEW, due_at=None, now=now)


def _open(
    payable: Payable,
    rule: PaymentRule,
    *,
    timing: str,
    due_at: dt.datetime | None,
    now: dt.datetime,
) -> Bill:
    bill = Bill.objects.create(
        booking_id=payable.booking_id,
        timing=timing,
        due_at=due_at,
        hours=rule.hours,
        tariff_on=payable.day,
        opened_at=now,
    )
    _price(bill, payable, now=now)
    if not bill.is_priced and bill.due_at is not None:
        queue_due_message(bill, now=now)
    return bill


def lock_bill(booking_id: UUID) -> Bill | None:
    """Lock and return the bill of a booking, or None if it has none."""
    rows = Bill.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("booking__office").filter(booking_id=booking_id).first()


def follow_booking(payable: Payable, *, now: dt.datetime) -> None:
    """Bring the bill of a booking in line with its new slot. What was paid keeps its tariff and is carried."""
    bill = lock_bill(payable.booking_id)
    if bill is None or bill.is_void or bill.paid:
        return
    rule = payment_rule_on(payable.office, payable.day)
    if rule.timing == Timing.NONE:
        _void(bill, now=now)
        return
    bill.tariff_on = payable.day
    bill.save(update_fields=["tariff_on"])
    _price(bill, payable, now=now)


def reprice_for(*, application: PassportApplication, now: dt.datetime) -> None:
    """Bring the bill of an application's booking in line with its product and reason."""
    rows = Bill.objects.filter(
        booking__applicant_id=application.applicant_id,
        booking__service_type_id=application.service_type_id,
        booking__status__in=LIVE,
        voided_at=None,
    )
    for booking_id in rows.values_list("booking_id", flat=True):
        bill = lock_bill(booking_id)
        if bill is not None and not bill.is_void:
            _price(bill, payable_of(bill.booking), now=now)


def payable_of(booking: Any) -> Payable:
    """Return what the bill of a booking depends on. The class of bookings is above this feature."""
    return Payable(
        booking_id=booking.pk,
        applicant_id=booking.applicant_id,
        service_type_id=booking.service_type_id,
        office=booking.office,
        day=booking.slot.day,
        lane=booking.slot.lane_id,
    )


def price_of(bill: Bill, payable: Payable) -> tuple[str, int] | None:
    """Return the product and the fee of a bill; None while the application names no product with a price."""
    application = application_of(payable.applicant_id, payable.service_type_id)
    if application is None:
        return None
    amount = amount_due(application, day=bill.tariff_on, is_accelerated=payable.lane == ACCELERATED)
    return None if amount is None else (application.product, amount)


def _price(bill: Bill, payable: Payable, *, now: dt.datetime) -> None:
    price = price_of(bill, payable)
    if price is None:
        return
    product, amount = price
    if amount != bill.charged:
        _post(bill, Entry.CHARGE, bill.charged - amount, now=now)
    if product != bill.product:
        bill.product = product
        bill.save(update_fields=["product"])
    _carry_credit(bill, payable, now=now)
    watch(bill, now=now)
    refresh_code(bill, now=now)


def void_bill(*, booking_id: UUID, now: dt.datetime) -> None:
    """Give up the fee of a booking that has ended. Money that was paid becomes a case for an officer."""
    bill = lock_bill(booking_id)
    if bill is not None and not bill.is_void:
        _void(bill, now=now)


def _void(bill: Bill, *, now: dt.datetime) -> None:
    if bill.charged:
        _post(bill, Entry.CHARGE, bill.charged, now=now)
    bill.voided_at = now
    bill.save(update_fields=["voided_at"])
    refresh_code(bill, now=now)
    if bill.balance > 0:
        open_case(Case.CANCELLED, bill=bill, amount=bill.balance, now=now)
    watch(bill, now=now)


def revive_bill(bill: Bill, *, now: dt.datetime) -> None:
    """Charge the fee of a void bill again, for a booking that got its place back."""
    price = price_of(bill, payable_of(bill.booking))
    bill.voided_at = None
    bill.save(update_fields=["voided_at"])
    if price is not None:
        _post(bill, Entry.CHARGE, -price[1], now=now)
    watch(bill, now=now)


# --- Billing codes -------------------------------------------------------------------------------
def refresh_code(bill: Bill, *, now: dt.datetime) -> BillingCode | None:
    """Let a locked bill have one valid code over exactly what is unpaid, or none if nothing is."""
    live = bill.codes.filter(withdrawn_at__isnull=True).first()
    wanted = 0 if bill.is_void else bill.unpaid
    if live is not None and live.amount == wanted and live.valid_until > now:
        return live
    if live is not None:
        live.withdrawn_at = now
        live.save(update_fields=["withdrawn_at"])
    if not wanted:
        return None
    is_in_time = bill.due_at is not None and bill.due_at > now
    valid_until = bill.due_at if is_in_time else now + dt.timedelta(hours=bill.hours)
    assert valid_until is not None
    code = BillingCode.objects.create(
        bill=bill, code=_new_code(), amount=wanted, issued_at=now, valid_until=valid_until
    )
    queue_code_message(bill, code, now=now)
    return code


def new_code_for(bill: Bill, *, now: dt.datetime) -> BillingCode:
    """Return a valid code of a locked bill; a new one if the last has expired. Raises NothingToPay."""
    code = refresh_code(bill, now=now)
    if code is None:
        raise NothingToPay
    return code


def _new_code() -> str:
    while True:
        digits = FIRST_DIGITS + "".join(str(_secret.randrange(10)) for _ in range(RANDOM_DIGITS))
        code = digits + check_digit(digits)
        if not BillingCode.objects.filter(code=code).exists():
            return code


def check_digit(digits: str) -> str:
    """Return the digit that makes the sum of ISO/IEC 7812 (Luhn) end with 0."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


# --- The ledger ----------------------------------------------------------------------------------
def post_notice(bill: Bill | None, notice: BankNotice, *, now: dt.datetime) -> None:
    """Enter a notice of the bank into the ledger, under a locked bill or, if it is unknown, under none."""
    is_payment = notice.kind == BankNotice.Kind.PAYMENT
    kind = Entry.PAYMENT if is_payment else Entry.REVERSAL
    amount = notice.amount if is_payment else -notice.amount
    _post(bill, kind, amount, notice=notice, now=now)


def refund(
    case: PaymentCase, *, bill: Bill | None, amount: int, by: User, now: dt.datetime
) -> None:
    """Enter that money was given back, under a locked bill or from a payment without one."""
    notice = None if bill is not None else case.notice
    _post(bill, Entry.REFUND, -amount, notice=notice, by=by, now=now)


def assign(notice: BankNotice, *, bill: Bill, by: User, now: dt.datetime) -> None:
    """Carry a payment without a bill to a locked bill."""
    _post(None, Entry.CARRIED_OUT, -notice.amount, notice=notice, by=by, now=now)
    _post(bill, Entry.CARRIED_IN, notice.amount, notice=notice, by=by, now=now)


def _carry_credit(bill: Bill, payable: Payable, *, now: dt.datetime) -> None:
    """Pay a locked bill with money that the person has in bills of other bookings."""
    if not bill.unpaid:
        return
    rows = Bill.objects.select_for_update(no_key=True, of=("self",))
    sources = rows.select_related("booking__office").filter(
        booking__applicant_id=payable.applicant_id, balance__gt=0
    )
    for source in sources.exclude(pk=bill.pk).order_by("pk"):
        amount = min(source.balance, bill.unpaid)
        if amount:
            _post(source, Entry.CARRIED_OUT, -amount, now=now)
            _post(bill, Entry.CARRIED_IN, amount, now=now)
            watch(source, now=now)


def _post(
    bill: Bill | None,
    kind: LedgerEntry.Kind,
    amount: int,
    *,
    notice: BankNotice | None = None,
    by: User | None = None,
    now: dt.datetime,
) -> None:
    LedgerEntry.objects.create(bill=bill, kind=kind, amount=amount, notice=notice, by=by, at=now)
    if bill is None:
        return
    charge = -amount if kind == Entry.CHARGE else 0
    Bill.objects.filter(pk=bill.pk).update(
        balance=F("balance") + amount, charged=F("charged") + charge
    )
    bill.refresh_from_db(fields=["balance", "charged"])


# --- Cases ---------------------------------------------------------------------------------------
def open_case(
    kind: PaymentCase.Kind,
    *,
    bill: Bill | None,
    notice: BankNotice | None = None,
    office: Office | None = None,
    amount: int,
    now: dt.datetime,
) -> PaymentCase:
    """Put a payment on the work list of the booking's office, or of `office` if its bill is unknown."""
    return PaymentCase.objects.create(
        kind=kind,
        bill=bill,
        notice=notice,
        office=office if bill is None else bill.booking.office,
        amount=amount,
        opened_at=now,
    )


def watch(bill: Bill, *, now: dt.datetime) -> None:
    """End the cases of a locked bill whose cause is gone; open one for money without a fee.

    Money that an officer keeps for the person's next booking needs no case.
    """
    settled: Collection[PaymentCase.Kind] = ()
    if bill.balance <= 0:
        settled = ABOUT_CREDIT
    if bill.balance >= 0:
        settled = (*settled, *ABOUT_DEBT)
    waiting = bill.cases.filter(resolved_at__isnull=True)
    waiting.filter(kind__in=settled).update(resolved_at=now, action=Action.SETTLED)
    if bill.balance > 0:
        has_case = waiting.filter(kind__in=ABOUT_CREDIT).exists()
        is_kept = bill.cases.filter(action=Action.KEPT).exists()
        if not has_case and not is_kept:
            open_case(Case.OVER, bill=bill, amount=bill.balance, now=now)


def resolve_case(
    case: PaymentCase, *, action: PaymentCase.Action, reason: str, by: User, now: dt.datetime
) -> None:
    """Record an officer's decision about a locked case."""
    case.resolved_at, case.action, case.reason, case.resolved_by = now, action, reason, by
    case.save(update_fields=["resolved_at", "action", "reason", "resolved_by"])


def erase_reasons(*, case_ids: Iterable[int]) -> None:
    """Erase the reasons of decisions. The decision, its time and the ledger stay."""
    PaymentCase.objects.filter(pk__in=case_ids).update(reason=ERASED_TEXT)


# --- What the bank says --------------------------------------------------------------------------
def record_bank_notice(notice: BankNotice) -> BankNotice:
    """Insert a notice of the bank."""
    notice.save(force_insert=True)
    return notice


def record_settlement(file: SettlementFile, lines: Collection[SettlementLine]) -> SettlementFile:
    """Insert a settlement file with its lines."""
    file.save(force_insert=True)
    for line in lines:
        line.file = file
    SettlementLine.objects.bulk_create(lines)
    return file


if reprice_for not in APPLICATION_CHANGED:
    APPLICATION_CHANGED.append(reprice_for)
