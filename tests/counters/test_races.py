"""Races over real connections, each with a control that fails without the guards."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db.models import F

from booking.bookings.changes import move_at_office
from core.errors import DomainError
from counters.drive_thru import services as drive_thru_services
from counters.drive_thru.models import DriveThruHour, DriveThruVisit
from counters.gate import services as gate_services
from counters.outages import services as outages_services
from counters.paper import services as paper_services
from counters.paper.errors import CounterServedAnother
from counters.pickup import services as pickup_services
from counters.pickup.models import Pickup
from counters.production.errors import AlreadyHandedOver
from counters.production.models import PassportBook
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.service.services import Work
from counters.stations import services as stations_services
from counters.visits.errors import StageChanged
from counters.visits.models import CounterSession, StageRun, Ticket, Visit, VisitEvent
from offices.directory.models import Counter, Device, Hall
from offices.outages.models import Outage
from quotas.places.models import Place
from tests import guards
from tests.builders import make_application
from tests.counters.drive_thru.world import open_lane
from tests.counters.production.test_services import SELF
from tests.counters.world import DAY, KTP, World, make_world, who

pytestmark = pytest.mark.django_db(transaction=True)
Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
ROUNDS = 60


def faultless(outcomes: list[Any]) -> list[Any]:
    faults = [
        each
        for each in outcomes
        if isinstance(each, BaseException) and not isinstance(each, DomainError)
    ]
    assert not faults, faults
    return outcomes


# --- Two officers call at once --------------------------------------------------------------------
def call_together(run_together: Race, world: World, sessions: list[CounterSession]) -> list[Any]:
    calls = [
        partial(queue_services.call_next, session_id=one.pk, by=one.officer, now=world.at(8, 30))
        for one in sessions
    ]
    return run_together(calls)


def seats(world: World) -> list[CounterSession]:
    return [world.sit(number, world.colleague()) for number in (1, 2, 3)]


def test_concurrent_calls_get_different_people(run_together: Race) -> None:
    world = make_world()
    sessions = seats(world)
    for _person in range(3):
        world.arrive(8)
    called = faultless(call_together(run_together, world, sessions))
    assert len({visit.pk for visit in called}) == 3
    assert Visit.objects.filter(session__in=sessions, status="called").count() == 3


def test_one_person_is_called_by_one_officer(run_together: Race) -> None:
    world = make_world()
    world.arrive(8)
    called = faultless(call_together(run_together, world, seats(world)))
    assert sum(visit is not None for visit in called) == 1
    assert VisitEvent.objects.filter(kind="called").count() == 1


def test_control_without_guards_two_officers_get_the_same_person(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the tests above no longer race and prove nothing."""
    world = make_world()
    sessions = seats(world)

    def goes_wrong() -> bool:
        Visit.objects.update(status="left")
        world.arrive(8)
        called = call_together(run_together, world, sessions)
        return sum(isinstance(visit, Visit) for visit in called) > 1

    assert any(goes_wrong() for _round in range(ROUNDS))


def test_calling_in_two_windows_calls_one_person(run_together: Race) -> None:
    world = make_world()
    session = world.sit()
    for _person in range(3):
        world.arrive(8)
    called = faultless(call_together(run_together, world, [session, session, session]))
    assert len({visit.pk for visit in called}) == 1
    assert Visit.objects.filter(session=session, status="called").count() == 1


# --- A camera breaks while its counter calls --------------------------------------------------------
def world_of_photos() -> tuple[World, CounterSession, Device]:
    """Two counters. The first, with a camera of its own, may call; the visit waits for the photo."""
    world = make_world(places=60)
    camera = Device.objects.create(
        office=world.office, kind="camera", counter=world.counter(1), name="Kamera 1"
    )
    return world, world.sit(1), camera


def break_and_call(
    run_together: Race, world: World, session: CounterSession, camera: Device
) -> Visit:
    """Somebody waits for the photo; the camera breaks at the moment in which the counter calls."""
    Outage.objects.all().delete()
    Visit.objects.update(status="left", session=None)
    open_there = CounterSession.objects.filter(counter=world.counter(2), closed_at=None)
    open_there.update(closed_at=F("opened_at"))
    visit = world.arrive(8)
    other = world.sit(2, world.colleague())
    make_application(visit.booking)
    for stage in ("documents", "interview"):
        StageRun.objects.create(
            visit=visit,
            stage=stage,
            session=other,
            started_at=world.at(8),
            ended_at=world.at(8, 10),
            result="done",
        )

    def call() -> Any:
        # Without guards, what the call read of the outages is old by the time it writes.
        with guards.lingering("offices_outage", seconds=0.2):
            return queue_services.call_next(
                session_id=session.pk, by=session.officer, now=world.at(8, 30)
            )

    record = partial(
        outages_services.record_outage,
        office_id=world.office.pk,
        device_id=camera.pk,
        reason="layar gelap",
        by=world.supervisor,
        now=world.at(8, 30),
    )
    faultless(run_together([call, record]))
    visit.refresh_from_db()
    return visit


def test_nobody_is_called_to_a_camera_that_has_just_broken(run_together: Race) -> None:
    visit = break_and_call(run_together, *world_of_photos())
    assert Outage.objects.open().count() == 1
    assert (visit.status, visit.session) == ("waiting", None)


def test_control_without_guards_somebody_is_called_to_a_broken_camera(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world, session, camera = world_of_photos()
    assert any(
        break_and_call(run_together, world, session, camera).status == "called"
        for _round in range(ROUNDS)
    )


# --- A stage is finished twice at once --------------------------------------------------------------
def finish_together(
    run_together: Race, world: World, session: CounterSession, visit: Visit
) -> list[Any]:
    """A double click: the same form arrives three times, with the version that it showed."""
    finish = partial(
        service_services.finish_stage,
        **who(visit, session),
        work=Work(ticked=KTP),
        stage="documents",
        version=visit.version,
        now=world.at(8, 40),
    )
    return run_together([finish] * 3)


def test_a_double_click_finishes_one_stage(run_together: Race) -> None:
    world = make_world()
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 30))
    outcomes = faultless(finish_together(run_together, world, session, visit))
    assert sum(isinstance(each, StageChanged) for each in outcomes) == 2
    assert list(visit.stage_runs.values_list("stage", "result")) == [
        ("documents", "done"),
        ("interview", ""),
    ]


def test_control_without_guards_a_double_click_finishes_twice(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world(places=60)
    session = world.sit()

    def goes_wrong() -> bool:
        Visit.objects.update(status="left")
        world.arrive(8)
        visit = world.start(session, world.at(8, 30))
        outcomes = finish_together(run_together, world, session, visit)
        return sum(isinstance(each, Visit) for each in outcomes) > 1

    assert any(goes_wrong() for _round in range(ROUNDS))


def test_two_officers_finish_at_once(run_together: Race) -> None:
    """Each the visit at their own counter: both end, and each orders one passport."""
    world = make_world()
    sessions = [world.sit(1), world.sit(2, world.colleague())]
    visits = []
    for minute, session in enumerate(sessions):
        world.arrive(8, minute)
        visit = world.start(session, world.at(8, 10))
        for _stage in range(2):
            service_services.finish_stage(
                **who(visit, session), documents_checked=KTP, now=world.at(8, 20)
            )
        visits.append(visit)
    outcomes = run_together(
        partial(service_services.finish_visit, **who(visit, session), now=world.at(8, 30))
        for visit, session in zip(visits, sessions, strict=True)
    )
    faultless(outcomes)
    assert Visit.objects.filter(status="finished").count() == 2
    assert PassportBook.objects.count() == 2


def test_two_officers_finish_one_visit_at_once(run_together: Race) -> None:
    """The visit was handed on while its first officer pressed Enter: one of the two counts."""
    world = make_world()
    here, _there = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    visit = world.start(here, world.at(8, 10))
    to = {**who(visit, here), "version": visit.version, "now": world.at(8, 20)}
    finish = partial(service_services.finish_stage, work=Work(ticked=KTP), **to)
    hand_on = partial(service_transfers.transfer, counter_id=None, reason="kamera", **to)
    outcomes = faultless(run_together([finish, hand_on]))
    assert sum(isinstance(each, Visit) for each in outcomes) == 1
    assert sum(isinstance(each, StageChanged) for each in outcomes) == 1


def test_a_counter_never_holds_too_many(run_together: Race) -> None:
    """Two windows hold the same visit: one place is taken."""
    world = make_world()
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 10))
    park = partial(service_transfers.park_visit, **who(visit, session), now=world.at(8, 20))
    outcomes = faultless(run_together([park] * 3))
    assert sum(isinstance(each, Visit) for each in outcomes) == 1
    assert Visit.objects.get().parked_place == 1


# --- Two supervisors enter lines of one counter at once -------------------------------------------
def enter_together(run_together: Race, world: World, visits: list[Visit]) -> list[Any]:
    line = paper_services.PaperLine(
        counter_id=world.counter().pk,
        arrived_at=world.at(8),
        started_at=world.at(8, 20),
        ended_at=world.at(8, 40),
    )
    return run_together(
        partial(
            paper_services.enter_from_paper,
            booking_id=visit.booking_id,
            line=line,
            by=world.supervisor,
            now=world.at(15),
        )
        for visit in visits
    )


def test_concurrent_paper_lines_do_not_overlap(
    run_together: Race,
) -> None:
    world = make_world()
    visits = [world.arrive(8) for _person in range(3)]
    entered = faultless(enter_together(run_together, world, visits))
    refused = [each for each in entered if isinstance(each, CounterServedAnother)]
    [done] = [each for each in entered if isinstance(each, Visit)]
    assert len(refused) == 2
    assert all(str(done.ticket) in str(each) for each in refused)
    assert CounterSession.objects.filter(is_from_paper=True).count() == 1


def test_control_without_guards_paper_lines_overlap(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world(places=60)

    def goes_wrong() -> bool:
        CounterSession.objects.update(is_from_paper=False)
        StageRun.objects.update(result="abandoned")
        visits = [world.arrive(8) for _person in range(2)]
        entered = enter_together(run_together, world, visits)
        return sum(isinstance(each, Visit) for each in entered) > 1

    assert any(goes_wrong() for _round in range(ROUNDS))


# --- Tickets --------------------------------------------------------------------------------------
def arrive_together(run_together: Race, world: World, people: int) -> list[Any]:
    bookings = [world.book(8) for _person in range(people)]
    calls = [
        partial(
            gate_services.check_in,
            office_id=world.office.pk,
            code=one.code,
            by=world.gate,
            now=world.at(8),
        )
        for one in bookings
    ]
    return run_together(calls)


def test_concurrent_arrivals_get_consecutive_numbers(run_together: Race) -> None:
    world = make_world(places=60)
    visits = faultless(arrive_together(run_together, world, 8))
    assert sorted(visit.ticket.number for visit in visits) == list(range(1, 9))


def test_control_without_guards_two_people_get_the_same_number(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world(places=120)
    world.arrive(8)  # the series exists

    def goes_wrong() -> bool:
        arrive_together(run_together, world, 3)
        numbers = list(Ticket.objects.values_list("number", flat=True))
        return len(numbers) > len(set(numbers))

    assert any(goes_wrong() for _round in range(6))


def test_concurrent_scans_create_one_visit(run_together: Race) -> None:
    world = make_world()
    code = world.book(8).code
    check_in = partial(
        gate_services.check_in, office_id=world.office.pk, code=code, by=world.gate, now=world.at(8)
    )
    visits = faultless(run_together([check_in] * 4))
    assert len({visit.pk for visit in visits}) == 1
    assert Ticket.objects.count() == 1


# --- Undoing a check-in while somebody calls -------------------------------------------------------
def undo_and_call(run_together: Race, world: World, session: CounterSession) -> list[Any]:
    visit = world.arrive(8)
    undo = partial(gate_services.undo_check_in, visit_id=visit.pk, by=world.gate, now=world.at(8))
    call = partial(
        queue_services.call_next, session_id=session.pk, by=session.officer, now=world.at(8)
    )
    return run_together([undo, call, undo])


def test_a_visit_is_undone_or_called_never_both(run_together: Race) -> None:
    world = make_world()
    for number in (1, 2, 3):
        session = world.sit(number, world.colleague())
        faultless(undo_and_call(run_together, world, session))
        visit = Visit.objects.latest("pk")
        visit.booking.refresh_from_db()
        kinds = [line.kind for line in visit.history.all()]
        assert kinds in (["arrived", "undone"], ["arrived", "called"])
        pairs = {"undone": "booked", "called": "checked_in"}
        assert visit.booking.status == pairs[visit.status]


def test_two_officers_at_the_gate_move_one_booking_once(run_together: Race) -> None:
    world = make_world()
    booking = world.book(8)
    moves = [
        partial(
            move_at_office,
            booking_id=booking.pk,
            slot_id=world.slot(hour).pk,
            by=world.gate,
            now=world.at(9, 40),
        )
        for hour in (10, 10, 11)
    ]
    faultless(run_together(moves))
    booking.refresh_from_db()
    held = Place.objects.filter(holder=booking.pk)
    assert [place.pk for place in held] == [booking.place_id]


# --- Counters and passports -----------------------------------------------------------------------
def test_of_two_officers_one_gets_the_counter(run_together: Race) -> None:
    world = make_world()
    calls = [
        partial(
            stations_services.take_counter,
            counter_id=world.counter().pk,
            by=world.colleague(),
            now=world.at(8),
        )
        for _officer in range(4)
    ]
    outcomes = faultless(run_together(calls))
    assert sum(isinstance(each, CounterSession) for each in outcomes) == 1


def hand_over_together(run_together: Race, world: World, book: PassportBook) -> list[Any]:
    hand_over = partial(
        pickup_services.hand_over,
        book_id=book.pk,
        book_number=book.book_number,
        by=world.pickup,
        now=world.at(14, 30),
        **SELF,
    )
    return run_together([hand_over] * 4)


def test_concurrent_collections_succeed_once(run_together: Race) -> None:
    world = make_world()
    outcomes = faultless(hand_over_together(run_together, world, world.ready_book()))
    assert sum(isinstance(each, Pickup) for each in outcomes) == 1
    assert sum(isinstance(each, AlreadyHandedOver) for each in outcomes) == 3


def test_control_without_guards_a_passport_is_collected_twice(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world()

    def goes_wrong(hour: int) -> bool:
        book = world.ready_book(hour)
        hand_over_together(run_together, world, book)
        return Pickup.objects.filter(book=book).count() > 1

    assert any(goes_wrong(hour) for hour in (8, 9, 10, 11, 13))


# --- Two people book the last place of a drive-thru hour ------------------------------------------
def book_hour_together(run_together: Race, world: World, books: list[PassportBook]) -> list[Any]:
    return run_together(
        partial(
            drive_thru_services.book_hour,
            book_id=book.pk,
            starts_at=world.at(9, day=DAY + timedelta(days=1)),
            by=book.visit.booking.account,
            now=world.at(14, 30),
        )
        for book in books
    )


def test_a_drive_thru_hour_is_never_oversold(run_together: Race) -> None:
    world = make_world()
    open_lane(world, places=1)
    books = [world.ready_book(hour) for hour in (8, 9, 10, 11)]
    outcomes = faultless(book_hour_together(run_together, world, books))
    assert sum(isinstance(each, DriveThruVisit) for each in outcomes) == 1
    assert DriveThruHour.objects.get().taken == 1


def test_control_without_guards_a_drive_thru_hour_is_oversold(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world()
    open_lane(world, places=1)
    books = [world.ready_book(hour) for hour in (8, 9, 10)]
    # The hour has a row already, so that the race is about its places.
    book_hour_together(run_together, world, books[:1])

    def goes_wrong() -> bool:
        DriveThruVisit.objects.update(status="cancelled")
        DriveThruHour.objects.update(taken=0)
        outcomes = book_hour_together(run_together, world, books)
        return sum(isinstance(each, DriveThruVisit) for each in outcomes) > 1

    assert any(goes_wrong() for _round in range(ROUNDS))


# --- A counter is opened, or a second hall ends, while one ends -----------------------------------
def open_and_retire(run_together: Race, world: World) -> list[Any]:
    counter = {"counter_id": world.counter(1).pk, "now": world.at(8)}
    return run_together(
        [
            partial(stations_services.take_counter, **counter, by=world.officer),
            partial(stations_services.retire_counter, **counter, day=DAY, by=None),
        ]
    )


def is_open_and_retired(world: World) -> bool:
    sessions = CounterSession.objects.filter(counter=world.counter(1), closed_at__isnull=True)
    return sessions.exists() and world.counter(1).retired_on == DAY


def begin_again(world: World) -> None:
    CounterSession.objects.all().delete()
    Counter.objects.filter(pk=world.counter(1).pk).update(retired_on=None)


def test_a_counter_is_opened_or_retired(run_together: Race) -> None:
    world = make_world()
    for _round in range(5):
        outcomes = faultless(open_and_retire(run_together, world))
        assert sum(isinstance(each, DomainError) for each in outcomes) == 1
        assert not is_open_and_retired(world)
        begin_again(world)


def test_control_without_guards_an_open_counter_is_retired(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world()

    def goes_wrong() -> bool:
        begin_again(world)
        open_and_retire(run_together, world)
        return is_open_and_retired(world)

    assert any(goes_wrong() for _round in range(ROUNDS))


def world_of_two_halls() -> tuple[World, list[Hall]]:
    """Two halls for the same lanes, whose counters have ended."""
    world = make_world()
    first = world.office.halls.get()
    second = Hall.objects.create(office=world.office, code="dua", name="Ruang dua", floor="2")
    second.groups.set(first.groups.all())
    second.lanes.set(first.lanes.all())
    first.counters.update(retired_on=DAY)
    return world, [first, second]


def retire_both(run_together: Race, world: World, halls: list[Hall]) -> list[Any]:
    return run_together(
        partial(stations_services.retire_hall, hall_id=hall.pk, day=DAY, by=None, now=world.at(8))
        for hall in halls
    )


def test_one_of_two_halls_remains(run_together: Race) -> None:
    world, halls = world_of_two_halls()
    outcomes = faultless(retire_both(run_together, world, halls))
    assert sum(isinstance(each, DomainError) for each in outcomes) == 1
    assert world.office.halls.in_use_on(DAY).count() == 1


def test_control_without_guards_no_hall_remains(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world, halls = world_of_two_halls()

    def goes_wrong() -> bool:
        world.office.halls.update(retired_on=None)
        retire_both(run_together, world, halls)
        return not world.office.halls.in_use_on(DAY).exists()

    assert any(goes_wrong() for _round in range(ROUNDS))
