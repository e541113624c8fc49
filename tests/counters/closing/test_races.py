"""Two supervisors close the day at once, over real connections, with a control."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest

from booking.bookings.models import Booking, Displacement
from booking.statuses import Status
from counters.closing import services
from counters.closing.models import DayClosing
from counters.closing.selectors import Action
from counters.closing.services import Decision
from counters.visits.errors import VisitChanged
from counters.visits.models import Visit, VisitEvent
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.places.errors import PlaceNotHeld
from tests.counters.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
ROUNDS = 60
UNSENT = 9


def decide_together(run_together: Race, world: World, visit: Visit, people: int = 2) -> list[Any]:
    supervisors = [world.supervisor] + [
        world.colleague(Role.SUPERVISOR) for _person in range(people - 1)
    ]
    return run_together(
        partial(
            services.decide,
            Decision(visit.pk, Action.TOMORROW, "waiting"),
            office=world.office,
            by=by,
            now=world.at(15, 5),
        )
        for by in supervisors
    )


def test_two_supervisors_move_a_person_once(run_together: Race) -> None:
    world = make_world()
    outcomes = decide_together(run_together, world, world.arrive(14))
    assert sum(isinstance(each, Visit) for each in outcomes) == 1
    assert sum(isinstance(each, VisitChanged) for each in outcomes) == 1
    assert (Displacement.objects.count(), Booking.objects.get().status) == (1, Status.BOOKED)


def test_control_without_guards_both_begin_the_move(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing.

    Both pass the check of the visit's status; only the last guard, the holder of the place, stops one.
    """
    world = make_world(places=60)

    def goes_wrong() -> bool:
        outcomes = decide_together(run_together, world, world.arrive(14), people=3)
        return any(isinstance(each, PlaceNotHeld) for each in outcomes)

    assert any(goes_wrong() for _round in range(ROUNDS))


def test_two_supervisors_finish_the_day_once(run_together: Race) -> None:
    world = make_world()
    absent, came = [world.book(8), world.book(9)], world.arrive(10)
    for number in (1, 2):
        world.sit(number, world.colleague())
    decide_together(run_together, world, came)
    finish = partial(services.finish_day, office=world.office, now=world.at(15, 6))
    outcomes = run_together(
        partial(finish, by=by) for by in (world.supervisor, world.colleague(Role.SUPERVISOR))
    )
    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert DayClosing.objects.count() == 1
    assert sum(each.no_shows for each in outcomes) == len(absent)
    assert sum(each.counters for each in outcomes) == 2
    assert VisitEvent.objects.filter(kind="unserved").count() == 1
    rows = verify(now=world.at(15, 10))
    assert [row for row in rows if row.breaches and row.law != UNSENT] == []
