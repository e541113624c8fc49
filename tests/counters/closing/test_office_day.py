"""A day replayed through the real services ends with nothing unaccounted for (laws 5 to 8)."""

from collections import Counter as Tally
from time import monotonic

import pytest

from booking.bookings.models import Booking
from booking.restrictions.models import Restriction
from booking.statuses import Status
from counters.closing import selectors
from counters.pickup import services as pickup_services
from counters.production.errors import AlreadyHandedOver
from counters.production.models import PassportBook
from counters.visits.models import CounterSession, StageRun, Visit
from notices.models import Message
from ops.verification.services import verify
from reports.load.selectors import daily_load
from tests.counters.office_day import OfficeDay, replay
from tests.counters.production.test_services import SELF
from tests.counters.world import DAY

pytestmark = pytest.mark.django_db
LAWS = {1, 2, 3, 5, 6, 7, 8}
# What each fate in the replay's own ledger must be in the database.
STATUS_OF = {
    "served": {Status.SERVED},
    "incomplete": {Status.CHECKED_IN},
    "left": {Status.LEFT},
    "refused": {Status.LEFT},
    "moved": {Status.BOOKED, Status.DISPLACED},
    "no_show": {Status.NO_SHOW},
}


def check(day: OfficeDay, seconds: float) -> None:
    """Assert that everybody is accounted for, and print the day."""
    world = day.world
    end = world.at(18, 40)
    finish = day.finish(end)
    assert finish.closing is not None, finish.left
    summary = day.summary()
    bookings = Booking.objects.in_bulk(list(day.fate))
    wrong = [
        (str(bookings[pk]), fate, bookings[pk].status)
        for pk, fate in day.fate.items()
        if bookings[pk].status not in STATUS_OF.get(fate, set())
    ]
    assert wrong == []
    # Nobody who came is a no-show. Everybody who was moved has a message or is on the list to inform.
    came = set(Visit.objects.values_list("booking", flat=True))
    assert not Booking.objects.filter(pk__in=came, status=Status.NO_SHOW).exists()
    moved = {pk for pk, fate in day.fate.items() if fate == "moved"}
    informed = {
        *Message.objects.filter(kind__in=["booking_moved", "booking_displaced"]).values_list(
            "about_id", flat=True
        ),
        *(str(row.booking_id) for row in selectors.to_inform(world.office)),
    }
    assert {str(pk) for pk in moved} <= informed
    assert not Restriction.objects.exists()
    # The screen's numbers, the report's and the ledger's are the same.
    numbers = selectors.numbers_of(world.office, DAY, now=end)
    assert numbers.visits == day.tally["arrived"]
    assert (numbers.open, numbers.undecided) == (0, 0)
    for name in ("served", "incomplete", "left", "refused", "moved"):
        assert getattr(numbers, name) == summary.get(name, 0), name
    assert numbers.no_shows == summary.get("no_show", 0)
    parts = numbers.served + numbers.incomplete + numbers.left + numbers.refused + numbers.moved
    assert parts == numbers.visits
    [load] = daily_load(world.office, DAY, DAY, end)
    assert (load.served, load.no_show) == (numbers.served, numbers.no_shows)
    assert load.overtime_minutes is not None
    assert abs(load.overtime_minutes - numbers.overtime_minutes) <= 1
    assert not StageRun.objects.filter(ended_at=None).exists()
    assert not CounterSession.objects.filter(closed_at=None).exists()
    _hand_over_some(day)
    laws = {row.law: row for row in verify(now=end) if row.law in LAWS}
    assert [row for row in laws.values() if row.breaches] == []
    assert laws[8].checked
    _show(day, summary, numbers, seconds)


def _hand_over_some(day: OfficeDay) -> None:
    world = day.world
    for book in PassportBook.objects.order_by("pk")[:5]:
        ready = world.make_ready(book, world.at(18, 30))
        to = {
            "book_id": ready.pk,
            "book_number": ready.book_number,
            "by": world.pickup,
            "now": world.at(18, 35),
        }
        pickup_services.hand_over(**to, **SELF)
        with pytest.raises(AlreadyHandedOver):
            pickup_services.hand_over(**to, **SELF)


def _show(
    day: OfficeDay, summary: dict[str, int], numbers: selectors.DayNumbers, seconds: float
) -> None:
    rows: Tally[str] = Tally(summary) + day.tally
    for name, value in sorted(rows.items()):
        print(f"{name:<32}{value:>6}{value / max(1, numbers.visits):>8.1%} of visits")
    print(f"{'overtime minutes':<32}{numbers.overtime_minutes:>6}")
    print(f"{'seconds':<32}{seconds:>6.1f}{numbers.visits / seconds:>8.1f} visits a second")


@pytest.mark.parametrize("seed", [1])
def test_a_day_ends_with_nothing_unaccounted_for(seed: int) -> None:
    begun = monotonic()
    day = replay(booked=54, walk_ins=12, officers=3, seed=seed)
    # The office is short of officers: closing has something to decide.
    assert {"served", "moved"} <= set(day.summary())
    check(day, monotonic() - begun)


@pytest.mark.slow
def test_a_day_of_a_thousand_visits_ends_with_nothing_unaccounted_for() -> None:
    begun = monotonic()
    day = replay(booked=960, walk_ins=150, officers=48, seed=7)
    assert day.tally["arrived"] >= 1000
    check(day, monotonic() - begun)
