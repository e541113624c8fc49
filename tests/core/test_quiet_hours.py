"""No deadline runs at night."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.quiet_hours import QuietHours, add_active_time, last_active, next_active

JAKARTA = ZoneInfo("Asia/Jakarta")
QUIET = QuietHours(time(20), time(7), JAKARTA)
moments = st.integers(min_value=0, max_value=366 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
spans = st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=48))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=JAKARTA)


@pytest.mark.parametrize(
    ("start", "hours", "until"),
    [
        (at(23, 10), 4, at(23, 14)),
        (at(23, 19), 4, at(24, 10)),
        (at(23, 16), 4, at(23, 20)),
        (at(23, 23), 4, at(24, 11)),
        (at(24, 3), 4, at(24, 11)),
        (at(23, 10), 14, at(24, 11)),
        (at(23, 7), 26, at(24, 20)),
    ],
)
def test_the_night_does_not_count(start: datetime, hours: int, until: datetime) -> None:
    assert add_active_time(start, timedelta(hours=hours), QUIET) == until


def test_a_message_waits_until_morning() -> None:
    assert next_active(at(23, 20), QUIET) == at(24, 7)
    assert next_active(at(24, 6, 59), QUIET) == at(24, 7)
    assert next_active(at(24, 7), QUIET) == at(24, 7)


def test_midnight_before_the_day_becomes_the_evening_before() -> None:
    assert last_active(at(26, 0), QUIET) == at(25, 20)
    assert last_active(at(25, 21), QUIET) == at(25, 20)
    assert last_active(at(25, 12), QUIET) == at(25, 12)


def test_without_quiet_hours_every_hour_counts() -> None:
    none = QuietHours(time(0), time(0), JAKARTA)
    assert add_active_time(at(23, 22), timedelta(hours=4), none) == at(24, 2)
    assert next_active(at(23, 23), none) == at(23, 23)


def test_quiet_hours_can_lie_within_a_day() -> None:
    noon = QuietHours(time(12), time(13), JAKARTA)
    assert add_active_time(at(23, 11), timedelta(hours=2), noon) == at(23, 14)


@given(moments, spans)
def test_an_answer_is_never_due_at_night_or_too_early(start: datetime, span: timedelta) -> None:
    until = add_active_time(start, span, QUIET)
    assert until >= start + span
    # The first moment of the quiet hours is a possible deadline.
    assert (
        not QUIET.contains(until)
        or not QUIET.contains(until - timedelta(microseconds=1))
        or not span
    )


@given(moments, spans, spans)
def test_durations_outside_quiet_hours_add_up(
    start: datetime, one: timedelta, other: timedelta
) -> None:
    assert add_active_time(add_active_time(start, one, QUIET), other, QUIET) >= add_active_time(
        start, one + other, QUIET
    ) - timedelta(hours=11)
    assert add_active_time(start, one + other, QUIET) >= add_active_time(start, one, QUIET)
