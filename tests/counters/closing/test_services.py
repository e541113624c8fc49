"""Closing the day: nobody who came is lost, and nobody who came is a no-show."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from booking.absences.services import decide_review
from booking.bookings.models import Booking, Displacement
from booking.closures.tasks import move_displaced
from booking.restrictions.models import AbsenceReview, Restriction
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed, NotFound
from counters.closing import selectors, services
from counters.closing.errors import DayNotOver, DecisionNotPossible
from counters.closing.models import DayClosing
from counters.closing.selectors import Action
from counters.closing.services import Decision
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.stations import services as stations_services
from counters.visits.errors import VisitChanged
from counters.visits.models import CounterSession, StageRun, Visit, VisitStatus
from notices.models import Message
from ops.verification.services import verify
from quotas.rules.evening import add_evening_places
from tests.builders import make_office, make_officer
from tests.counters.world import DAY, World, make_world, who

SetClock = Callable[[datetime], None]
NEXT_DAY = DAY + timedelta(days=1)
UNSENT = 9  # no worker runs here, so messages stay unsent


def decide(world: World, visit: Visit, action: str, now: datetime, **changes: Any) -> Visit:
    visit.refresh_from_db()
    values = {"visit_id": visit.pk, "action": action, "shown_status": visit.status} | changes
    return services.decide(Decision(**values), office=world.office, by=world.supervisor, now=now)


def finish(world: World, now: datetime) -> services.Finish:
    return services.finish_day(office=world.office, by=world.supervisor, now=now)


def evening(world: World, count: int = 2) -> None:
    slot = world.slot(8)
    add_evening_places(
        office_id=world.office.pk,
        lane="online",
        group_id=slot.group_id,
        starts=time(17),
        ends=time(18),
        count=count,
        reason="Banyak yang menunggu",
        by=world.supervisor,
        now=world.at(14, 30),
    )


def breaches(now: datetime) -> list[Any]:
    return [row for row in verify(now=now) if row.breaches and row.law != UNSENT]


# --- The first place of a later day ---------------------------------------------------------------
def test_an_unserved_person_gets_the_first_place_of_the_next_day(world: World) -> None:
    visit = world.arrive(14)
    decide(world, visit, Action.TOMORROW, world.at(15, 5))
    visit.refresh_from_db()
    booking = Booking.objects.get(pk=visit.booking_id)
    assert (visit.status, visit.ended_at) == (VisitStatus.UNSERVED, world.at(15, 5))
    assert booking.status == Status.BOOKED
    assert booking.via == Booking.Via.MOVED_BY_OFFICE
    assert booking.slot == world.slot(8, NEXT_DAY)
    message = Message.objects.get(kind="booking_moved")
    assert "belum sempat melayani" in message.context["reason"]
    assert breaches(world.at(15, 10)) == []


def test_the_moved_person_is_served_the_next_day_like_any_booking(world: World) -> None:
    visit = world.arrive(14)
    decide(world, visit, Action.TOMORROW, world.at(15, 5))
    again = world.check_in(visit.booking, world.at(7, 50, NEXT_DAY))
    assert again.pk != visit.pk
    assert (again.kind, again.queue_at) == (Visit.Kind.FIRST, world.at(8, 0, NEXT_DAY))


def test_not_coming_after_a_move_by_the_office_does_not_restrict(
    world: World, set_clock: SetClock
) -> None:
    visit = world.arrive(14)
    decide(world, visit, Action.TOMORROW, world.at(15, 5))
    finish(world, world.at(15, 5, NEXT_DAY))
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.NO_SHOW
    assert not Restriction.objects.exists()
    numbers = selectors.numbers_of(world.office, NEXT_DAY, now=world.at(15, 6, NEXT_DAY))
    assert (numbers.booked, numbers.no_shows) == (1, 1)


def test_without_a_free_place_the_person_waits_first_in_line(db: None) -> None:
    world = make_world(places=6)
    for hour in (8, 9, 10, 11, 13, 14):
        world.book(hour, NEXT_DAY)
    visit = world.arrive(14)
    decide(world, visit, Action.TOMORROW, world.at(15, 5))
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.DISPLACED
    assert Message.objects.filter(kind="booking_displaced").count() == 1
    assert breaches(world.at(15, 10)) == []


def test_a_person_without_an_address_is_on_the_list_to_inform(world: World) -> None:
    visit = world.walk_in(world.at(14, 10))
    decide(world, visit, Action.TOMORROW, world.at(15, 5))
    [row] = selectors.to_inform(world.office)
    services.mark_informed(
        office=world.office,
        displacement_id=row.displacement_id,
        by=world.supervisor,
        now=world.at(15, 6),
    )
    assert selectors.to_inform(world.office) == []
    assert Displacement.objects.get().notified_by == world.supervisor


def test_a_person_who_left_can_still_get_a_place(world: World) -> None:
    visit = world.arrive(8)
    queue_services.leave(visit_id=visit.pk, reason="pulang", by=world.gate, now=world.at(11))
    assert list(selectors.left_visits(world.office, now=world.at(15, 5))) == [visit]
    decide(world, visit, Action.TOMORROW, world.at(15, 5))
    visit.refresh_from_db()
    assert (visit.status, visit.ended_at) == (VisitStatus.UNSERVED, world.at(11))
    assert Booking.objects.get(pk=visit.booking_id).status == Status.BOOKED


def test_a_return_with_documents_may_be_repeated_without_a_place(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.mark_incomplete(**who(visit, session), missing="Akta", now=world.at(8, 10))
    again = world.check_in(visit.booking, world.at(14, 0))
    with pytest.raises(DecisionNotPossible):
        decide(world, again, Action.EVENING, world.at(15, 5))
    decide(world, again, Action.TOMORROW, world.at(15, 5))
    again.booking.refresh_from_db()
    assert again.booking.status == Status.CHECKED_IN
    assert again.booking.place_id is not None
    assert Message.objects.filter(kind="visit_unserved").count() == 1
    assert world.check_in(visit.booking, world.at(9, 0, NEXT_DAY)).status == VisitStatus.WAITING


# --- Evening, overtime, incomplete ----------------------------------------------------------------
def test_a_waiting_person_gets_an_evening_place_and_keeps_the_ticket(world: World) -> None:
    evening(world)
    visit = world.arrive(14)
    decide(world, visit, Action.EVENING, world.at(15, 5))
    visit.refresh_from_db()
    booking = Booking.objects.get(pk=visit.booking_id)
    assert (visit.status, booking.status) == (VisitStatus.WAITING, Status.CHECKED_IN)
    assert visit.queue_at == booking.slot.starts_at == world.at(17)
    assert Message.objects.filter(kind="booking_evening").count() == 1
    assert breaches(world.at(15, 10)) == []
    session = world.sit(hour=17)
    called = world.call(session, world.at(17, 5))
    assert called == visit
    world.serve(called, session, world.at(17, 6))
    assert selectors.numbers_of(world.office, DAY, now=world.at(19)).evening == 1


def test_without_an_evening_place_nothing_changes(world: World) -> None:
    visit = world.arrive(14)
    outcome = services.decide_all(
        office=world.office,
        decisions=[Decision(visit.pk, Action.EVENING, "waiting")],
        by=world.supervisor,
        now=world.at(15, 5),
    )
    assert (outcome.done, outcome.changed, len(outcome.refused)) == (0, 0, 1)
    assert not Displacement.objects.exists()


def test_overtime_is_recorded_once_and_the_visit_stays_open(world: World) -> None:
    visit = world.arrive(14)
    for minute in (5, 6):
        decide(world, visit, Action.OVERTIME, world.at(15, minute))
    assert visit.history.filter(kind="overtime").count() == 1
    assert selectors.open_day(world.office, now=world.at(15, 7)).visits == 1


def test_a_visit_at_a_counter_can_end_for_missing_documents(world: World) -> None:
    session = world.sit(hour=14)
    world.arrive(14)
    visit = world.start(session, world.at(14, 30))
    with pytest.raises(InvalidInput):
        decide(world, visit, Action.INCOMPLETE, world.at(15, 5), missing=" ")
    decide(world, visit, Action.INCOMPLETE, world.at(16), missing="Akta lahir")
    visit.refresh_from_db()
    assert (visit.status, visit.missing) == (VisitStatus.INCOMPLETE, "Akta lahir")
    # The stage ends with the last recorded act, not when the supervisor tidied up.
    assert visit.stage_runs.get().ended_at == world.at(14, 30)


def test_only_a_visit_at_a_counter_can_lack_documents(world: World) -> None:
    visit = world.arrive(14)
    with pytest.raises(DecisionNotPossible):
        decide(world, visit, Action.INCOMPLETE, world.at(15, 5), missing="Akta")


# --- A visit left over from yesterday -------------------------------------------------------------
@pytest.mark.parametrize("status", ["waiting", "called", "serving"])
def test_a_visit_of_yesterday_is_resolved_here(world: World, status: str) -> None:
    visit = world.arrive(14)
    session = world.sit(hour=14)
    if status != "waiting":
        world.call(session, world.at(14, 40))
    if status == "serving":
        service_services.start_service(**who(visit, session), now=world.at(14, 41))
    morning = world.at(7, 30, NEXT_DAY)
    assert list(selectors.open_visits(world.office, now=morning)) == [visit]
    with pytest.raises(DecisionNotPossible):
        decide(world, visit, Action.OVERTIME, morning)
    decide(world, visit, Action.TOMORROW, morning)
    visit.refresh_from_db()
    assert visit.status == VisitStatus.UNSERVED
    assert not StageRun.objects.filter(ended_at=None).exists()
    assert stations_services.close_forgotten_sessions(now=morning) == 1
    session.refresh_from_db()
    assert session.closed_at is not None
    assert session.closed_at <= world.at(14, 41)
    assert breaches(world.at(7, 40, NEXT_DAY)) == []


# --- When, who, and what was shown ----------------------------------------------------------------
def test_decisions_begin_an_hour_before_closing(world: World) -> None:
    visit = world.arrive(13)
    with pytest.raises(DayNotOver, match=r"14\.00"):
        decide(world, visit, Action.TOMORROW, world.at(13, 59))
    decide(world, visit, Action.TOMORROW, world.at(14))


def test_a_visit_called_in_the_meantime_is_not_moved(world: World) -> None:
    visit = world.arrive(14)
    world.call(world.sit(hour=14), world.at(15, 1))
    with pytest.raises(VisitChanged):
        decide(world, visit, Action.TOMORROW, world.at(15, 5), shown_status="waiting")
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.CHECKED_IN


def test_a_decision_sent_twice_is_carried_out_once(world: World) -> None:
    visit = world.arrive(14)
    decision = Decision(visit.pk, Action.TOMORROW, "waiting")
    outcomes = [
        services.decide_all(
            office=world.office, decisions=[decision], by=world.supervisor, now=world.at(15, 5)
        )
        for _time in range(2)
    ]
    assert [(row.done, row.changed) for row in outcomes] == [(1, 0), (0, 1)]
    assert Displacement.objects.count() == 1


def test_only_a_supervisor_of_the_office_decides(world: World) -> None:
    visit = world.arrive(14)
    decision = Decision(visit.pk, Action.TOMORROW, "waiting")
    other = make_office()
    for by, office, error in (
        (world.officer, world.office, NotAllowed),
        (world.gate, world.office, NotAllowed),
        (make_officer(other), other, NotFound),
    ):
        with pytest.raises(error):
            services.decide(decision, office=office, by=by, now=world.at(15, 5))


# --- Finishing the day ----------------------------------------------------------------------------
def test_a_day_is_not_finished_before_closing(world: World) -> None:
    with pytest.raises(DayNotOver):
        finish(world, world.at(14, 59))


def test_the_day_ends_with_nothing_open_and_its_numbers(world: World) -> None:
    session = world.sit()
    served = world.arrive(8)
    world.call(session, world.at(8, 5))
    world.serve(served, session, world.at(8, 6))
    waiting, absent = world.arrive(14), world.book(9)
    first = finish(world, world.at(15, 5))
    # Nothing is recorded while somebody is still to be served.
    assert (first.no_shows, first.counters, first.left.visits) == (0, 0, 1)
    assert first.closing is None
    decide(world, waiting, Action.TOMORROW, world.at(15, 6))
    second = finish(world, world.at(15, 7))
    assert (second.no_shows, second.counters) == (1, 1)
    assert second.closing is not None
    assert second.closing == finish(world, world.at(15, 30)).closing
    assert not second.left.is_open
    session.refresh_from_db()
    assert session.closed_at == StageRun.objects.order_by("-ended_at")[0].ended_at
    absent.refresh_from_db()
    assert absent.status == Status.NO_SHOW
    numbers = selectors.numbers_of(world.office, DAY, now=world.at(15, 30))
    # The moved booking holds a place of the next day.
    assert (numbers.booked, numbers.no_shows, numbers.undecided) == (2, 1, 0)
    assert (numbers.visits, numbers.served, numbers.moved, numbers.open) == (2, 1, 1, 0)


def test_people_expected_this_evening_keep_the_day_open(world: World) -> None:
    evening(world)
    booking = world.book(8)
    visit = world.check_in(booking)
    decide(world, visit, Action.EVENING, world.at(15, 5))
    result = finish(world, world.at(15, 6))
    assert (result.left.visits, result.closing) == (1, None)


def test_a_day_without_power_waits_for_the_supervisor(world: World, set_clock: SetClock) -> None:
    """Nothing was recorded: nobody becomes a no-show, and the day stays open until it is decided."""
    for number in range(6):
        world.book(8 + number % 3)
    result = finish(world, world.at(15, 5))
    assert (result.no_shows, result.left.undecided, result.closing) == (0, 1, None)
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.BOOKED}
    [(review, people)] = selectors.undecided(world.office, now=world.at(15, 6))
    assert people == 6
    decide_review(
        review_id=review.pk,
        decision=AbsenceReview.Decision.NOT_SERVED,
        reason="Listrik padam",
        by=world.supervisor,
        now=world.at(15, 10),
    )
    assert finish(world, world.at(15, 11)).left.moving == 6
    set_clock(world.at(15, 11))
    move_displaced()
    assert set(Booking.objects.values_list("status", flat=True)) == {Status.BOOKED}
    assert not Booking.objects.filter(slot__day=DAY).exists()
    assert finish(world, world.at(15, 12)).closing is not None


def test_a_counter_with_a_visit_stays_open(world: World) -> None:
    world.arrive(14)
    session = world.sit(hour=14)
    world.start(session, world.at(14, 50))
    result = finish(world, world.at(15, 5))
    assert (result.counters, result.left.visits) == (0, 1)
    session.refresh_from_db()
    assert session.closed_at is None


# --- Forgotten counters and overtime --------------------------------------------------------------
def test_a_forgotten_counter_closes_the_same_evening_at_its_last_act(world: World) -> None:
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(8, 5))
    world.serve(visit, session, world.at(8, 6))
    last = visit.history.order_by("-at")[0].at
    assert stations_services.close_forgotten_sessions(now=world.at(15, 29)) == 0
    assert stations_services.close_forgotten_sessions(now=world.at(15, 30)) == 1
    session.refresh_from_db()
    assert session.closed_at == last
    assert selectors.overtime_minutes(world.office, DAY, now=world.at(23)) == 0


def test_a_counter_that_works_on_is_not_closed_and_counts_its_work(world: World) -> None:
    visit = world.arrive(14)
    session = world.sit(hour=14)
    world.call(session, world.at(15, 20))
    world.serve(visit, session, world.at(15, 20))
    last = visit.history.order_by("-at")[0].at
    assert stations_services.close_forgotten_sessions(now=last + timedelta(minutes=29)) == 0
    assert stations_services.close_forgotten_sessions(now=last + timedelta(minutes=30)) == 1
    minutes = (last - world.at(15)) // timedelta(minutes=1)
    assert selectors.overtime_minutes(world.office, DAY, now=world.at(23)) == minutes > 0


def test_counters_stay_open_for_evening_places(world: World) -> None:
    evening(world)
    world.sit()
    assert stations_services.close_forgotten_sessions(now=world.at(18, 29)) == 0
    assert stations_services.close_forgotten_sessions(now=world.at(18, 30)) == 1


def test_a_clock_set_back_never_ends_a_session_before_it_began(world: World) -> None:
    session = world.sit(hour=9)
    stations_services.free_counter(session_id=session.pk, by=world.supervisor, now=world.at(8, 30))
    session.refresh_from_db()
    assert session.closed_at == world.at(9)
    assert not CounterSession.objects.filter(closed_at=None).exists()
    assert DayClosing.objects.count() == 0
