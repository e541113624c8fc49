"""The rest of a day: outages or missing officers, evening places, and measured stage times."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from booking.bookings.models import Booking, DisplacedBooking
from booking.bookings.services import book_at_desk
from booking.closures.moves import choose_another, move_everyone
from booking.closures.services import ClosureData, close_office, preview_closure
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed
from counters.capacity import services, tasks
from counters.capacity.selectors import Rest, bottleneck_text, rest_of_day
from counters.capacity.services import Evening, measure_stage_times, open_evening
from counters.visits.models import StageRun, Visit
from notices.services import deliver_due
from offices.directory.models import Device, Lane, ServiceType, StageTime
from offices.hours.models import Attendance
from offices.outages.selectors import open_outages
from offices.outages.services import record_outage
from offices.promises import VISIT_TIME
from offices.rosters.errors import OfficerElsewhere
from offices.rosters.models import RosterShift
from offices.rosters.services import fill_week, mark_absent
from ops.verification.services import verify
from quotas.capacity import rates
from quotas.capacity.selectors import MEASURED_FROM, office_day, stage_minutes
from quotas.places.errors import NotYetOpen
from quotas.places.models import Place, Slot
from quotas.policies.models import RuleChange
from tests.builders import INSTRUMENT, SINCE, book_online, make_person, make_policy, person_data
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db
CITIZENS = "citizens"


def camera(world: World, **values: Any) -> Device:
    return Device.objects.create(office=world.office, kind="camera", name="Kamera 1", **values)


def break_it(world: World, device: Device, hour: int = 9, minute: int = 0) -> None:
    record_outage(
        office_id=world.office.pk,
        device_id=device.pk,
        reason="layar gelap",
        by=world.officer,
        now=world.at(hour, minute),
    )


def rest_on(world: World, now: datetime) -> Rest | None:
    return rest_of_day(office_day(world.office, world.office.local_day(now)), now=now)


def clean(now: datetime) -> None:
    while deliver_due(now=now):
        pass
    assert [finding.law for finding in verify(now=now) if finding.breaches] == []


def test_the_promise_is_defined_once() -> None:
    assert timedelta(minutes=rates.PROMISE) == VISIT_TIME


def test_remaining_people_are_those_inside_and_expected(world: World) -> None:
    world.colleague()
    world.arrive(8)
    world.arrive(8, 30)
    for hour in (9, 10, 14):
        world.book(hour)
    rest = rest_on(world, world.at(9, 30))
    assert rest is not None
    [pool] = rest.pools
    assert (pool.inside, pool.coming) == (2, 3)
    assert pool.capacity == int(
        2 * 4.5 * 2.5
    )  # two officers, four and a half hours, 24 minutes a visit
    assert (rest.unserved, rest.over, rest.lost_percent, pool.close) == (0, 0, 0, None)


def test_arrived_and_missed_bookings_are_not_expected(world: World) -> None:
    world.arrive(9)
    world.book(8)
    rest = rest_on(world, world.at(9, 30))
    assert rest is not None
    assert (rest.pools[0].inside, rest.pools[0].coming) == (1, 0)


def test_an_outage_recomputes_the_day_and_names_who_to_move(world: World) -> None:
    device = camera(world)
    for hour in (9, 10, 11, 13):
        world.book(hour)
    break_it(world, device)
    rest = rest_on(world, world.at(9, 10))
    assert rest is not None
    [pool] = rest.pools
    assert (pool.capacity, rest.lost_percent, rest.unserved) == (0, 100, 4)
    # People of the current slot stay: they are on their way.
    assert pool.close == (time(10), time(14))
    assert bottleneck_text(pool.bottleneck) == "tidak ada kamera yang berfungsi untuk satu loket"
    [outage] = open_outages(world.office)
    assert outage.thing == device


def test_a_camera_bottleneck_has_text_in_both_languages() -> None:
    bottleneck = rates.Bottleneck("device", 1, 4, "camera")
    assert bottleneck_text(bottleneck) == "satu kamera untuk empat loket"
    with translation.override("en"):
        assert bottleneck_text(bottleneck) == "one camera for four counters"
        assert (
            bottleneck_text(rates.Bottleneck("device", 2, 4, "camera"))
            == "two cameras for four counters"
        )
        assert (
            bottleneck_text(rates.Bottleneck("officers", 2, 4)) == "two officers for four counters"
        )


def test_a_missing_officer_counts_like_an_outage(world: World) -> None:
    world.colleague()
    fill_week(
        office_id=world.office.pk,
        monday=date(2026, 11, 23),
        like_last_week=False,
        by=world.supervisor,
        now=world.at(7),
    )
    before = rest_on(world, world.at(8))
    for shift in RosterShift.objects.filter(day=DAY):
        world.book(8 if shift.officer_id == world.officer.pk else 9)
    today = RosterShift.objects.get(day=DAY, officer=world.officer)
    mark_absent(shift_id=today.pk, reason="sakit", by=world.supervisor, now=world.at(8))
    after = rest_on(world, world.at(8))
    assert before is not None
    assert after is not None
    assert (before.capacity, after.capacity) == (30, 15)


def test_a_day_off_has_no_forecast(world: World) -> None:
    assert rest_on(world, world.at(9, day=date(2026, 11, 28))) is None


def test_people_inside_after_closing_count_as_overtime(world: World) -> None:
    world.arrive(14)
    rest = rest_on(world, world.at(16))
    assert rest is not None
    assert (rest.capacity, rest.over) == (0, 1)


def test_without_a_roster_attendance_reduces_the_officers(
    world: World,
) -> None:
    world.colleague()
    day = office_day(world.office, DAY)
    assert (day.is_assumed, day.capacity) == (True, 30)
    Attendance.objects.create(
        office=world.office, percent=Decimal(50), valid_from=SINCE, instrument=INSTRUMENT
    )
    assert office_day(world.office, DAY).capacity == 15


def test_an_unprepared_day_is_computed_from_its_rules(world: World) -> None:
    in_march = date(2027, 3, 4)
    make_policy(world.office, places=30, valid_from=in_march)
    near, far = (office_day(world.office, day) for day in (DAY, in_march))
    assert not Slot.objects.filter(office=world.office, day=far.day).exists()
    assert (near.promised, far.promised) == (24, 30)


# --- Evening sessions ---------------------------------------------------------------------------
def evening(world: World, lane: str = "walk_in", **values: Any) -> Evening:
    group = Slot.objects.filter(office=world.office)[0].group_id
    given: dict[str, Any] = {
        "starts": time(15),
        "ends": time(17),
        "count": 5,
        "reason": "kamera rusak",
        "officer_ids": [world.officer.pk],
    }
    return Evening(lane=lane, group_id=group, **{**given, **values})


def open_it(world: World, what: Evening, hour: int = 13, by: Any = None) -> int:
    return open_evening(
        office_id=world.office.pk, evening=what, by=by or world.supervisor, now=world.at(hour)
    )


def test_evening_places_are_ordinary_places_with_officers(world: World) -> None:
    assert open_it(world, evening(world)) == 1
    slots = Slot.objects.filter(office=world.office, day=DAY, starts_at__gte=world.at(15))
    assert [slot.places.count() for slot in slots] == [3, 2]
    shift = RosterShift.objects.get()
    assert (shift.starts_at, shift.overtime_reason) == (world.at(15), "kamera rusak")
    change = RuleChange.objects.get()
    assert (change.instrument, change.after) == (
        "kamera rusak",
        {"places": 5, "hour": "15:00-17:00"},
    )
    booking = book_at_desk(
        office_id=world.office.pk,
        applicant=person_data(),
        service_type_id=ServiceType.objects.get(code="new").pk,
        by=world.gate,
        now=world.at(15, 10),
    )
    assert booking.slot.starts_at == world.at(15)
    day = office_day(world.office, DAY)
    assert [slot.capacity for slot in day.by_pool[0].slots][-2:] == [3, 2]
    clean(world.at(15, 11))


def test_a_second_evening_session_continues_the_numbers(world: World) -> None:
    open_it(world, evening(world, ends=time(16)))
    open_it(world, evening(world, ends=time(16), officer_ids=[world.colleague().pk]))
    slot = Slot.objects.get(office=world.office, lane="walk_in", starts_at=world.at(15))
    assert sorted(slot.places.values_list("number", flat=True)) == list(range(1, 11))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"starts": time(14)}, "starts"),
        ({"ends": time(15)}, "ends"),
        ({"count": 0}, "count"),
        ({"count": 201}, "count"),
        ({"reason": " "}, "reason"),
        ({"lane": "priority"}, "lane"),
    ],
)
def test_an_impossible_evening_session_changes_nothing(
    world: World, values: dict[str, Any], field: str
) -> None:
    before = (Slot.objects.count(), Place.objects.count())
    with pytest.raises(InvalidInput) as refused:
        open_it(world, evening(world, **values))
    assert set(refused.value.fields) == {field}
    assert before == (Slot.objects.count(), Place.objects.count())
    assert not RosterShift.objects.exists()


def test_a_past_slot_and_a_day_off_are_refused(world: World) -> None:
    with pytest.raises(InvalidInput):
        open_it(world, evening(world), hour=16)
    with pytest.raises(InvalidInput):
        open_evening(
            office_id=world.office.pk,
            evening=evening(world),
            by=world.supervisor,
            now=world.at(10, day=date(2026, 11, 28)),
        )


def test_an_absent_officer_withdraws_the_evening_places(world: World) -> None:
    open_it(world, evening(world))
    count = Place.objects.count()
    with pytest.raises(OfficerElsewhere):
        open_it(world, evening(world, starts=time(16), ends=time(18)))
    assert Place.objects.count() == count


def test_only_the_supervisor_opens_an_evening_session(world: World) -> None:
    with pytest.raises(NotAllowed):
        open_it(world, evening(world), by=world.officer)


def close_rest(world: World, now: datetime) -> ClosureData:
    rest = rest_on(world, now)
    assert rest is not None
    close = rest.pools[0].close
    assert close is not None
    return ClosureData(
        first_day=DAY,
        last_day=DAY,
        from_time=close[0],
        until_time=close[1],
        reason="Kamera 1 rusak",
        open_lanes=tuple(Lane.objects.filter(pk="priority")),
    )


def test_people_not_served_get_the_evening_then_later_days(
    world: World,
) -> None:
    device = camera(world)
    bookings = [world.book(13) for _each in range(3)]
    now = world.at(10)
    break_it(world, device)
    open_it(world, evening(world, "online", count=2), hour=10)
    data = close_rest(world, now)
    preview = preview_closure(office=world.office, data=data, now=now)
    assert [row.becomes is not None for row in preview.proposals] == [True] * 3
    closure = close_office(office_id=world.office.pk, data=data, by=world.supervisor, now=now)
    move_everyone(closure_id=closure.pk, now=now)
    moved = Booking.objects.filter(pk__in=[row.pk for row in bookings]).order_by("placed_at")
    hours = sorted(row.slot.starts_at for row in moved.select_related("slot"))
    assert hours[:2] == [world.at(15), world.at(16)]
    assert hours[2].astimezone(world.office.zone).date() > DAY
    assert {row.status for row in moved} == {Status.BOOKED}
    clean(now)


def test_online_evening_places_open_half_an_hour_later(world: World) -> None:
    open_it(world, evening(world, "online", count=2), hour=10)
    slot = Slot.objects.get(office=world.office, lane="online", starts_at=world.at(15))
    person = make_person()
    early: dict[str, Any] = {
        "account_id": person.account_id,
        "slot_id": slot.pk,
        "applicant_ids": [person.pk],
        "service_type": "new",
        "key": "malam",
    }
    with pytest.raises(NotYetOpen):
        book_online(**early, now=world.at(10, 20))
    assert book_online(**early, now=world.at(10, 31)).bookings.get().slot == slot
    clean(world.at(10, 31))


def test_people_moved_to_the_evening_can_choose_another_day(world: World) -> None:
    device = camera(world)
    world.book(13)
    now = world.at(10)
    break_it(world, device)
    open_it(world, evening(world, "online", count=1), hour=10)
    closure = close_office(
        office_id=world.office.pk, data=close_rest(world, now), by=world.supervisor, now=now
    )
    move_everyone(closure_id=closure.pk, now=now)
    member = DisplacedBooking.objects.select_related("booking__slot").get()
    assert member.booking.slot.starts_at == world.at(15)
    tomorrow = world.slot(9, DAY + timedelta(days=1))
    choose_another(displacement_id=member.displacement_id, slot_id=tomorrow.pk, now=world.at(11))
    member.booking.refresh_from_db()
    assert member.booking.slot_id == tomorrow.pk
    clean(world.at(11))


def test_an_evening_session_within_the_hour_is_not_proposed(world: World) -> None:
    device = camera(world)
    world.book(14)
    break_it(world, device, 13)
    open_it(world, evening(world, "online", count=1, ends=time(16)), hour=13)
    now = world.at(13, 40)
    preview = preview_closure(office=world.office, data=close_rest(world, now), now=now)
    assert preview.proposals[0].becomes is not None
    assert open_later(world) == 1
    preview = preview_closure(
        office=world.office, data=close_rest(world, now), now=world.at(13, 59)
    )
    assert "15.00" in (preview.proposals[0].becomes or "")


def open_later(world: World) -> int:
    return Slot.objects.filter(office=world.office, lane="online", starts_at=world.at(15)).count()


# --- Measured stages ----------------------------------------------------------------------------
def serve_many(world: World, count: int) -> None:
    session = world.sit()
    for number in range(count):
        visit = world.walk_in(world.at(8, number)) if number % 2 else world.arrive(8 + number % 4)
        called = world.call(session, world.at(12))
        assert called is not None
        world.serve(called, session, world.at(12, number))
        assert visit


def test_stage_times_are_measured_once_a_night(world: World) -> None:
    serve_many(world, 4)
    night = world.at(1, day=DAY + timedelta(days=1))
    assert measure_stage_times(office_id=world.office.pk, now=world.at(15)) == 0
    assert measure_stage_times(office_id=world.office.pk, now=night) == 3
    measured = {row.stage: row for row in StageTime.objects.all()}
    assert {stage: row.mean for stage, row in measured.items()} == {
        "documents": 8.0,
        "interview": 8.0,
        "photo": 6.0,
    }
    assert {row.n for row in measured.values()} == {4}
    assert measure_stage_times(office_id=world.office.pk, now=night + timedelta(hours=5)) == 0


def test_rework_is_measured_and_forgotten_stages_are_not(world: World) -> None:
    serve_many(world, 4)
    runs = StageRun.objects.filter(stage="photo").order_by("pk")
    first, second = runs[0], runs[1]
    StageRun.objects.filter(pk=first.pk).update(ended_at=first.started_at + timedelta(hours=5))
    again = second.started_at - timedelta(minutes=30)
    StageRun.objects.create(
        visit=second.visit,
        stage="photo",
        session=second.session,
        result="abandoned",
        started_at=again,
        ended_at=again + timedelta(minutes=4),
    )
    measure_stage_times(office_id=world.office.pk, now=world.at(1, day=DAY + timedelta(days=1)))
    photo = StageTime.objects.get(stage="photo")
    assert (photo.n, photo.p50, photo.p80) == (3, 6.0, 8.4)


def test_stages_older_than_sixty_days_are_not_measured(
    world: World,
) -> None:
    serve_many(world, 2)
    measure_stage_times(office_id=world.office.pk, now=world.at(1, day=DAY + timedelta(days=1)))
    before = list(StageTime.objects.values())
    later = world.at(1, day=DAY + timedelta(days=90))
    assert measure_stage_times(office_id=world.office.pk, now=later) == 0
    assert list(StageTime.objects.values()) == before


def test_a_few_visits_do_not_replace_a_large_sample(world: World) -> None:
    new = ServiceType.objects.get(code="new")
    StageTime.objects.create(
        office=world.office,
        service_type=new,
        stage="interview",
        p50=12,
        p80=16,
        mean=13,
        n=510,
        measured_until=world.at(0),
    )
    serve_many(world, 3)
    night = world.at(1, day=DAY + timedelta(days=1))
    assert measure_stage_times(office_id=world.office.pk, now=night) == 3
    pooled = StageTime.objects.get(stage="interview")
    assert pooled.n == 513
    assert pooled.mean == round((13 * 510 + 8 * 3) / 513, 2)
    assert pooled.p50 == round((12 * 510 + 8 * 3) / 513, 2)
    # The next night has no visits; nothing is counted twice.
    measure_stage_times(office_id=world.office.pk, now=night + timedelta(days=1))
    pooled.refresh_from_db()
    assert pooled.n == 513


def test_the_planner_uses_recent_and_sufficient_measurements(world: World) -> None:
    new = ServiceType.objects.get(code="new")
    row = StageTime.objects.create(
        office=world.office,
        service_type=new,
        stage="interview",
        p50=4,
        p80=6,
        mean=4,
        n=MEASURED_FROM - 1,
        measured_until=world.at(0),
    )
    assert office_day(world.office, DAY).capacity == 15
    row.n = MEASURED_FROM
    row.save(update_fields=["n"])
    # One officer, 8 + 4 + 6 minutes: 13 in the four hours before the break, 6 in the two after it.
    assert office_day(world.office, DAY).capacity == 19
    used = {(one.service.code, one.stage): one.used for one in stage_minutes(world.office, day=DAY)}
    assert (used["new", "interview"], used["new", "photo"]) == (4.0, 6.0)
    assert office_day(world.office, DAY + timedelta(days=270)).capacity == 15


def test_the_nightly_task_measures_every_office(world: World, set_clock: Any) -> None:
    other = make_world()
    for one in (world, other):
        serve_many(one, 1)
    set_clock(world.at(1, day=DAY + timedelta(days=1)))
    tasks.measure_stages()
    assert StageTime.objects.count() == 6
    assert Visit.objects.filter(status="finished").count() == 2
    assert services.measure_stage_times is measure_stage_times


# --- Officers and counters ------------------------------------------------------------------------
def test_no_more_officers_work_than_there_are_usable_counters(world: World) -> None:
    """Six officers and three counters: three can work, and with one broken counter two."""
    for _officer in range(5):
        world.colleague()
    day = office_day(world.office, DAY)
    assert (day.officers, day.rostered) == (3, 6)
    record_outage(
        office_id=world.office.pk,
        counter_id=world.counter(1).pk,
        reason="listrik",
        by=world.officer,
        now=world.at(7),
    )
    assert office_day(world.office, DAY).officers == 2


def test_once_counters_are_open_only_they_count(world: World) -> None:
    """An officer on duty without a counter serves nobody."""
    for _officer in range(5):
        world.colleague()
    before = rest_on(world, world.at(9))
    world.sit()
    after = rest_on(world, world.at(9))
    assert before is not None
    assert after is not None
    assert (before.counters_open, after.counters_open, after.could_open) == (0, 1, 2)
    # From 9.00 to 15.00 without the hour's break, 24 minutes a visit.
    assert (before.capacity, after.capacity) == (int(3 * 5 * 2.5), int(5 * 2.5))


def test_a_shift_that_begins_later_is_still_planned(world: World) -> None:
    afternoon = world.colleague()
    RosterShift.objects.create(
        officer=world.officer,
        office=world.office,
        day=DAY,
        starts_at=world.at(8),
        ends_at=world.at(12),
    )
    RosterShift.objects.create(
        officer=afternoon,
        office=world.office,
        day=DAY,
        starts_at=world.at(13),
        ends_at=world.at(15),
    )
    world.sit()
    rest = rest_on(world, world.at(9))
    assert rest is not None
    assert rest.capacity == int(3 * 2.5 + 2 * 2.5)
