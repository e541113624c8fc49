"""Tasks that run after closing."""

from collections.abc import Callable
from datetime import datetime, timedelta

from booking.statuses import Status
from counters.gate.selectors import missed_booking_ids
from counters.service import services
from counters.service.tasks import mark_no_shows
from tests.counters.world import DAY, World, who

SetClock = Callable[[datetime], None]


def test_absent_people_become_no_shows_after_closing_only(
    world: World, set_clock: SetClock
) -> None:
    booking = world.book(8)
    set_clock(world.at(14, 55))
    mark_no_shows()
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED
    set_clock(world.at(15, 5))
    mark_no_shows()
    mark_no_shows()
    booking.refresh_from_db()
    assert booking.status == Status.NO_SHOW
    assert booking.history.filter(new=Status.NO_SHOW).count() == 1


def test_people_inside_are_not_no_shows(world: World, set_clock: SetClock) -> None:
    visit = world.arrive(14)
    set_clock(world.at(16))
    mark_no_shows()
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.CHECKED_IN


def test_tomorrows_bookings_are_not_changed(world: World) -> None:
    world.book(8, DAY + timedelta(days=1))
    yesterday = world.book(8)
    missed = missed_booking_ids(world.office, now=world.at(7, 0, DAY + timedelta(days=1)))
    assert missed == [yesterday.pk]


def test_an_incomplete_application_expires_after_a_month(world: World, set_clock: SetClock) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    services.mark_incomplete(**who(visit, session), missing="Akta", now=world.at(8, 10))
    for days, status in ((30, Status.CHECKED_IN), (31, Status.LEFT)):
        set_clock(world.at(9, 0, DAY + timedelta(days=days)))
        mark_no_shows()
        visit.booking.refresh_from_db()
        assert visit.booking.status == status, days
