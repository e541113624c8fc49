"""The system decides the order; exceptions require a reason."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from booking.restrictions.models import Restriction
from booking.statuses import Status
from core.errors import InvalidInput, NotFound
from counters.queue import services as queue_services
from counters.queue.errors import CounterPaused, UnservedAtClosing
from counters.queue.selectors import queue, queue_at
from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.stations import services as stations_services
from counters.stations.errors import AlreadyAtCounter, CounterTaken, StillServing
from counters.visits.errors import CounterClosed, VisitChanged, VisitElsewhere
from counters.visits.models import CounterSession, Visit, VisitEvent, VisitStatus
from notices.models import Message
from offices.day_rules.models import DayRule
from offices.directory.models import Hall, Stage
from tests.builders import INSTRUMENT, SINCE, make_group, make_lane, make_reason
from tests.counters.world import DAY, World, make_world, who


def numbers(world: World, hour: int, minute: int = 0) -> list[str]:
    return [row.number for row in queue(world.office, now=world.at(hour, minute))]


def call_out_of_order(
    visit: Visit, session: CounterSession, *, now: datetime, reason: str = "sick", note: str = ""
) -> None:
    queue_services.call_visit(**who(visit, session), reason=reason, note=note, now=now)


def make_priority(world: World, minute: int) -> str:
    """A walk-in in the priority lane."""
    visit = world.walk_in(world.at(9, minute))
    visit.lane = make_lane("priority")
    visit.save(update_fields=["lane"])
    return str(visit.ticket)


def test_the_late_are_behind_those_present(world: World) -> None:
    first = world.arrive(9, 2, booked=9)
    late = world.arrive(9, 45, booked=8)
    last = world.arrive(9, 46, booked=9)
    rows = queue(world.office, now=world.at(9, 50))
    assert [row.visit for row in rows] == [first, late, last]
    assert rows[1].why == "Terlambat, sesudah yang sudah hadir"


def test_a_walk_in_is_behind_those_booked_for_its_hour(world: World) -> None:
    walk_in = world.walk_in(world.at(7, 55))
    booked = [world.arrive(7, 58, booked=8), world.arrive(8, 20)]
    session = world.sit()
    assert [row.visit for row in queue(world.office, now=world.at(8, 21))] == [*booked, walk_in]
    assert world.call(session, world.at(8, 21)) == booked[0]


def test_one_priority_visit_after_two_others(world: World) -> None:
    online = [world.arrive(9, minute) for minute in (0, 1, 2)]
    priority = make_priority(world, 5)
    expected = [str(online[0].ticket), str(online[1].ticket), priority, str(online[2].ticket)]
    assert numbers(world, 9, 10) == expected
    called = []
    for number in (1, 2, 3):
        visit = world.call(world.sit(number, world.colleague(), hour=9), world.at(9, 10))
        assert visit is not None
        called.append(str(visit.ticket))
    assert called == expected[:3]


def test_the_office_decides_when_the_priority_lane_is_next(world: World) -> None:
    DayRule.objects.create(
        office=world.office, priority_after=0, valid_from=SINCE, instrument=INSTRUMENT
    )
    online = world.arrive(9, 0)
    priority = make_priority(world, 5)
    assert numbers(world, 9, 10) == [priority, str(online.ticket)]


def test_early_arrivals_wait_until_nobody_else_does(world: World) -> None:
    early = world.arrive(8, 0, booked=9)
    walk_in = world.walk_in(world.at(8, 20))
    assert numbers(world, 8, 30) == [str(walk_in.ticket), str(early.ticket)]
    session = world.sit()
    assert world.call(session, world.at(8, 30)) == walk_in
    queue_services.leave(
        visit_id=walk_in.pk, reason="pulang", by=world.officer, now=world.at(8, 31)
    )
    assert world.call(session, world.at(8, 32)) == early
    # fifteen minutes before its start a slot counts as begun
    assert queue(world.office, now=world.at(8, 32)) == []


def test_calling_records_time_counter_and_officer(world: World) -> None:
    session = world.sit()
    visit = world.arrive(8)
    called = world.call(session, world.at(8, 7))
    assert called is not None
    assert (called.pk, called.status, called.session) == (visit.pk, VisitStatus.CALLED, session)
    assert (called.first_called_at, called.calls) == (world.at(8, 7), 1)
    event = called.history.last()
    assert (event.kind, event.by, event.session) == ("called", world.officer, session)


def test_calling_twice_calls_once(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    world.arrive(8)
    first, again = world.call(session, world.at(8, 5)), world.call(session, world.at(8, 5))
    assert first == again
    assert len(queue(world.office, now=world.at(8, 6))) == 1


def test_an_empty_queue_calls_nobody(world: World) -> None:
    assert world.call(world.sit(), world.at(8)) is None


def test_one_officer_serves_one_visit_at_a_time(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    other = world.arrive(8)
    world.start(session, world.at(8, 5))
    with pytest.raises(StillServing):
        world.call(session, world.at(8, 6))
    with pytest.raises(StillServing):
        call_out_of_order(other, session, now=world.at(8, 6))


def test_a_hall_calls_only_its_own_groups_and_lanes(world: World) -> None:
    world.arrive(8)
    hall = Hall.objects.get(office=world.office)
    hall.groups.set([make_group("foreigners")])
    assert world.call(world.sit(), world.at(8, 5)) is None


def test_a_single_stage_counter_calls_its_stage_only(world: World) -> None:
    photo = world.counter(2)
    photo.is_one_stop, photo.stages = False, [Stage.PHOTO]
    photo.save(update_fields=["is_one_stop", "stages"])
    visit = world.arrive(8)
    there = world.sit(2, world.colleague())
    assert world.call(there, world.at(8, 5)) is None
    here = world.sit(1)
    world.start(here, world.at(8, 5))
    for _stage in range(2):
        service_services.finish_stage(
            **who(visit, here), documents_checked=["ktp"], now=world.at(8, 10)
        )
    service_transfers.transfer(
        **who(visit, here), counter_id=None, reason="foto di loket 2", now=world.at(8, 12)
    )
    assert world.call(there, world.at(8, 13)) == visit


def test_calling_out_of_order_requires_a_reason(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    later = world.arrive(8, 3)
    with pytest.raises(InvalidInput):
        call_out_of_order(later, session, reason="", now=world.at(8, 5))
    sick = make_reason("sick")
    call_out_of_order(later, session, note=" sakit  mendadak", now=world.at(8, 5))
    event = later.history.last()
    assert (event.kind, event.listed_reason, event.reason, event.by) == (
        "called_out_of_order",
        sick,
        "sakit mendadak",
        world.officer,
    )


def test_a_retired_reason_is_refused_and_stays_in_the_history(world: World) -> None:
    session, visit = world.sit(), world.arrive(8)
    reason = make_reason("sick")
    call_out_of_order(visit, session, now=world.at(8, 5))
    reason.valid_until = DAY - timedelta(days=1)
    reason.save(update_fields=["valid_until"])
    queue_services.skip(**who(visit, session), reason="pergi", now=world.at(8, 6))
    with pytest.raises(InvalidInput) as refused:
        call_out_of_order(visit, session, now=world.at(8, 7))
    assert "tidak berlaku lagi" in str(refused.value)
    assert str(visit.history.get(kind="called_out_of_order").listed_reason) == "sick"


def test_a_reason_can_require_a_note(world: World) -> None:
    session, visit = world.sit(), world.arrive(8)
    make_reason("other", needs_note=True)
    with pytest.raises(InvalidInput) as refused:
        call_out_of_order(visit, session, reason="other", note="  ", now=world.at(8, 5))
    assert set(refused.value.fields) == {"note"}
    call_out_of_order(visit, session, reason="other", note="hujan", now=world.at(8, 5))
    assert visit.history.last().reason_text == "other: hujan"


def test_the_database_refuses_a_call_out_of_order_without_its_reason(world: World) -> None:
    visit = world.arrive(8)
    line = {"visit": visit, "old": "waiting", "new": "called", "at": world.at(8, 5)}
    with (
        pytest.raises(IntegrityError, match="visit_event_reason_out_of_order"),
        transaction.atomic(),
    ):
        VisitEvent.objects.create(kind="called_out_of_order", reason="sakit", **line)
    VisitEvent.objects.create(kind="called_out_of_order", listed_reason=make_reason("sick"), **line)


def test_periods_of_a_reason_never_overlap(world: World) -> None:
    make_reason("sick")
    with pytest.raises(IntegrityError, match="reason_never_overlaps"), transaction.atomic():
        make_reason("sick", valid_from=DAY)


def test_another_offices_visit_cannot_be_called(world: World) -> None:
    elsewhere = make_world().arrive(8)
    with pytest.raises(NotFound):
        call_out_of_order(elsewhere, world.sit(), now=world.at(8, 5))


def test_a_person_at_another_counter_cannot_be_called(world: World) -> None:
    one, two = world.sit(1), world.sit(2, world.colleague())
    visit = world.arrive(8)
    world.call(one, world.at(8, 5))
    with pytest.raises(VisitElsewhere):
        call_out_of_order(visit, two, now=world.at(8, 6))
    with pytest.raises(VisitElsewhere):
        service_services.start_service(**who(visit, two), now=world.at(8, 6))


def test_recalling_counts_and_keeps_the_first_call(world: World) -> None:
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(8, 5))
    queue_services.recall(**who(visit, session), now=world.at(8, 7))
    visit.refresh_from_db()
    assert (visit.calls, visit.first_called_at, visit.called_at) == (
        2,
        world.at(8, 5),
        world.at(8, 7),
    )


def skip_next(world: World, session: CounterSession, minute: int) -> Visit:
    """Call the next person, who does not come."""
    visit = world.call(session, world.at(8, minute))
    assert visit is not None
    queue_services.skip(**who(visit, session), reason="", now=world.at(8, minute))
    return visit


def test_skipping_before_the_hour_does_not_return_the_same_person(world: World) -> None:
    session = world.sit(hour=7)
    visits = [world.arrive(7, minute, booked=8) for minute in (50, 51, 52)]
    now = world.at(7, 58)
    called = []
    for _call in range(3):
        visit = world.call(session, now)
        assert visit is not None
        called.append(visit)
        queue_services.skip(**who(visit, session), reason="", now=now)
    assert called == visits


def test_a_skipped_person_is_called_again_after_three_others(db: None) -> None:
    world = make_world(places=120)
    session = world.sit()
    people = [world.arrive(8, minute) for minute in range(6)]
    skipped = skip_next(world, session, 10)
    assert skipped == people[0]
    order = []
    for minute in range(11, 15):
        visit = world.call(session, world.at(8, minute))
        assert visit is not None
        order.append(visit)
        queue_services.leave(
            visit_id=visit.pk, reason="pulang", by=world.officer, now=world.at(8, minute)
        )
    assert order == [*people[1:4], skipped]


def test_after_three_calls_the_person_did_not_answer_and_may_come_back(world: World) -> None:
    session, visit = world.sit(), world.arrive(8)
    for minute in (10, 11, 12):
        assert skip_next(world, session, minute) == visit
    visit.refresh_from_db()
    assert (visit.status, visit.ended_at) == (VisitStatus.LEFT, world.at(8, 12))
    assert visit.history.last().kind == "did_not_answer"
    assert world.call(session, world.at(8, 13)) is None
    back = world.check_in(visit.booking, world.at(8, 20))
    assert back == visit
    assert world.call(session, world.at(8, 21)) == visit
    queue_services.skip(**who(visit, session), reason="", now=world.at(8, 22))
    visit.refresh_from_db()
    assert visit.status == VisitStatus.WAITING  # the count starts again


def test_a_clock_that_is_set_back_does_not_change_the_turns(db: None) -> None:
    world = make_world(places=120)
    session = world.sit()
    people = [world.arrive(8, minute) for minute in range(5)]
    assert skip_next(world, session, 40) == people[0]
    for visit in people[1:4]:
        assert world.call(session, world.at(8, 20)) == visit  # twenty minutes earlier
        queue_services.leave(
            visit_id=visit.pk, reason="pulang", by=world.officer, now=world.at(8, 20)
        )
    assert world.call(session, world.at(8, 20)) == people[0]


def test_a_visit_handed_on_does_not_return_to_its_counter(world: World) -> None:
    first, second = world.sit(1), world.sit(2, world.colleague())
    visit = world.start(first, world.at(8, 5)) if world.arrive(8) else None
    assert visit is not None
    service_transfers.transfer(
        **who(visit, first), counter_id=None, reason="foto", now=world.at(8, 9)
    )
    assert world.call(first, world.at(8, 10)) is None
    [row] = queue_at(second.counter, office=world.office, now=world.at(8, 10), shown=5).rows
    assert row.why == "Dialihkan dari Loket 1, tetap pada urutannya"
    assert world.call(second, world.at(8, 10)) == visit


def test_a_named_counter_has_its_visit_while_its_officer_is_there(world: World) -> None:
    first, third = world.sit(1), world.sit(3, world.colleague())
    visit = world.arrive(8)
    Visit.objects.filter(pk=visit.pk).update(next_counter=world.counter(2))
    second = world.sit(2, world.colleague())
    assert world.call(first, world.at(8, 5)) is None
    stations_services.leave_counter(session_id=second.pk, by=second.officer, now=world.at(8, 6))
    assert world.call(third, world.at(8, 7)) == visit


def test_a_call_takes_as_many_queries_whatever_the_queue(db: None) -> None:
    world = make_world(places=120)
    first, second = world.sit(1), world.sit(2, world.colleague())
    world.arrive(8)
    with CaptureQueriesContext(connection) as short:
        assert world.call(first, world.at(8, 5)) is not None
    for minute in range(12):
        world.arrive(8, minute)
    with CaptureQueriesContext(connection) as long:
        assert world.call(second, world.at(8, 20)) is not None
    assert len(long) <= len(short)
    statements = [row for row in long.captured_queries if "SAVEPOINT" not in row["sql"]]
    assert len(statements) <= 13, [row["sql"][:90] for row in statements]


def test_skipping_moves_behind_everybody(world: World) -> None:
    session = world.sit()
    skipped, other = world.arrive(8), world.arrive(8, 1)
    world.call(session, world.at(8, 5))
    queue_services.skip(**who(skipped, session), reason="belum datang", now=world.at(8, 6))
    skipped.refresh_from_db()
    assert (skipped.status, skipped.session) == (VisitStatus.WAITING, None)
    assert numbers(world, 8, 7) == [str(other.ticket), str(skipped.ticket)]
    with pytest.raises(VisitElsewhere):
        queue_services.skip(**who(skipped, session), reason="belum datang", now=world.at(8, 8))


def test_whoever_leaves_before_being_served_is_no_no_show(world: World) -> None:
    visit = world.arrive(8)
    queue_services.leave(visit_id=visit.pk, reason="pulang", by=world.gate, now=world.at(9))
    visit.refresh_from_db()
    visit.booking.refresh_from_db()
    assert (visit.status, visit.ended_at) == (VisitStatus.LEFT, world.at(9))
    assert visit.booking.status == Status.LEFT
    message = Message.objects.get(kind="booking_left")
    assert (message.about_id, message.context["why"]) == (str(visit.booking.pk), "left")
    assert not Restriction.objects.exists()


def test_nobody_is_recorded_as_having_left_after_closing(world: World) -> None:
    visit = world.arrive(14)
    queue_services.leave(visit_id=visit.pk, reason="pulang", by=world.gate, now=world.at(14, 59))
    other = world.arrive(14)
    for now in (world.at(15), world.at(9, day=DAY + timedelta(days=1))):
        with pytest.raises(UnservedAtClosing):
            queue_services.leave(visit_id=other.pk, reason="pulang", by=world.gate, now=now)
    other.booking.refresh_from_db()
    assert other.booking.status == Status.CHECKED_IN


def test_a_person_being_served_cannot_leave_unserved(world: World) -> None:
    session = world.sit()
    visit = world.arrive(8)
    world.start(session, world.at(8, 5))
    with pytest.raises(VisitChanged):
        queue_services.leave(visit_id=visit.pk, reason="pulang", by=world.officer, now=world.at(9))
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.CHECKED_IN


# --- Counters -----------------------------------------------------------------------------------
def test_a_counter_has_one_officer_and_an_officer_one_counter(world: World) -> None:
    session = world.sit(1)
    assert world.sit(1) == session
    with pytest.raises(CounterTaken):
        world.sit(1, world.colleague())
    with pytest.raises(AlreadyAtCounter):
        world.sit(2)


def test_a_paused_counter_calls_nobody(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    stations_services.pause_counter(session_id=session.pk, by=world.officer, now=world.at(8, 1))
    with pytest.raises(CounterPaused):
        world.call(session, world.at(8, 2))
    stations_services.resume_counter(session_id=session.pk, by=world.officer, now=world.at(8, 2))
    assert world.call(session, world.at(8, 3)) is not None


def test_a_counter_with_a_visit_cannot_be_closed(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    world.call(session, world.at(8, 2))
    with pytest.raises(StillServing):
        stations_services.leave_counter(session_id=session.pk, by=world.officer, now=world.at(8, 3))


def test_a_closed_counter_calls_nobody(world: World) -> None:
    session = world.sit()
    stations_services.leave_counter(session_id=session.pk, by=world.officer, now=world.at(8, 3))
    with pytest.raises(CounterClosed):
        world.call(session, world.at(8, 4))


def test_an_officer_cannot_call_from_a_colleagues_counter(world: World) -> None:
    session = world.sit()
    with pytest.raises(CounterClosed):
        queue_services.call_next(session_id=session.pk, by=world.colleague(), now=world.at(8, 4))


def test_a_counter_left_open_yesterday_does_not_block_today(world: World) -> None:
    world.sit(1)
    tomorrow = world.at(8, 0, DAY + timedelta(days=1))
    colleague = world.colleague()
    session = stations_services.take_counter(
        counter_id=world.counter(1).pk, by=colleague, now=tomorrow
    )
    assert session.officer == colleague
    assert CounterSession.objects.filter(closed_at=None).count() == 1


def test_counters_left_open_close_at_their_last_activity(world: World) -> None:
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(8, 5))
    world.serve(visit, session, world.at(8, 5))
    assert stations_services.close_forgotten_sessions(now=world.at(15, 29)) == 0
    assert (
        stations_services.close_forgotten_sessions(now=world.at(0, 15, DAY + timedelta(days=1)))
        == 1
    )
    session.refresh_from_db()
    assert session.closed_at == visit.stage_runs.order_by("ended_at").last().ended_at


def test_a_supervisor_frees_only_an_idle_counter(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    world.call(session, world.at(8, 5))
    with pytest.raises(StillServing):
        stations_services.free_counter(session_id=session.pk, by=world.supervisor, now=world.at(9))
    idle = world.sit(2, world.colleague())
    stations_services.free_counter(session_id=idle.pk, by=world.supervisor, now=world.at(9))
    idle.refresh_from_db()
    assert idle.closed_at == idle.opened_at  # nothing was recorded at it
