"""Holding, returning to the queue, handing on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from counters.closing.selectors import Action
from counters.closing.services import Decision, decide
from counters.queue import services as queue_services
from counters.queue.selectors import clock_of
from counters.service import services as service_services
from counters.service import transfers
from counters.service.selectors import visits_at
from counters.stations import services as stations_services
from counters.stations.errors import ParkedRemain, StillServing
from counters.visits.errors import (
    CounterNotOpen,
    NobodyTakesOver,
    StageChanged,
    TooManyParked,
    VisitElsewhere,
)
from counters.visits.models import MOST_PARKED, CounterSession, StageRun, Visit
from offices.directory.models import Stage
from tests.counters.world import DAY, KTP, World, who


def park(world: World, session: CounterSession, minute: int) -> Visit:
    """Call the next person, begin, and hold their visit."""
    visit = world.start(session, world.at(8, minute))
    return transfers.park_visit(**who(visit, session), now=world.at(8, minute + 1))


def test_a_parked_visit_keeps_its_clock_while_another_is_served(world: World) -> None:
    session = world.sit()
    world.arrive(8), world.arrive(8, 1)
    parked = park(world, session, 5)
    assert (parked.status, parked.parked_place) == ("parked", 1)
    assert parked.stage_runs.get().result == StageRun.Result.ABANDONED
    other = world.start(session, world.at(8, 10))
    assert other != parked
    _visit, [row] = visits_at(session, now=world.at(8, 30))
    assert (row.visit, row.parked, row.left) == (parked, 24, 90)
    assert clock_of(parked, now=world.at(8, 30))["running"] == 30


def test_a_parked_visit_goes_on_with_its_stage(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=world.at(8, 9))
    transfers.park_visit(**who(visit, session), now=world.at(8, 10))
    resumed = transfers.resume_visit(**who(visit, session), now=world.at(8, 20))
    assert (resumed.status, resumed.parked_at, resumed.parked_place) == ("serving", None, None)
    assert resumed.stage_runs.get(ended_at=None).stage == Stage.INTERVIEW
    kinds = list(resumed.history.values_list("kind", flat=True))
    assert kinds[-2:] == ["parked", "resumed"]


def test_a_counter_holds_a_limited_number_of_visits(world: World) -> None:
    session = world.sit()
    for minute in range(MOST_PARKED + 1):
        world.arrive(8, minute)
    for number in range(MOST_PARKED):
        park(world, session, 5 + 2 * number)
    visit = world.start(session, world.at(8, 20))
    with pytest.raises(TooManyParked):
        transfers.park_visit(**who(visit, session), now=world.at(8, 21))
    visit.refresh_from_db()
    assert visit.status == "serving"
    with pytest.raises(IntegrityError), transaction.atomic():  # the database refuses it too
        Visit.objects.filter(status="parked").update(parked_place=MOST_PARKED + 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(status="parked").update(parked_place=1)


def test_a_parked_visit_waits_for_the_counter_to_be_free(world: World) -> None:
    session = world.sit()
    world.arrive(8), world.arrive(8, 1)
    parked = park(world, session, 5)
    world.start(session, world.at(8, 10))
    with pytest.raises(StillServing):
        transfers.resume_visit(**who(parked, session), now=world.at(8, 11))


def test_a_counter_with_a_parked_visit_cannot_be_left(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = park(world, session, 5)
    with pytest.raises(ParkedRemain) as refused:
        stations_services.leave_counter(
            session_id=session.pk, by=session.officer, now=world.at(8, 20)
        )
    assert str(visit.ticket) in str(refused.value)


def test_a_supervisor_who_frees_a_counter_returns_its_parked_visits(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = park(world, session, 5)
    stations_services.free_counter(session_id=session.pk, by=world.supervisor, now=world.at(8, 20))
    visit.refresh_from_db()
    assert (visit.status, visit.session, visit.parked_at) == ("waiting", None, None)


def test_a_visit_put_back_waits_behind_those_present(world: World) -> None:
    session = world.sit()
    first, second = world.arrive(8), world.arrive(8, 1)
    visit = world.start(session, world.at(8, 5))
    back = transfers.put_back(**who(visit, session), reason="fotokopi", now=world.at(8, 10))
    assert (back.status, back.arrived_at) == ("waiting", first.arrived_at)
    assert world.call(session, world.at(8, 11)) == second
    queue_services.skip(**who(second, session), reason="pergi", now=world.at(8, 12))
    assert world.call(session, world.at(8, 13)) == first


def test_a_handed_on_visit_goes_to_the_named_counter_only(world: World) -> None:
    here, there, third = (
        world.sit(1),
        world.sit(2, world.colleague()),
        world.sit(3, world.colleague()),
    )
    world.arrive(8)
    visit = world.start(here, world.at(8, 5))
    handed = transfers.transfer(
        **who(visit, here), counter_id=there.counter_id, reason="kamera", now=world.at(8, 10)
    )
    assert (handed.next_counter, handed.handed_on_by) == (there.counter, here.counter)
    assert handed.queue_at == visit.queue_at
    assert world.call(here, world.at(8, 11)) is None
    assert world.call(third, world.at(8, 11)) is None
    assert world.call(there, world.at(8, 11)) == visit
    started = service_services.start_service(**who(visit, there), now=world.at(8, 12))
    assert (started.next_counter, started.handed_on_by) == (None, None)


def test_a_visit_handed_on_to_any_counter_does_not_return_by_itself(world: World) -> None:
    here, there = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = world.start(here, world.at(8, 5))
    transfers.transfer(**who(visit, here), counter_id=None, reason="kamera", now=world.at(8, 10))
    assert world.call(here, world.at(8, 11)) is None
    assert world.call(there, world.at(8, 12)) == visit


def test_a_visit_is_handed_on_to_open_counters_only(world: World) -> None:
    here = world.sit(1)
    world.arrive(8)
    visit = world.start(here, world.at(8, 5))
    with pytest.raises(NobodyTakesOver):
        transfers.transfer(**who(visit, here), counter_id=None, reason="kamera", now=world.at(8, 9))
    there = world.sit(2, world.colleague())
    with pytest.raises(CounterNotOpen):
        transfers.transfer(
            **who(visit, here),
            counter_id=world.counter(3).pk,
            reason="kamera",
            now=world.at(8, 10),
        )
    visit.refresh_from_db()
    assert visit.status == "serving"
    assert visit.stage_runs.get().ended_at is None
    assert transfers.takers(visit, here) == [there.counter]


def test_a_counter_that_closes_gives_up_the_visits_handed_on_to_it(world: World) -> None:
    here, there = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = world.start(here, world.at(8, 5))
    transfers.transfer(
        **who(visit, here), counter_id=there.counter_id, reason="kamera", now=world.at(8, 10)
    )
    stations_services.leave_counter(session_id=there.pk, by=there.officer, now=world.at(8, 11))
    third = world.sit(3, world.colleague())
    assert world.call(third, world.at(8, 12)) == visit


def test_an_old_form_parks_nothing(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    old = visit.version
    service_services.finish_stage(**who(visit, session), documents_checked=KTP, now=world.at(8, 9))
    for act in (transfers.park_visit, transfers.put_back, transfers.transfer):
        extra: dict[str, Any] = {} if act is transfers.park_visit else {"reason": "kamera"}
        if act is transfers.transfer:
            extra["counter_id"] = None
        with pytest.raises(StageChanged):
            act(**who(visit, session), **extra, version=old, now=world.at(8, 10))


def test_another_officer_cannot_take_a_parked_visit(world: World) -> None:
    session, other = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = park(world, session, 5)
    with pytest.raises(VisitElsewhere):
        transfers.resume_visit(**who(visit, other), now=world.at(8, 20))


def test_a_supervisor_ends_a_visit_parked_overnight(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = park(world, session, 5)
    decision = Decision(visit.pk, Action.INCOMPLETE, visit.status, missing="Tidak kembali")
    decide(
        decision,
        office=world.office,
        by=world.supervisor,
        now=world.at(8, 0, DAY + timedelta(days=1)),
    )
    visit.refresh_from_db()
    assert (visit.status, visit.parked_at) == ("incomplete", None)
