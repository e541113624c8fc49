"""Bills follow their bookings; late, double, short and wrong payments restore the place or reach the work list."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from booking.applications.services import ApplicationData
from booking.bookings.changes import cancel_booking, change_service, check_in_booking
from booking.bookings.errors import BookingChanged
from booking.bookings.models import Booking
from booking.payments.errors import NothingToPay
from booking.payments.models import BillingCode, LedgerEntry, PaymentCase
from booking.payments.services import check_digit
from booking.restrictions.models import Restriction
from booking.settlement.errors import (
    ActionNotPossible,
    CaseResolved,
    NoticeChanged,
    NoticeOutOfOrder,
    PlaceGone,
    RefundChanged,
)
from booking.settlement.services import (
    Outcome,
    bill_after_interview,
    closed_by_refund,
    decide_case,
    expire_if_unpaid,
    refund_of,
    renew_code,
)
from booking.settlement.tasks import expire_unpaid_bookings
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed, NotFound
from core.formats import rupiah
from notices.models import Message
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.models import Place
from tests.booking.payments.world import (
    HOURS,
    LATE,
    PRICE,
    SOON,
    apply,
    bill_of,
    book_prepaid,
    code_of,
    make_fees,
    make_payment_rule,
    make_prepaid_slot,
    pay,
)
from tests.builders import (
    NOW,
    fill_slot,
    make_booking,
    make_officer,
    make_open_slot,
    make_person,
    make_user,
)
from tests.outbox import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def lawful() -> Any:
    """After each test the ledger agrees with bills, codes, notices and bookings."""
    yield
    broken = [row for row in verify(now=LATE) if row.breaches and row.law != 9]
    assert broken == []


def case_of(booking: Booking) -> PaymentCase:
    return PaymentCase.objects.get(bill__booking=booking)


def expire(booking: Booking) -> Booking:
    return expire_if_unpaid(booking_id=booking.pk, now=NOW + timedelta(hours=HOURS))


def kinds(booking: Booking) -> list[str]:
    rows = Message.objects.filter(about_id=str(booking.pk), kind__startswith="payment")
    return list(rows.exclude(kind="payment_due").order_by("pk").values_list("kind", flat=True))


def test_without_a_rule_nothing_is_charged() -> None:
    make_fees()
    booking = make_booking()
    apply(booking.applicant)
    assert bill_after_interview(booking_id=booking.pk, now=SOON) is None
    assert not hasattr(Booking.objects.get(pk=booking.pk), "bill")


def test_a_prepaid_booking_gets_its_code_when_the_application_names_the_product() -> None:
    slot = make_prepaid_slot()
    person = make_person()
    booking = make_booking(slot, person=person)
    bill = bill_of(booking)
    assert (bill.charged, bill.due_at) == (0, NOW + timedelta(hours=HOURS))
    assert not bill.codes.exists()
    assert "Isi permohonan" in text_of(Message.objects.get(kind="payment_due"))
    apply(person, now=SOON)
    code = code_of(booking)
    assert len(code.code) == 15
    assert code.code[-1] == check_digit(code.code[:-1])
    assert (code.amount, code.valid_until) == (PRICE, bill.due_at)
    text = text_of(Message.objects.get(kind="payment_code"))
    assert code.code in text
    assert "650.000" in text


def test_a_fine_and_another_product_change_the_code_before_it_is_paid() -> None:
    booking = book_prepaid()
    first = code_of(booking)
    apply(booking.applicant, product="electronic_10", now=SOON)
    assert code_of(booking).amount == 950_000
    first.refresh_from_db()
    assert first.withdrawn_at == SOON
    # Under the code of before, the money counts towards the new fee.
    assert pay(first.code) == Outcome.PART_PAID
    assert code_of(booking).amount == 300_000
    assert pay(code_of(booking).code, amount=300_000) == Outcome.PAID
    assert case_of(booking).action == PaymentCase.Action.SETTLED


def test_paid_in_time_the_booking_stays() -> None:
    booking = book_prepaid()
    assert pay(code_of(booking).code) == Outcome.PAID
    with pytest.raises(NothingToPay):
        expire(booking)
    assert bill_of(booking).is_paid
    assert not BillingCode.objects.filter(withdrawn_at=None).exists()
    assert kinds(booking) == ["payment_code", "payment_received"]


def test_unpaid_the_booking_lapses_without_sanction_and_its_place_cools_down() -> None:
    booking = book_prepaid()
    place = Place.objects.get(pk=booking.place_id)
    with pytest.raises(NothingToPay):
        expire_if_unpaid(booking_id=booking.pk, now=SOON)
    expire(booking)
    booking.refresh_from_db()
    place.refresh_from_db()
    assert booking.status == Status.EXPIRED
    assert place.holder is None
    assert place.cooldown_until > NOW
    assert booking.own_cancelled_at is None
    assert not Restriction.objects.exists()
    assert "tidak ada sanksi" in text_of(Message.objects.get(kind="payment_lapsed")).lower()
    with pytest.raises(BookingChanged):
        expire(booking)


def test_the_task_ends_what_is_overdue_and_nothing_else() -> None:
    slot = make_prepaid_slot(places=4)
    unpaid, paid, part = (book_prepaid(slot) for _ in range(3))
    present = book_prepaid(slot)
    pay(code_of(paid).code)
    pay(code_of(part).code, amount=1)
    check_in_booking(booking_id=present.pk, by=make_officer(slot.office), now=SOON)
    expire_unpaid_bookings()
    statuses = [Booking.objects.get(pk=row.pk).status for row in (unpaid, paid, part, present)]
    assert statuses == [Status.EXPIRED, Status.BOOKED, Status.BOOKED, Status.CHECKED_IN]


def test_a_late_payment_gives_the_place_back() -> None:
    booking = book_prepaid()
    code = code_of(booking).code
    expire(booking)
    assert pay(code, now=LATE) == Outcome.RESTORED
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED
    assert Place.objects.get(pk=booking.place_id).holder == booking.pk
    assert bill_of(booking).is_paid
    assert kinds(booking) == ["payment_code", "payment_lapsed", "payment_restored"]
    assert not PaymentCase.objects.exists()


def test_a_late_payment_for_a_full_hour_pays_the_next_booking() -> None:
    booking = book_prepaid()
    code = code_of(booking).code
    expire(booking)
    Place.objects.filter(slot=booking.slot).update(cooldown_until=None)
    fill_slot(booking.slot, now=SOON)
    assert pay(code, now=LATE) == Outcome.REVIEW
    assert case_of(booking).kind == PaymentCase.Kind.LATE
    assert "tidak hilang" in text_of(Message.objects.get(kind="payment_reviewed"))
    with pytest.raises(PlaceGone):
        decide_case(
            case_id=case_of(booking).pk,
            action="restored",
            reason="pemohon memilih jam semula",
            by=make_officer(booking.office, Role.SUPERVISOR),
            now=LATE,
        )
    Place.objects.exclude(bookings__isnull=False).update(holder=None)
    later = make_booking(booking.slot, person=booking.applicant, now=LATE)
    assert bill_of(later).is_paid
    assert bill_of(booking).balance == 0
    assert not case_of(booking).is_open


def test_a_person_with_another_booking_is_not_given_a_second_one() -> None:
    slot = make_prepaid_slot(places=3)
    booking = book_prepaid(slot)
    code = code_of(booking).code
    expire(booking)
    make_booking(slot, person=booking.applicant, now=LATE)
    assert pay(code, now=LATE) == Outcome.REVIEW
    assert Booking.objects.filter(status=Status.BOOKED).count() == 1


def test_a_second_payment_becomes_a_case_and_is_refunded() -> None:
    booking = book_prepaid()
    code = code_of(booking).code
    assert pay(code) == Outcome.PAID
    assert pay(code) == Outcome.REVIEW
    case = case_of(booking)
    assert (case.kind, case.amount) == (PaymentCase.Kind.DOUBLE, PRICE)
    supervisor = make_officer(booking.office, Role.SUPERVISOR)
    decide = {"case_id": case.pk, "action": "refunded", "by": supervisor, "now": SOON}
    with pytest.raises(InvalidInput):
        decide_case(reason="  ", **decide)
    with pytest.raises(ActionNotPossible):
        decide_case(**{**decide, "action": "restored"}, reason="tes")
    for stranger in (make_officer(booking.office), make_user()):
        with pytest.raises(NotAllowed):
            decide_case(**{**decide, "by": stranger}, reason="tes")
    decide_case(reason="dibayar dua kali, bukti bank dilihat", **decide)
    assert bill_of(booking).balance == 0
    assert "payment_refunded" in kinds(booking)
    with pytest.raises(CaseResolved):
        decide_case(reason="sekali lagi", **decide)


def test_a_refund_is_what_the_page_announced(
    client: Client,
) -> None:
    booking = book_prepaid()
    code = code_of(booking).code
    assert pay(code, amount=PRICE - 1_000) == Outcome.PART_PAID
    short = case_of(booking)
    pay(code)
    short.refresh_from_db()
    assert (short.action, short.resolved_by) == (PaymentCase.Action.SETTLED, None)
    pay(code, amount=PRICE + 1_000)
    first, second = bill_of(booking).cases.filter(resolved_at=None).order_by("pk")
    total = 2 * PRICE
    assert refund_of(first) == total
    assert closed_by_refund(first) == [second]
    supervisor = make_officer(booking.office, Role.SUPERVISOR)
    client.force_login(supervisor)
    page = client.get(f"/admin/payments/{first.pk}/", {"office": booking.office.code})
    assert rupiah(total) in page.context["form"].fields["action"].choices[0][1]
    assert page.context["closed_too"] == [second]
    decide = {"case_id": first.pk, "action": "refunded", "reason": "tes", "by": supervisor}
    with pytest.raises(RefundChanged):
        decide_case(refund_shown=total - 1, now=SOON, **decide)
    decide_case(refund_shown=total, now=SOON, **decide)
    assert bill_of(booking).balance == 0
    assert not bill_of(booking).cases.filter(resolved_at=None).exists()


def test_a_paid_booking_that_is_cancelled_keeps_its_money_on_the_list() -> None:
    booking = book_prepaid()
    pay(code_of(booking).code)
    cancel_booking(booking_id=booking.pk, by=booking.account, now=SOON)
    case = case_of(booking)
    assert (case.kind, case.amount) == (PaymentCase.Kind.CANCELLED, PRICE)
    decide_case(
        case_id=case.pk,
        action="kept",
        reason="pemohon akan memesan lagi",
        by=make_officer(booking.office, Role.SUPERVISOR),
        now=SOON,
    )
    assert bill_of(booking).balance == PRICE


def test_conversion_carries_the_amount_paid() -> None:
    booking = book_prepaid()
    pay(code_of(booking).code)
    data = ApplicationData(
        service_type="replacement", reason="lost", purpose="holiday", product="electronic_5"
    )
    officer = make_officer(booking.office)
    change_service(booking_id=booking.pk, data=data, by=officer, now=SOON)
    assert bill_of(booking).charged == PRICE + 1_000_000
    assert code_of(booking).amount == 1_000_000
    # Back again: nothing is lost.
    data = ApplicationData(
        service_type="new", reason="first", purpose="holiday", product="electronic_5"
    )
    change_service(booking_id=booking.pk, data=data, by=officer, now=SOON)
    assert bill_of(booking).is_paid


def test_a_cheaper_product_after_payment_is_a_case() -> None:
    slot = make_prepaid_slot()
    person = make_person()
    booking = make_booking(slot, person=person)
    apply(person, product="electronic_10")
    pay(code_of(booking).code, amount=950_000)
    apply(person, product="electronic_5", now=SOON)
    case = case_of(booking)
    assert (case.kind, case.amount) == (PaymentCase.Kind.OVER, 300_000)


def test_an_unknown_code_is_decided_nationally_and_assigned() -> None:
    booking = book_prepaid()
    assert pay("820000000000000") == Outcome.REVIEW
    case = PaymentCase.objects.get(kind=PaymentCase.Kind.UNKNOWN)
    decide = {"case_id": case.pk, "action": "assigned", "reason": "salah ketik kode", "now": SOON}
    supervisor = make_officer(booking.office, Role.SUPERVISOR)
    with pytest.raises(NotAllowed):
        decide_case(booking_code=booking.code, by=supervisor, **decide)
    national = make_officer(None, Role.NATIONAL)
    with pytest.raises(InvalidInput):
        decide_case(booking_code="AAAAA", by=national, **decide)
    decide_case(booking_code=booking.code.lower(), by=national, **decide)
    assert bill_of(booking).is_paid


def test_a_reversal_takes_the_money_back_and_cannot_come_first() -> None:
    booking = book_prepaid()
    code = code_of(booking).code
    with pytest.raises(NoticeOutOfOrder):
        pay(code, kind="reversal", reverses="N-1")
    assert pay(code, notice_id="N-1") == Outcome.PAID
    with pytest.raises(NoticeOutOfOrder):
        pay(code, amount=1, kind="reversal", reverses="N-1")
    assert pay(code, kind="reversal", reverses="N-1") == Outcome.REVERSED
    assert code_of(booking).amount == PRICE
    assert case_of(booking).kind == PaymentCase.Kind.REVERSED
    with pytest.raises(NoticeChanged):
        pay(code, kind="reversal", reverses="N-1")
    assert pay(code_of(booking).code, now=LATE) == Outcome.PAID
    assert not case_of(booking).is_open


def test_after_the_interview_the_code_can_be_renewed() -> None:
    make_fees()
    slot = make_open_slot()
    make_payment_rule(slot.office, "after_interview", hours=24)
    person = make_person()
    booking = make_booking(slot, person=person)
    apply(person)
    assert bill_after_interview(booking_id=booking.pk, now=SOON) is not None
    first = code_of(booking)
    assert first.valid_until == SOON + timedelta(hours=24)
    again = SOON + timedelta(hours=25)
    with pytest.raises(NotFound):
        renew_code(booking_id=booking.pk, account_id=make_user().pk, now=again)
    renewed = renew_code(booking_id=booking.pk, account_id=booking.account_id, now=again)
    assert renewed.pk != first.pk
    assert pay(renewed.code, now=again) == Outcome.PAID
    with pytest.raises(NothingToPay):
        renew_code(booking_id=booking.pk, account_id=booking.account_id, now=again)


def test_the_ledger_only_grows() -> None:
    booking = book_prepaid()
    pay(code_of(booking).code)
    for change in (
        lambda: LedgerEntry.objects.update(amount=1),
        lambda: LedgerEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
