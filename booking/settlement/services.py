"""What the bank's notices and files do to bookings, and officers' decisions about payments.

Lock order: the booking, its place, its bill, then the case.
"""

import datetime as dt
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from booking.bookings.changes import expire_unpaid, lock_booking, restore_unpaid
from booking.bookings.errors import ONE_LIVE, AlreadyBooked, BookingChanged
from booking.bookings.models import Booking
from booking.payments import services as payments
from booking.payments.errors import NothingToPay
from booking.payments.messages import (
    queue_lapsed_message,
    queue_received_message,
    queue_refunded_message,
    queue_restored_message,
    queue_reviewed_message,
)
from booking.payments.models import (
    BankNotice,
    Bill,
    BillingCode,
    LedgerEntry,
    PaymentCase,
    SettlementFile,
    SettlementLine,
)
from booking.payments.services import ABOUT_CREDIT, ABOUT_DEBT, Case
from booking.settlement.errors import (
    ActionNotPossible,
    CaseResolved,
    FileImported,
    FileRefused,
    NoticeChanged,
    NoticeOutOfOrder,
    PlaceGone,
    RefundChanged,
)
from booking.settlement.files import read_settlement
from booking.settlement.notices import BankMessage, parse_notice, verify_signature
from booking.statuses import Status
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import Busy, InvalidInput, NotFound
from offices.directory.models import Office
from offices.permissions import Right, check_national_right, check_right, has_right
from quotas.places.returns import take_again

Channel = BankNotice.Channel
Action = PaymentCase.Action
# How far the bank's clock may differ from ours.
CLOCK_TOLERANCE: Final = dt.timedelta(minutes=5)
# Another request inserted the same notice or file at the same moment: the next attempt reads it.
INSERTED_AT_ONCE: Final = {
    "bank_notice_once": Busy,
    "bank_notice_reversed_once": Busy,
    "settlement_file_once": FileImported,
}


class Outcome(StrEnum):
    """What a notice led to: part of the answer to the bank."""

    PAID = "paid"
    PART_PAID = "part_paid"
    RESTORED = "restored"
    REVIEW = "review"
    REVERSED = "reversed"
    RECORDED_BEFORE = "recorded_before"


# --- The bank's notices --------------------------------------------------------------------------
def receive_notice(
    body: bytes, *, timestamp: str, signature: str, now: dt.datetime
) -> tuple[BankMessage, Outcome]:
    """Check and record one signed notice. Raises its refusals and Busy; then nothing is recorded."""
    verify_signature(body, timestamp=timestamp, signature=signature, now=now)
    message = parse_notice(body)
    return message, record_message(message, channel=Channel.NETWORK, now=now)


def record_message(
    message: BankMessage,
    *,
    channel: BankNotice.Channel,
    office: Office | None = None,
    now: dt.datetime,
) -> Outcome:
    """Record one statement of the bank and let it take effect. The same statement again changes nothing.

    `office` decides about a payment whose code is unknown. Raises NoticeChanged, NoticeOutOfOrder, Busy.
    """
    with (
        busy_on_timeout(),
        constraints_as_errors({**INSERTED_AT_ONCE, **ONE_LIVE}),
        transaction.atomic(),
    ):
        if _is_recorded(message):
            return Outcome.RECORDED_BEFORE
        original = _original(message)
        bill = _bill_of(message, original)
        booking = None
        if bill is not None:
            booking = lock_booking(bill.booking_id)
            bill = payments.lock_bill(bill.booking_id)
            if _is_recorded(message):  # by a request that held the lock
                return Outcome.RECORDED_BEFORE
        notice = payments.record_bank_notice(
            BankNotice(
                notice_id=message.notice_id,
                kind=message.kind,
                reverses=original,
                code=message.code,
                amount=message.amount,
                paid_at=message.paid_at,
                received_at=now,
                channel=channel,
                digest=message.digest,
                bill=bill,
                office=office,
            )
        )
        payments.post_notice(bill, notice, now=now)
        if original is not None:
            return _after_reversal(bill, original, notice, now=now)
        if bill is None or booking is None:
            payments.open_case(
                Case.UNKNOWN, bill=None, notice=notice, office=office, amount=notice.amount, now=now
            )
            return Outcome.REVIEW
        return _after_payment(booking, bill, notice, amount=notice.amount, now=now)


def _is_recorded(message: BankMessage) -> bool:
    """True if this statement is recorded. Raises NoticeChanged if its number said something else."""
    known = BankNotice.objects.filter(notice_id=message.notice_id).first()
    if known is not None and known.digest != message.digest:
        raise NoticeChanged
    return known is not None


def _original(message: BankMessage) -> BankNotice | None:
    """Return the payment that a reversal takes back, or None for a payment. Raises NoticeOutOfOrder."""
    if message.kind != BankNotice.Kind.REVERSAL:
        return None
    rows = BankNotice.objects.filter(notice_id=message.reverses, kind=BankNotice.Kind.PAYMENT)
    original = rows.first()
    if original is None:
        raise NoticeOutOfOrder(problem=_("pembayaran yang dibatalkan belum kami terima"))
    if (original.code, original.amount) != (message.code, message.amount):
        raise NoticeOutOfOrder(problem=_("kode billing atau jumlahnya bukan dari pembayaran itu"))
    if BankNotice.objects.filter(reverses=original).exists():
        raise NoticeChanged
    return original


def _bill_of(message: BankMessage, original: BankNotice | None) -> Bill | None:
    """Return the bill of a statement, or None if its code is unknown. Raises NoticeOutOfOrder."""
    if original is not None:
        carried = LedgerEntry.objects.filter(notice=original, kind=LedgerEntry.Kind.CARRIED_IN)
        entry = carried.select_related("bill").first()
        return entry.bill if entry is not None else original.bill
    code = BillingCode.objects.select_related("bill").filter(code=message.code).first()
    if code is None:
        return None
    if message.paid_at < code.issued_at - CLOCK_TOLERANCE:
        raise NoticeOutOfOrder(problem=_("pembayaran itu dilakukan sebelum kode billing terbit"))
    return code.bill


def _after_payment(
    booking: Booking, bill: Bill, notice: BankNotice, *, amount: int, now: dt.datetime
) -> Outcome:
    """Decide what a payment does that was entered under a locked bill."""
    if bill.is_void:
        if _restore(booking, bill, now=now):
            queue_restored_message(bill, amount=amount, now=now)
            return Outcome.RESTORED
        kind = Case.LATE if booking.status == Status.EXPIRED else Case.CANCELLED
        return _review(kind, bill, notice, amount=amount, now=now)
    if bill.balance > 0:
        kind = Case.DOUBLE if bill.balance >= amount else Case.OVER
        outcome = _review(kind, bill, notice, amount=min(amount, bill.balance), now=now)
        payments.watch(bill, now=now)  # the fee is paid: a case about missing money ends
        return outcome
    payments.watch(bill, now=now)
    payments.refresh_code(bill, now=now)
    if bill.balance < 0:
        _review(Case.SHORT, bill, notice, amount=amount, now=now)
        return Outcome.PART_PAID
    queue_received_message(bill, notice, now=now)
    return Outcome.PAID


def _after_reversal(
    bill: Bill | None, original: BankNotice, notice: BankNotice, *, now: dt.datetime
) -> Outcome:
    """Ask for the money again that the bank took back; end the case of a payment without a bill."""
    if bill is None:
        waiting = PaymentCase.objects.filter(notice=original, resolved_at__isnull=True)
        waiting.update(resolved_at=now, action=Action.SETTLED)
        return Outcome.REVERSED
    payments.watch(bill, now=now)
    payments.refresh_code(bill, now=now)
    _review(Case.REVERSED, bill, notice, amount=notice.amount, now=now)
    return Outcome.REVERSED


def _review(
    kind: PaymentCase.Kind, bill: Bill, notice: BankNotice, *, amount: int, now: dt.datetime
) -> Outcome:
    case = payments.open_case(kind, bill=bill, notice=notice, amount=amount, now=now)
    payments.refresh_code(bill, now=now)
    queue_reviewed_message(case, now=now)
    return Outcome.REVIEW


# --- Bookings that are not paid in time ----------------------------------------------------------
def expire_if_unpaid(*, booking_id: UUID, now: dt.datetime) -> Booking:
    """End a booking that was not paid before its deadline, free of sanction; its place goes to the waiting list.

    A booking that the office moved stays, and one that is paid in part: an officer decides about it.
    Raises NotFound, BookingChanged, NothingToPay, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        if booking.status != Status.BOOKED or booking.via == Booking.Via.MOVED_BY_OFFICE:
            raise BookingChanged
        bill = payments.lock_bill(booking_id)
        is_due = bill is not None and bill.due_at is not None and bill.due_at <= now
        if bill is None or not is_due or bill.is_void or bill.is_paid or bill.paid > 0:
            raise NothingToPay
        amount = bill.charged
        expire_unpaid(booking, now=now)
        queue_lapsed_message(bill, amount=amount, now=now)
        return booking


def _restore(booking: Booking, bill: Bill, *, by: User | None = None, now: dt.datetime) -> bool:
    """Give a booking that was not paid in time its hour again, if its money is enough for the fee.

    False if its hour has begun or has no place, or if the person has another booking.
    """
    price = payments.price_of(bill, payments.payable_of(booking))
    is_enough = price is not None and bill.balance >= price[1]
    if booking.status != Status.EXPIRED or booking.slot.starts_at <= now or not is_enough:
        return False
    try:
        with constraints_as_errors(ONE_LIVE), transaction.atomic():
            place_id = take_again(slot_id=booking.slot_id, holder=booking.pk, now=now)
            if place_id is None:
                return False
            restore_unpaid(booking, place_id=place_id, by=by, now=now)
    except AlreadyBooked:
        return False
    payments.revive_bill(bill, now=now)
    return True


def renew_code(*, booking_id: UUID, account_id: int, now: dt.datetime) -> BillingCode:
    """Return a valid billing code of an account's booking. Raises NotFound, NothingToPay, Busy."""
    with busy_on_timeout(), transaction.atomic():
        booking = lock_booking(booking_id)
        if booking.account_id != account_id:
            raise NotFound
        bill = payments.lock_bill(booking_id)
        if bill is None:
            raise NothingToPay
        return payments.new_code_for(bill, now=now)


def bill_after_interview(*, booking_id: UUID, now: dt.datetime) -> Bill | None:
    """Open the bill of a booking whose interview is over; None where nothing is paid in this system.

    The caller has locked the booking's visit.
    """
    with busy_on_timeout(), transaction.atomic():
        booking = Booking.objects.select_related("office", "slot").get(pk=booking_id)
        return payments.open_bill_after_interview(payments.payable_of(booking), now=now)


# --- Settlement files ----------------------------------------------------------------------------
def import_settlement(
    content: bytes, *, name: str, office: Office, by: User, now: dt.datetime
) -> SettlementFile:
    """Import a settlement file: all of it or nothing.

    A payment that the bank announced before is matched; one that is new here takes effect like a notice.
    Raises NotAllowed, FileRefused, FileImported, NoticeOutOfOrder, Busy.
    """
    check_right(by, Right.IMPORT_SETTLEMENT, office=office, now=now)
    settlement = read_settlement(content)
    with busy_on_timeout(), constraints_as_errors(INSERTED_AT_ONCE), transaction.atomic():
        if SettlementFile.objects.filter(digest=settlement.digest).exists():
            raise FileImported
        codes = [message.code for _number, message in settlement.lines]
        _check_offices(codes, by=by, now=now)
        # In the order of their bookings, so that two files cannot wait for each other.
        order = _bookings_of(codes)
        lines = [
            _import_line(number, message, office=office, now=now)
            for number, message in sorted(
                settlement.lines, key=lambda line: (order.get(line[1].code, ""), line[0])
            )
        ]
        file = SettlementFile(
            digest=settlement.digest,
            name=name[:120] or "settlement.csv",
            office=office,
            line_count=len(lines),
            total=settlement.total,
            imported_at=now,
            imported_by=by,
        )
        return payments.record_settlement(file, lines)


def _bookings_of(codes: list[str]) -> dict[str, str]:
    rows = BillingCode.objects.filter(code__in=codes).values_list("code", "bill__booking_id")
    return {code: str(booking_id) for code, booking_id in rows}


def _check_offices(codes: list[str], *, by: User, now: dt.datetime) -> None:
    """Raise FileRefused if a payment is for an office where the officer may not import."""
    offices = Office.objects.filter(bookings__bill__codes__code__in=codes).distinct()
    for office in offices:
        if not has_right(by, Right.IMPORT_SETTLEMENT, office=office, now=now):
            text = _("Berkas ini memuat pembayaran untuk %(office)s, di luar wewenang Anda.")
            raise FileRefused(problem=text % {"office": office.name})


def _import_line(
    number: int, message: BankMessage, *, office: Office, now: dt.datetime
) -> SettlementLine:
    known = BankNotice.objects.filter(notice_id=message.notice_id).first()
    result = SettlementLine.Result.MATCHED
    if known is None:
        try:
            record_message(message, channel=Channel.FILE, office=office, now=now)
        except NoticeOutOfOrder as error:
            text = _("Baris %(n)s: %(problem)s.")
            problem = text % {"n": number, "problem": error.values["problem"]}
            raise FileRefused(problem=problem) from error
        known = BankNotice.objects.get(notice_id=message.notice_id)
        result = SettlementLine.Result.POSTED
    elif known.digest != message.digest:
        result = SettlementLine.Result.DIFFERENT
        bill = known.bill and payments.lock_bill(known.bill.booking_id)
        payments.open_case(
            Case.DIFFERENT, bill=bill, notice=known, office=office, amount=message.amount, now=now
        )
    return SettlementLine(
        number=number, notice=known, code=message.code, amount=message.amount, result=result
    )


# --- Officers' decisions -------------------------------------------------------------------------
def actions_for(case: PaymentCase) -> list[PaymentCase.Action]:
    """Return the actions that fit an open case."""
    if not case.is_open:
        return []
    if case.kind == Case.DIFFERENT:
        return [Action.SETTLED]
    bill = case.bill
    if bill is None:
        return [Action.ASSIGNED, Action.REFUNDED]
    if bill.balance <= 0:
        return [Action.SETTLED]
    actions = [Action.REFUNDED, Action.KEPT]
    is_expired = bill.is_void and bill.booking.status == Status.EXPIRED
    return [Action.RESTORED, *actions] if is_expired else actions


def refund_of(case: PaymentCase) -> int:
    """Return the amount that a refund gives back now: all money on the bill that is not owed."""
    return max(case.bill.balance, 0) if case.bill is not None else case.amount


def closed_by_refund(case: PaymentCase) -> list[PaymentCase]:
    """Return the other open cases of the bill, which a refund of its whole balance closes too."""
    if case.bill is None or Action.REFUNDED not in actions_for(case):
        return []
    rows = case.bill.cases.filter(resolved_at__isnull=True, kind__in=(*ABOUT_CREDIT, *ABOUT_DEBT))
    return list(rows.exclude(pk=case.pk).order_by("opened_at", "pk"))


def decide_case(
    *,
    case_id: int,
    action: str,
    reason: str,
    booking_code: str = "",
    refund_shown: int | None = None,
    by: User,
    now: dt.datetime,
) -> PaymentCase:
    """Decide about a payment, with a reason. `refund_shown` is the amount that the officer read on the page.

    Raises NotFound, NotAllowed, InvalidInput with its fields, CaseResolved, ActionNotPossible, RefundChanged,
    PlaceGone, Busy.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput(fields={"reason": [_("Tulis alasannya; pemeriksa akan membacanya.")]})
    with busy_on_timeout(), constraints_as_errors(ONE_LIVE), transaction.atomic():
        target = _target(case_id, action, booking_code)
        booking = bill = None
        if target is not None:
            booking = lock_booking(target.pk)
            bill = payments.lock_bill(target.pk)
        case = _lock_case(case_id, by=by, now=now)
        if action not in actions_for(case):
            raise ActionNotPossible
        if action == Action.REFUNDED and refund_shown not in (None, refund_of(case)):
            raise RefundChanged
        _act(case, Action(action), booking=booking, bill=bill, by=by, now=now)
        payments.resolve_case(case, action=Action(action), reason=reason[:200], by=by, now=now)
        if bill is not None:
            payments.watch(bill, now=now)
        return case


def _target(case_id: int, action: str, booking_code: str) -> Booking | None:
    """Return the booking that a decision locks: of the case, or the one that a payment is assigned to."""
    if action == Action.ASSIGNED:
        code = booking_code.strip().upper().replace("-", "").replace(" ", "")
        booking = Booking.objects.filter(code=code, bill__isnull=False).first()
        if booking is None:
            text = _("Tidak ada tagihan dengan kode booking ini. Periksa kodenya.")
            raise InvalidInput(fields={"booking_code": [text]})
        return booking
    return Booking.objects.filter(bill__cases=case_id).first()


def _lock_case(case_id: int, *, by: User, now: dt.datetime) -> PaymentCase:
    rows = PaymentCase.objects.select_for_update(no_key=True, of=("self",))
    case = rows.select_related("bill__booking", "notice", "office").filter(pk=case_id).first()
    if case is None:
        raise NotFound
    if case.office is None:
        check_national_right(by, Right.DECIDE_PAYMENT, now=now)
    else:
        check_right(by, Right.DECIDE_PAYMENT, office=case.office, now=now)
    if not case.is_open:
        raise CaseResolved
    return case


def _act(
    case: PaymentCase,
    action: PaymentCase.Action,
    *,
    booking: Booking | None,
    bill: Bill | None,
    by: User,
    now: dt.datetime,
) -> None:
    """Move the money and the place as an officer decided."""
    if action == Action.REFUNDED:
        amount = refund_of(case)
        payments.refund(case, bill=bill, amount=amount, by=by, now=now)
        queue_refunded_message(case, amount=amount, now=now)
    elif action == Action.RESTORED:
        assert bill is not None
        assert booking is not None
        amount = bill.balance
        if not _restore(booking, bill, by=by, now=now):
            raise PlaceGone
        queue_restored_message(bill, amount=amount, now=now)
    elif action == Action.ASSIGNED:
        notice = case.notice
        assert bill is not None
        assert booking is not None
        assert notice is not None
        check_right(by, Right.DECIDE_PAYMENT, office=booking.office, now=now)
        payments.assign(notice, bill=bill, by=by, now=now)
        _after_payment(booking, bill, notice, amount=notice.amount, now=now)
