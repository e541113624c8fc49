"""The verdict on a person at the gate: one case for each, by a pure function."""

from datetime import UTC, date, datetime, timedelta

import pytest

from booking.bookings.models import Booking
from booking.statuses import Status
from counters.gate.verdict import Kind, Offer, Timing, Verdict, timing, verdict
from counters.visits.models import CounterSession, Ticket, Visit, VisitStatus
from offices.day_rules.models import DayRule
from offices.directory.models import Counter, Office
from quotas.places.models import Slot

OFFICE = Office(pk=1, code="uji", name="Kantor Imigrasi Uji", time_zone="Asia/Makassar")
OTHER = Office(pk=2, code="lain", name="Kantor Imigrasi Lain", time_zone="Asia/Jakarta")
NINE = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)  # 09.00 WITA
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
SLOT = Slot(pk=1, starts_at=NINE, ends_at=NINE + HOUR, day=date(2026, 11, 26), office=OFFICE)
REBOOK = DayRule(after_grace="rebook")


def booking(status: str = Status.BOOKED, **fields: object) -> Booking:
    defaults = {"office": OFFICE, "slot": SLOT, "via": "first_come"}
    return Booking(status=status, **{**defaults, **fields})


def visit(status: str, *, day: date = SLOT.day, counter: int = 0, **fields: object) -> Visit:
    session = CounterSession(counter=Counter(number=counter)) if counter else None
    row = Visit(status=status, day=day, office=OFFICE, session=session, **fields)
    row.ticket = Ticket(letter="A", number=12)
    return row


def judge(
    row: Booking, last: Visit | None = None, *, at: datetime = NINE, rule: DayRule | None = None
) -> Verdict:
    return verdict(row, last, office=OFFICE, rule=rule or DayRule(), now=at)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NINE - HOUR - MINUTE, Timing.EARLY),
        (NINE - HOUR, Timing.ON_TIME),
        (NINE + HOUR, Timing.ON_TIME),
        (NINE + HOUR + MINUTE, Timing.LATE),
        (NINE + HOUR + 30 * MINUTE, Timing.LATE),
        (NINE + HOUR + 31 * MINUTE, Timing.OVER),
    ],
)
def test_an_arrival_is_compared_with_the_hour(at: datetime, expected: Timing) -> None:
    assert timing(SLOT, rule=DayRule(), arrived=at) == expected


def test_the_rule_of_the_office_sets_the_limits() -> None:
    rule = DayRule(early_minutes=15, late_minutes=0)
    assert timing(SLOT, rule=rule, arrived=NINE - 16 * MINUTE) == Timing.EARLY
    assert timing(SLOT, rule=rule, arrived=NINE + HOUR + MINUTE) == Timing.OVER


def test_right_now_is_let_in() -> None:
    right = judge(booking())
    assert (right.kind, right.is_right, right.may_check_in) == (Kind.RIGHT, True, True)
    assert right.title == "Silakan masuk"


def test_somewhat_early_is_right_and_says_when_the_clock_begins() -> None:
    early = judge(booking(), at=NINE - 40 * MINUTE)
    assert early.is_right
    assert "40\N{NO-BREAK SPACE}menit" in early.text
    assert "09.00" in early.text


def test_too_early_says_when_to_come_back() -> None:
    early = judge(booking(), at=NINE - 2 * HOUR)
    assert (early.kind, early.may_check_in, early.offer) == (Kind.EARLY, False, Offer.NONE)
    assert "08.00" in early.title


def test_late_within_the_tolerance_needs_a_look_but_not_a_decision() -> None:
    late = judge(booking(), at=NINE + HOUR + 20 * MINUTE)
    assert (late.kind, late.may_check_in, late.is_right) == (Kind.LATE, True, False)
    assert "20\N{NO-BREAK SPACE}menit" in late.title
    assert "10.30" in late.text


def test_after_the_tolerance_the_rule_decides() -> None:
    at = NINE + 2 * HOUR
    admitted, offered = judge(booking(), at=at), judge(booking(), at=at, rule=REBOOK)
    assert (admitted.kind, admitted.may_check_in, admitted.offer) == (Kind.OVER, True, Offer.MOVE)
    assert (offered.kind, offered.may_check_in, offered.offer) == (Kind.OVER, False, Offer.MOVE)


def test_a_walk_in_has_no_booked_hour() -> None:
    assert judge(booking(via="desk"), at=NINE + 3 * HOUR, rule=REBOOK).is_right


def test_another_day_says_when_to_come() -> None:
    tomorrow = Slot(pk=2, starts_at=NINE + DAY, ends_at=NINE + DAY + HOUR, day=SLOT.day + DAY)
    coming = judge(booking(slot=tomorrow))
    assert (coming.kind, coming.may_check_in, coming.offer) == (Kind.OTHER_DAY, False, Offer.NONE)
    assert "27\N{NO-BREAK SPACE}November" in coming.text
    past = judge(booking(), at=NINE + DAY)
    assert (past.kind, past.offer) == (Kind.OTHER_DAY, Offer.MOVE)


def test_another_office_names_the_office_and_its_own_time() -> None:
    elsewhere = judge(booking(office=OTHER))
    assert (elsewhere.kind, elsewhere.may_check_in) == (Kind.OTHER_OFFICE, False)
    assert "Kantor Imigrasi Lain" in elsewhere.text
    assert "08.00–09.00\N{NO-BREAK SPACE}WIB" in elsewhere.text


@pytest.mark.parametrize(
    ("status", "counter", "words", "state"),
    [
        (VisitStatus.WAITING, 0, "duduk", "done"),
        (VisitStatus.CALLED, 3, "Loket 3", "called"),
        (VisitStatus.SERVING, 3, "Sedang dilayani di Loket 3", "serving"),
    ],
)
def test_already_inside_with_number_and_state(
    status: VisitStatus, counter: int, words: str, state: str
) -> None:
    inside = judge(booking(Status.CHECKED_IN), visit(status, counter=counter))
    assert (inside.kind, inside.state, inside.may_check_in) == (Kind.INSIDE, state, False)
    assert "A-012" in inside.title
    assert words in inside.text


@pytest.mark.parametrize("status", [VisitStatus.WAITING, VisitStatus.CALLED, VisitStatus.SERVING])
def test_an_open_visit_of_yesterday_can_be_admitted_again(status: VisitStatus) -> None:
    old = visit(status, day=SLOT.day - DAY, counter=0 if status == VisitStatus.WAITING else 2)
    judged = judge(booking(Status.CHECKED_IN), old)
    assert (judged.kind, judged.may_check_in) == (Kind.LEFT_OVER, True)


def test_a_served_person_need_not_wait() -> None:
    done = visit(VisitStatus.FINISHED, ended_at=NINE + HOUR)
    served = judge(booking(Status.SERVED), done, at=NINE + 2 * HOUR)
    assert (served.kind, served.may_check_in) == (Kind.SERVED, False)
    assert "10.00" in served.text
    assert "duduk" not in served.text


def test_somebody_with_missing_documents_comes_back() -> None:
    back = judge(booking(Status.CHECKED_IN), visit(VisitStatus.INCOMPLETE), at=NINE + 5 * DAY)
    assert (back.kind, back.is_right) == (Kind.RETURN, True)


def test_somebody_who_left_today_comes_back_after_a_look() -> None:
    back = judge(booking(Status.NO_SHOW), visit(VisitStatus.LEFT), at=NINE + HOUR)
    assert (back.kind, back.may_check_in, back.is_right) == (Kind.RETURN, True, False)


def test_a_no_show_is_offered_another_hour() -> None:
    missed = judge(booking(Status.NO_SHOW), at=NINE + 7 * HOUR)
    assert (missed.kind, missed.may_check_in, missed.offer) == (Kind.NO_SHOW, False, Offer.BOOK)


@pytest.mark.parametrize(
    ("status", "offer"),
    [
        (Status.CANCELLED, Offer.BOOK),
        (Status.EXPIRED, Offer.BOOK),
        (Status.HELD, Offer.NONE),
        (Status.DISPLACED, Offer.NONE),
    ],
)
def test_a_booking_that_is_no_longer_valid(status: Status, offer: Offer) -> None:
    ended = judge(booking(status))
    assert (ended.kind, ended.may_check_in, ended.offer) == (Kind.CANCELLED, False, offer)
