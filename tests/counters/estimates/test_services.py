"""What is predicted, what is learned, and what a late visit takes."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import InvalidInput, NotAllowed
from counters.estimates import tasks
from counters.estimates.models import EstimateScore, LateVisit, ServiceTime, WaitEstimate
from counters.estimates.selectors import late_without_reason, outlook_of, wait_of, waits_of
from counters.estimates.services import (
    give_late_reason,
    measure_service_times,
    needed_width,
    record_predictions,
    score_day,
)
from counters.service import services as service_services
from counters.service import transfers as service_transfers
from counters.stations import services as stations_services
from counters.visits.models import CounterSession, Visit
from offices.directory.models import Device, ServiceType, Stage
from offices.outages.services import record_outage
from tests.builders import make_reason
from tests.counters.world import DAY, World, make_world, who

NEXT_DAY = DAY + timedelta(days=1)


@pytest.fixture
def busy(db: None) -> World:
    """An office with room for a long queue."""
    return make_world(places=120)


def queue_up(world: World, people: int) -> list[Visit]:
    return [world.arrive(8, minute) for minute in range(people)]


def test_everybody_who_waits_has_a_range(busy: World) -> None:
    session = busy.sit()
    visits = queue_up(busy, 5)
    busy.call(session, busy.at(8, 5))
    waits = waits_of(busy.office, now=busy.at(8, 10))
    assert set(waits.visits) == {visit.pk for visit in visits[1:]}
    ranges = [waits.visits[visit.pk] for visit in visits[1:]]
    assert [one.ahead for one in ranges] == [0, 1, 2, 3]
    assert all(one.low < one.middle < one.high for one in ranges[1:])
    middles = [one.middle for one in ranges]
    assert middles == sorted(middles)
    # 24 minutes a visit, of which five are over
    assert 12 <= middles[0] <= 24
    assert 60 <= middles[3] <= 105


def test_another_counter_shortens_the_wait(busy: World) -> None:
    busy.sit()
    last = queue_up(busy, 6)[-1]
    before = wait_of(last, now=busy.at(8, 6))
    busy.sit(2, busy.colleague())
    after = wait_of(last, now=busy.at(8, 6))
    assert before is not None
    assert after is not None
    assert after.middle < before.middle * 0.7


def test_before_opening_the_usual_counters_are_expected(busy: World) -> None:
    visit = busy.arrive(7, 30, booked=8)
    wait = wait_of(visit, now=busy.at(7, 40))
    assert wait is not None
    assert 20 <= wait.middle <= 24


def test_a_parked_visit_takes_its_counter_before_the_queue(busy: World) -> None:
    session = busy.sit()
    visits = queue_up(busy, 3)
    visit = busy.start(session, busy.at(8, 5))
    service_transfers.park_visit(**who(visit, session), now=busy.at(8, 6))
    waits = waits_of(busy.office, now=busy.at(8, 6))
    assert set(waits.visits) == {row.pk for row in visits[1:]}
    first = waits.visits[visits[1].pk]
    assert first.middle >= 15  # the parked visit's three stages of 24 minutes come before
    assert first.ahead == 0
    # Its own clock goes on: at ten it is sure to be late.
    outlook = outlook_of(busy.office, now=busy.at(9, 50))
    assert visit.pk in {breach.visit.pk for breach in outlook.breaches}


def test_photos_wait_for_a_counter_with_a_camera(busy: World) -> None:
    first, _second = busy.sit(1), busy.sit(2, busy.colleague())
    busy.arrive(8)
    done = busy.start(first, busy.at(8, 2))
    for _stage in range(2):
        service_services.finish_stage(
            **who(done, first), documents_checked=["ktp"], now=busy.at(8, 20)
        )
    service_transfers.transfer(
        **who(done, first), counter_id=None, reason="kamera", now=busy.at(8, 21)
    )
    assert wait_of(done, now=busy.at(8, 22)) is not None
    for number in (2, 3):
        camera = Device.objects.create(
            office=busy.office, counter=busy.counter(number), kind="camera", name=f"K{number}"
        )
        record_outage(
            office_id=busy.office.pk,
            device_id=camera.pk,
            reason="mati",
            by=busy.officer,
            now=busy.at(8, 23),
        )
    assert wait_of(done, now=busy.at(8, 24)) is None


def test_the_number_of_queries_does_not_grow_with_the_queue(busy: World) -> None:
    busy.sit()
    queue_up(busy, 2)
    with CaptureQueriesContext(connection) as short:
        waits_of(busy.office, now=busy.at(8, 10))
    queue_up(busy, 12)
    with CaptureQueriesContext(connection) as long:
        waits_of(busy.office, now=busy.at(8, 20))
    assert len(short) == len(long) <= 24


# --- Scores -------------------------------------------------------------------------------------
def test_a_prediction_is_stored_once_at_check_in(busy: World) -> None:
    busy.sit()
    visits = queue_up(busy, 3)
    assert record_predictions(office_id=busy.office.pk, now=busy.at(8, 2)) == 3
    assert record_predictions(office_id=busy.office.pk, now=busy.at(8, 2)) == 0
    rows = {row.visit_id: row for row in WaitEstimate.objects.all()}
    assert [rows[visit.pk].ahead for visit in visits] == [0, 1, 2]
    assert rows[visits[2].pk].usual == 48  # two people, 24 minutes each, one counter
    # A later figure would be better than the estimate that the person read.
    busy.arrive(8, 10)
    assert record_predictions(office_id=busy.office.pk, now=busy.at(8, 20)) == 0


def test_the_night_compares_with_what_happened(busy: World) -> None:
    session = busy.sit()
    visits = queue_up(busy, 3)
    record_predictions(office_id=busy.office.pk, now=busy.at(8, 2))
    now = busy.at(8, 5)
    for visit in visits:
        called = busy.call(session, now)
        assert called == visit
        busy.serve(visit, session, now)
        now += timedelta(minutes=24)
    score = score_day(office_id=busy.office.pk, day=DAY)
    assert score is not None
    assert score.usual_error == 3  # the plain figures were 0, 24 and 48 minutes
    waited = [row.waited for row in WaitEstimate.objects.order_by("ahead")]
    assert waited == [3, 27, 51]
    assert score.n == 3
    assert score.median_error <= 6
    assert score.covered >= 0.6
    assert (
        score.covered
        == sum(row.low <= (row.waited or 0) <= row.high for row in WaitEstimate.objects.all()) / 3
    )
    again = score_day(office_id=busy.office.pk, day=DAY)
    assert again == score
    assert EstimateScore.objects.count() == 1


def test_a_range_that_is_too_narrow_becomes_wider(busy: World) -> None:
    session, visit = busy.sit(), busy.arrive(8)
    record_predictions(office_id=busy.office.pk, now=busy.at(8))
    busy.call(session, busy.at(8, 30))
    estimate = WaitEstimate.objects.get(visit=visit)
    WaitEstimate.objects.filter(pk=estimate.pk).update(low=10, middle=20, high=25)
    score = score_day(office_id=busy.office.pk, day=DAY)
    assert score is not None
    assert score.width == 1  # one visit teaches nothing
    # The wait of 30 minutes was twice as far above the middle as the range reached.
    assert needed_width(WaitEstimate.objects.get()) == 2


def test_a_day_without_calls_has_no_score(busy: World) -> None:
    assert score_day(office_id=busy.office.pk, day=date(2026, 11, 25)) is None


def test_the_task_scores_and_learns_once(busy: World, set_clock: Any) -> None:
    session = busy.sit()
    visit = busy.arrive(8)
    record_predictions(office_id=busy.office.pk, now=busy.at(8, 1))
    busy.call(session, busy.at(8, 5))
    busy.serve(visit, session, busy.at(8, 5))
    set_clock(busy.at(1, day=NEXT_DAY))
    for _run in range(2):
        tasks.learn_waits()
    assert EstimateScore.objects.get().n == 1
    assert ServiceTime.objects.get(hour=None).n == 1


# --- Learning -----------------------------------------------------------------------------------
def test_learned_times_need_thirty_visits(busy: World) -> None:
    busy.sit()
    visit = queue_up(busy, 2)[1]
    service = ServiceType.objects.get(code="new")
    row = ServiceTime.objects.create(
        office=busy.office,
        service_type=service,
        n=29,
        log_sum=29 * 1.0,
        log_square_sum=29 * 1.0,
        measured_until=busy.at(0),
    )
    standard = wait_of(visit, now=busy.at(8, 2))
    row.n, row.log_sum, row.log_square_sum = 30, 30.0, 30.0
    row.save()
    learned = wait_of(visit, now=busy.at(8, 2))
    assert standard is not None
    assert learned is not None
    assert (standard.middle > 15, learned.middle) == (True, 3)  # e minutes


def test_a_night_adds_to_the_sample_and_never_replaces_it(busy: World) -> None:
    session = busy.sit()
    visit = busy.arrive(8)
    busy.call(session, busy.at(8, 5))
    busy.serve(visit, session, busy.at(8, 5))
    service = ServiceType.objects.get(code="new")
    seeded = ServiceTime.objects.create(
        office=busy.office,
        service_type=service,
        n=510,
        log_sum=510 * 3.0,
        log_square_sum=510 * 9.1,
        measured_until=busy.at(0),
    )
    assert measure_service_times(office_id=busy.office.pk, now=busy.at(1, day=NEXT_DAY)) == 2
    seeded.refresh_from_db()
    assert seeded.n == 511
    assert seeded.log_sum / seeded.n == pytest.approx(3.0, abs=0.01)
    cell = ServiceTime.objects.get(hour=8, counters=1)
    assert cell.n == 1
    assert measure_service_times(office_id=busy.office.pk, now=busy.at(2, day=NEXT_DAY)) == 0


# --- The two-hour promise -----------------------------------------------------------------------
def test_likely_breaches_are_raised_early_with_what_would_help(busy: World) -> None:
    busy.sit()
    queue_up(busy, 9)
    outlook = outlook_of(busy.office, now=busy.at(8, 10))
    assert outlook.breaches
    assert min(row.minutes_left for row in outlook.breaches) > 30
    assert outlook.help[0].code == "open"
    assert outlook.help[0].left < len(outlook.breaches)


def test_a_paused_counter_is_the_first_help(busy: World) -> None:
    busy.sit()
    other = busy.sit(2, busy.colleague())
    busy.counter(3).delete()
    queue_up(busy, 9)
    stations_services.pause_counter(session_id=other.pk, by=other.officer, now=busy.at(8, 9))
    outlook = outlook_of(busy.office, now=busy.at(8, 10))
    assert [(row.code, row.counter.number) for row in outlook.help] == [("resume", 2)]


def test_a_stage_moved_to_an_idle_counter_helps(busy: World) -> None:
    for number, stages in ((1, [Stage.DOCUMENTS]), (2, [Stage.INTERVIEW])):
        counter = busy.counter(number)
        counter.is_one_stop, counter.stages = False, stages
        counter.save(update_fields=["is_one_stop", "stages"])
    busy.counter(3).delete()
    busy.sit(1)
    busy.sit(2, busy.colleague())
    queue_up(busy, 16)
    outlook = outlook_of(busy.office, now=busy.at(8, 16))
    assert [(row.code, row.counter.number, row.stage) for row in outlook.help] == [
        ("stage", 2, "documents")
    ]


def test_a_quiet_office_has_no_breaches(busy: World) -> None:
    busy.sit()
    busy.arrive(8)
    outlook = outlook_of(busy.office, now=busy.at(8, 5))
    assert (list(outlook.breaches), list(outlook.help)) == ([], [])


def late_visit(world: World) -> tuple[Visit, CounterSession]:
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(9, 55))
    world.serve(visit, session, world.at(9, 55))
    visit.refresh_from_db()
    return visit, session


def test_a_late_visit_asks_for_its_reason(busy: World) -> None:
    visit, session = late_visit(busy)
    now = busy.at(10, 20)
    assert list(late_without_reason(busy.office, now=now, session=session)) == [visit]
    make_reason("crowd", use="late_visit")
    with pytest.raises(InvalidInput):
        give_late_reason(visit_id=visit.pk, reason="", note="", by=busy.officer, now=now)
    with pytest.raises(NotAllowed):
        give_late_reason(visit_id=visit.pk, reason="crowd", note="", by=busy.colleague(), now=now)
    give_late_reason(visit_id=visit.pk, reason="crowd", note=" ramai ", by=busy.officer, now=now)
    row = LateVisit.objects.get()
    assert (row.visit, row.reason.code, row.note) == (visit, "crowd", "ramai")
    assert not late_without_reason(busy.office, now=now).exists()
    make_reason("device", use="late_visit")
    give_late_reason(visit_id=visit.pk, reason="device", note="", by=busy.supervisor, now=now)
    assert LateVisit.objects.get().reason.code == "device"


def test_a_visit_in_time_takes_no_reason(busy: World) -> None:
    session, visit = busy.sit(), busy.arrive(8)
    busy.call(session, busy.at(8, 5))
    busy.serve(visit, session, busy.at(8, 5))
    make_reason("crowd", use="late_visit")
    with pytest.raises(InvalidInput):
        give_late_reason(
            visit_id=visit.pk, reason="crowd", note="", by=busy.officer, now=busy.at(9)
        )
