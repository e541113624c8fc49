"""A payment against the end of the deadline, and two payments for one code; each race has a control."""

from collections import Counter
from functools import partial
from typing import Any

import pytest

from booking.bookings.models import Booking
from booking.payments.models import BankNotice, LedgerEntry, PaymentCase
from booking.settlement.services import expire_if_unpaid, record_message
from booking.statuses import Status
from ops.verification.services import verify
from tests.booking.payments.world import LATE, bill_of, book_prepaid, code_of, message_for
from tests.conftest import RunTogether

TRIES = 8


def record(code: str) -> Any:
    message = message_for(code, at=LATE)
    return partial(record_message, message, channel=BankNotice.Channel.NETWORK, now=LATE)


def pay_at_the_deadline(run_together: RunTogether) -> Booking:
    booking = book_prepaid()
    run_together(
        [record(code_of(booking).code), partial(expire_if_unpaid, booking_id=booking.pk, now=LATE)]
    )
    return Booking.objects.get(pk=booking.pk)


def pay_twice(run_together: RunTogether) -> Booking:
    booking = book_prepaid()
    code = code_of(booking).code
    run_together([record(code), record(code)])
    return booking


def deliver_twice(run_together: RunTogether) -> list[Any]:
    """The bank sends one notice twice at the same moment."""
    once = record(code_of(book_prepaid()).code)
    return run_together([once, once])


def is_lawful() -> bool:
    return not [row for row in verify(now=LATE) if row.law == 12 and row.breaches]


@pytest.mark.parametrize("_again", range(3))
def test_a_payment_at_the_deadline_keeps_or_restores_the_place(
    run_together: RunTogether, _again: int
) -> None:
    booking = pay_at_the_deadline(run_together)
    assert booking.status == Status.BOOKED
    assert bill_of(booking).is_paid
    assert not PaymentCase.objects.exists()
    assert is_lawful()


def test_control_without_locks_a_paid_booking_lapses(
    run_together: RunTogether, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    statuses = Counter(pay_at_the_deadline(run_together).status for _ in range(TRIES))
    assert statuses[Status.EXPIRED] or not is_lawful()


@pytest.mark.parametrize("_again", range(3))
def test_two_payments_for_one_code_pay_once(run_together: RunTogether, _again: int) -> None:
    booking = pay_twice(run_together)
    case = PaymentCase.objects.get()
    assert (case.kind, case.amount) == (PaymentCase.Kind.DOUBLE, bill_of(booking).balance)
    assert is_lawful()


def test_one_notice_delivered_twice_at_once_is_entered_once(run_together: RunTogether) -> None:
    outcomes = deliver_twice(run_together)
    assert sorted(map(str, outcomes)) == ["paid", "recorded_before"]
    assert LedgerEntry.objects.filter(kind="payment").count() == 1


def test_control_without_guards_one_notice_is_entered_twice(
    run_together: RunTogether, unguarded_database: str
) -> None:
    """Balances change in the database (`F`), so only the notice itself can be entered twice."""
    for _ in range(TRIES):
        deliver_twice(run_together)
    assert LedgerEntry.objects.filter(kind="payment").count() > TRIES
