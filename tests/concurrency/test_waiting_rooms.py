"""A waiting room with many processes: one change of the rate, every arrival counted, no early admission."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from quotas.places.models import ReleaseWindow
from quotas.waiting_room.errors import NotLetIn
from quotas.waiting_room.models import RoomMark
from quotas.waiting_room.order import TURN
from quotas.waiting_room.selectors import room_of
from quotas.waiting_room.services import check_let_in, join_room, keep_rooms
from tests.builders import make_user
from tests.quotas.waiting_room.waiting_room_world import (
    OPENS,
    WAITS,
    join,
    make_room_office,
    slot_of,
    window_of,
)

pytestmark = pytest.mark.django_db(transaction=True)
RunTogether = Callable[..., list[Any]]


@pytest.fixture
def window() -> ReleaseWindow:
    return window_of(make_room_office())


def marks_after_six_workers(window: ReleaseWindow, run_together: RunTogether) -> int:
    """Let six workers change the rate concurrently; return how many changes they wrote."""
    before = RoomMark.objects.count()
    outcomes = run_together(
        partial(keep_rooms, now=WAITS + timedelta(microseconds=number)) for number in range(6)
    )
    assert not [one for one in outcomes if isinstance(one, BaseException)], outcomes
    return RoomMark.objects.count() - before


def test_six_workers_change_a_rate_once(
    window: ReleaseWindow, run_together: RunTogether, settings: Any
) -> None:
    settings.WAITING_ROOM_RATE = 7.0
    assert marks_after_six_workers(window, run_together) == 1


@pytest.mark.usefixtures("unguarded_database")
def test_control_without_guards_the_rate_changes_repeatedly(
    run_together: RunTogether, settings: Any
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    window, marks = window_of(make_room_office()), []
    for rate in range(30, 60):
        settings.WAITING_ROOM_RATE = float(rate)
        RoomMark.objects.all().delete()
        RoomMark.objects.create(room=window.room, since=WAITS - TURN, watermark=0, rate=1)
        marks.append(marks_after_six_workers(window, run_together))
        if marks[-1] > 1:
            return
    raise AssertionError(marks)


def test_every_concurrent_arrival_is_counted(
    window: ReleaseWindow, run_together: RunTogether
) -> None:
    accounts = [make_user().pk for _each in range(24)]
    tokens = run_together(
        partial(
            join_room, window_id=window.pk, account_id=account, now=OPENS + timedelta(seconds=1)
        )
        for account in accounts
    )
    assert len(set(tokens)) == 24
    room = room_of(window.pk, now=OPENS + timedelta(seconds=2))
    assert room is not None
    assert room.total == 24


def test_only_admitted_tickets_pass_under_load(
    window: ReleaseWindow, run_together: RunTogether, settings: Any
) -> None:
    settings.WAITING_ROOM_RATE = 1.0
    keep_rooms(now=WAITS)
    slot, now = slot_of(window.office), OPENS + timedelta(seconds=10)
    tickets = {
        account: join(window, account) for account in (make_user().pk for _each in range(24))
    }
    outcomes = run_together(
        partial(check_let_in, slot_id=slot.pk, account_id=account, tokens=[token], now=now)
        for account, token in tickets.items()
    )
    outcome_counts = Counter(type(one) for one in outcomes)
    assert outcome_counts[NotLetIn] == pytest.approx(14, abs=8)
    assert outcome_counts[NotLetIn] + outcome_counts[type(None)] == 24
