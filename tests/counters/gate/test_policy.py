"""The day's rule at the gate: early, late, undoing, the priority lane, what was left open yesterday."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from booking.bookings.changes import mark_no_show, move_at_office
from booking.bookings.errors import BookingChanged, NotBookableOnline, SameSlot
from booking.bookings.models import Booking
from booking.bookings.selectors import hours_at_office
from booking.bookings.services import book_at_office
from booking.restrictions.models import Restriction
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed, NotFound
from counters.gate import services as gate_services
from counters.gate.errors import GraceOver, NoPriorityHall, TooEarly
from counters.gate.models import GateRefusal
from counters.queue import services as queue_services
from counters.queue.selectors import clock_of, queue_row
from counters.visits.errors import UndoOver, VisitChanged
from counters.visits.models import Visit, VisitEvent, VisitStatus
from notices.models import Message
from offices.day_rules.models import DayRule
from offices.directory.models import Hall
from offices.reasons.models import Reason
from ops.verification.services import verify
from quotas.places.errors import SlotFull
from quotas.places.models import Place
from reports.load.selectors import daily_load
from tests.builders import INSTRUMENT, SINCE, fill_slot, make_lane, make_reason, person_data
from tests.counters.world import DAY, World, make_world, who

TOMORROW = DAY + timedelta(days=1)
SECOND = timedelta(seconds=1)


def rule(world: World, **fields: Any) -> DayRule:
    return DayRule.objects.create(
        office=world.office, valid_from=SINCE, instrument=INSTRUMENT, **fields
    )


def lawful(now: datetime) -> bool:
    """True if every law but the messages' (nobody delivers here) holds."""
    broken = [finding.law for finding in verify(now=now) if finding.breaches]
    return set(broken) <= {9}


# --- Early and late -------------------------------------------------------------------------------
def test_too_early_is_refused_with_the_time_to_come_back(world: World) -> None:
    booking = world.book(10)
    with pytest.raises(TooEarly) as refused:
        world.check_in(booking, world.at(8, 59))
    assert "09.00" in str(refused.value)
    assert refused.value.facts["possible_from"] == world.at(9).isoformat()
    assert world.check_in(booking, world.at(9)).status == VisitStatus.WAITING


def test_the_office_sets_how_early(world: World) -> None:
    rule(world, early_minutes=120)
    assert world.check_in(world.book(10), world.at(8)).status == VisitStatus.WAITING


def test_a_supervisors_paper_entry_is_not_refused(world: World) -> None:
    rule(world, after_grace=DayRule.AfterGrace.REBOOK)
    early, late = world.book(11), world.book(8)
    for booking, arrived in ((early, world.at(8)), (late, world.at(11))):
        visit = gate_services.check_in(
            office_id=world.office.pk,
            code=booking.code,
            by=world.supervisor,
            now=world.at(12),
            arrived_at=arrived,
        )
        assert visit.arrived_at == arrived


def test_the_two_hours_of_an_early_comer_begin_at_the_booked_hour(world: World) -> None:
    early, late = world.arrive(9, 10, booked=10), world.arrive(9, 40, booked=9)
    assert (early.arrived_at, early.clock_from) == (world.at(9, 10), world.at(10))
    assert late.clock_from == late.arrived_at == world.at(9, 40)
    row = queue_row(early, now=world.at(11, 35))
    assert (row.waited, row.left, row.state) == (145, 25, "risk")
    assert queue_row(early, now=world.at(11, 25)).state == ""
    clock = clock_of(early, now=world.at(9, 50))
    assert (clock["running"], clock["due_at"]) == (0, world.at(12))


def test_the_daily_load_measures_from_the_same_moment(world: World) -> None:
    session = world.sit()
    early = world.arrive(9, 1, booked=10)
    world.call(session, world.at(10, 50))
    world.serve(early, session, world.at(11))
    [load] = daily_load([world.office], DAY, DAY, now=world.at(12))
    assert load.within_two_hours == 1
    assert load.wait_p50 == 50


def test_within_the_tolerance_the_place_in_the_queue_stays(world: World) -> None:
    within, after = world.arrive(10, 30, booked=9), world.arrive(10, 31, booked=9)
    assert within.queue_at == world.at(9)
    assert after.queue_at == world.at(10, 31)


def test_after_the_tolerance_another_hour_can_be_the_rule(world: World) -> None:
    rule(world, after_grace=DayRule.AfterGrace.REBOOK, late_minutes=10)
    booking = world.book(8)
    with pytest.raises(GraceOver) as refused:
        world.check_in(booking, world.at(9, 11))
    assert "09.10" in str(refused.value)
    [slot, *_others] = hours_at_office(
        world.office, group_id=booking.slot.group_id, service_id=None, now=world.at(9, 11)
    )
    assert slot.starts_at == world.at(10)
    moved = move_at_office(
        booking_id=booking.pk, slot_id=slot.pk, by=world.gate, now=world.at(9, 11)
    )
    assert (moved.slot, moved.changes_used, moved.via) == (slot, 0, Booking.Via.AT_OFFICE)
    visit = world.check_in(moved, world.at(9, 12))
    assert visit.clock_from == world.at(10)
    assert not Restriction.objects.exists()
    assert Message.objects.filter(kind="booking_changed", about_id=str(booking.pk)).exists()
    assert lawful(world.at(9, 13))


# --- The next hours -------------------------------------------------------------------------------
def test_hours_offered_have_room_and_have_opened(world: World) -> None:
    booking, now = world.book(8), world.at(9, 30)
    fill_slot(world.slot(10), now=world.at(8, day=DAY - timedelta(days=1)))
    Place.objects.filter(slot=world.slot(13)).update(opens_at=world.at(20), closes_at=world.at(21))
    hours = hours_at_office(world.office, group_id=booking.slot.group_id, service_id=None, now=now)
    starts = [slot.starts_at for slot in hours]
    assert starts[:2] == [world.at(11), world.at(14)]
    with pytest.raises(SlotFull):
        move_at_office(booking_id=booking.pk, slot_id=world.slot(10).pk, by=world.gate, now=now)
    with pytest.raises(SlotFull):
        move_at_office(booking_id=booking.pk, slot_id=world.slot(13).pk, by=world.gate, now=now)
    booking.refresh_from_db()
    assert booking.slot == world.slot(8)


def test_only_a_booked_booking_moves_and_only_to_a_coming_hour_here(world: World) -> None:
    booking, elsewhere = world.book(8), make_world()
    move = {"booking_id": booking.pk, "by": world.gate, "now": world.at(9, 30)}
    with pytest.raises(SameSlot):
        move_at_office(slot_id=booking.slot_id, **move)
    with pytest.raises(NotBookableOnline):
        move_at_office(slot_id=elsewhere.slot(11).pk, **move)
    with pytest.raises(NotFound):
        move_at_office(slot_id=world.slot(11).pk, **{**move, "booking_id": elsewhere.office.pk})
    with pytest.raises(NotAllowed):
        move_at_office(slot_id=world.slot(11).pk, **{**move, "by": elsewhere.gate})
    world.check_in(booking, world.at(8, 30))
    with pytest.raises(BookingChanged):
        move_at_office(slot_id=world.slot(11).pk, **move)


def test_a_no_show_books_another_hour_at_the_gate(world: World) -> None:
    booking = world.book(8)
    mark_no_show(booking_id=booking.pk, now=world.at(9, 30))
    again = book_at_office(
        office_id=world.office.pk,
        person=booking.applicant_id,
        service_type_id=booking.service_type_id,
        slot_id=world.slot(11).pk,
        by=world.gate,
        now=world.at(9, 40),
    )
    assert (again.applicant_id, again.account_id) == (booking.applicant_id, booking.account_id)
    assert world.check_in(again, world.at(10, 30)).status == VisitStatus.WAITING
    assert lawful(world.at(10, 31))


def test_somebody_without_a_booking_books_an_hour_at_the_gate(world: World) -> None:
    booking = book_at_office(
        office_id=world.office.pk,
        person=person_data(full_name="Budi Santoso"),
        service_type_id=world.office.service_types.get(code="new").pk,
        slot_id=world.slot(9, TOMORROW).pk,
        by=world.gate,
        now=world.at(9),
    )
    assert (booking.status, booking.account_id, booking.slot.day) == (
        Status.BOOKED,
        None,
        TOMORROW,
    )
    assert lawful(world.at(9, 1))


def test_an_applicant_of_another_office_cannot_be_booked_by_number(world: World) -> None:
    stranger = make_world().book(8)
    with pytest.raises(NotFound):
        book_at_office(
            office_id=world.office.pk,
            person=stranger.applicant_id,
            service_type_id=stranger.service_type_id,
            slot_id=world.slot(11).pk,
            by=world.gate,
            now=world.at(9),
        )


# --- Undo -----------------------------------------------------------------------------------------
def undo(world: World, visit: Visit, now: datetime) -> Visit:
    return gate_services.undo_check_in(visit_id=visit.pk, by=world.gate, now=now)


def test_a_check_in_is_undone_within_a_minute(world: World) -> None:
    visit = world.arrive(8)
    undo(world, visit, world.at(8) + 60 * SECOND)
    visit.refresh_from_db()
    visit.booking.refresh_from_db()
    assert (visit.status, visit.booking.status) == (VisitStatus.UNDONE, Status.BOOKED)
    assert [line.kind for line in visit.history.all()] == ["arrived", "undone"]
    assert (
        queue_services.call_next(session_id=world.sit().pk, by=world.officer, now=world.at(8, 2))
        is None
    )
    again, other = world.check_in(visit.booking, world.at(8, 5)), world.arrive(8, 6)
    assert (str(again.ticket), str(other.ticket)) == ("A-002", "A-003")
    [load] = daily_load([world.office], DAY, DAY, now=world.at(9))
    assert load.arrived == 2
    assert lawful(world.at(8, 7))


def test_an_undone_check_in_counts_nowhere(world: World) -> None:
    visit = world.arrive(8)
    undo(world, visit, world.at(8))
    mark_no_show(booking_id=visit.booking_id, now=world.at(15, 30))
    [load] = daily_load([world.office], DAY, DAY, now=world.at(16))
    assert (load.arrived, load.no_show) == (0, 1)


@pytest.mark.parametrize("seconds", [61, 3600, -3600])
def test_after_a_minute_or_with_the_clock_set_back_it_stays(world: World, seconds: int) -> None:
    visit = world.arrive(9)
    with pytest.raises(UndoOver):
        undo(world, visit, world.at(9) + seconds * SECOND)


def test_who_was_called_stays_inside(world: World) -> None:
    visit = world.arrive(8)
    world.call(world.sit(), world.at(8))
    with pytest.raises(UndoOver):
        undo(world, visit, world.at(8) + 5 * SECOND)


def test_undoing_a_walk_in_frees_the_place(world: World) -> None:
    visit = world.walk_in(world.at(9))
    undo(world, visit, world.at(9) + SECOND)
    visit.booking.refresh_from_db()
    assert (visit.booking.status, visit.booking.place_id) == (Status.CANCELLED, None)
    assert lawful(world.at(9, 1))


def test_undoing_a_return_leaves_it_as_it_was(world: World) -> None:
    visit = world.arrive(8)
    queue_services.leave(visit_id=visit.pk, reason="pulang", by=world.gate, now=world.at(8, 10))
    world.check_in(visit.booking, world.at(8, 30))
    undo(world, visit, world.at(8, 30))
    visit.refresh_from_db()
    visit.booking.refresh_from_db()
    assert (visit.status, visit.booking.status) == (VisitStatus.LEFT, Status.LEFT)
    assert lawful(world.at(8, 31))


# --- The priority lane ----------------------------------------------------------------------------
def test_a_booking_is_moved_to_the_priority_lane_with_a_reason(world: World) -> None:
    make_lane("priority")
    reason = make_reason("pregnant", Reason.Use.PRIORITY)
    visit, other = world.arrive(8), world.arrive(8, 1)
    move = {"visit_id": visit.pk, "by": world.gate, "now": world.at(8, 2)}
    with pytest.raises(InvalidInput) as refused:
        gate_services.move_to_priority(reason="", **move)
    assert "reason" in refused.value.fields
    moved = gate_services.move_to_priority(reason="pregnant", note="tujuh bulan", **move)
    assert (moved.lane_id, str(moved.ticket), moved.queue_at) == ("priority", "P-001", world.at(8))
    line = visit.history.get(kind=VisitEvent.Kind.MOVED_LANE)
    assert (line.listed_reason, line.by) == (reason, world.gate)
    assert line.reason == "A-001 → P-001: tujuh bulan"
    gate_services.move_to_priority(reason="pregnant", **move)  # a second click changes nothing
    assert str(other.ticket) == "A-002"
    assert str(world.arrive(8, 3).ticket) == "A-003"
    [load] = daily_load([world.office], DAY, DAY, now=world.at(9))
    assert load.arrived == 3
    assert lawful(world.at(8, 4))


def test_without_a_priority_hall_nobody_is_moved_there(world: World) -> None:
    make_reason("pregnant", Reason.Use.PRIORITY)
    Hall.objects.get(office=world.office).lanes.remove(make_lane("priority"))
    visit = world.arrive(8)
    with pytest.raises(NoPriorityHall):
        gate_services.move_to_priority(
            visit_id=visit.pk, reason="pregnant", by=world.gate, now=world.at(8, 2)
        )
    world.call(world.sit(), world.at(8, 3))
    Hall.objects.get(office=world.office).lanes.add(make_lane("priority"))
    with pytest.raises(VisitChanged):
        gate_services.move_to_priority(
            visit_id=visit.pk, reason="pregnant", by=world.gate, now=world.at(8, 4)
        )


# --- Yesterday's visits ---------------------------------------------------------------------------
def left_open(world: World, status: str) -> Visit:
    visit = world.arrive(13)
    if status == VisitStatus.CALLED:
        world.call(world.sit(hour=13), world.at(13, 5))
    elif status == VisitStatus.SERVING:
        world.start(world.sit(hour=13), world.at(13, 5))
    return visit


@pytest.mark.parametrize("status", [VisitStatus.WAITING, VisitStatus.CALLED, VisitStatus.SERVING])
def test_a_visit_left_open_yesterday_does_not_keep_its_holder_out(
    world: World, status: str
) -> None:
    visit = left_open(world, status)
    now = world.at(8, 30, TOMORROW)
    again = world.check_in(visit.booking, now)
    visit.refresh_from_db()
    assert (visit.status, visit.ended_at) == (VisitStatus.UNSERVED, now)
    assert (again.kind, again.day, again.status) == ("return", TOMORROW, VisitStatus.WAITING)
    assert world.check_in(visit.booking, now + SECOND).pk == again.pk
    assert visit.stage_runs.filter(ended_at__isnull=True).count() == 0
    assert lawful(now)


def test_its_officer_cannot_go_on_with_it(world: World) -> None:
    visit = left_open(world, VisitStatus.SERVING)
    session = visit.office.counter_sessions.get()
    world.check_in(visit.booking, world.at(8, 30, TOMORROW))
    with pytest.raises(VisitChanged):
        gate_services.refuse_visit(
            visit_id=visit.pk, reason="nama", by=session.officer, now=world.at(9, 0, TOMORROW)
        )
    assert who(visit, session)["visit_id"] == visit.pk


# --- Refusals -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "code", "with_booking"),
    [
        ("walk_in", "walk_in_off", False),
        ("companion", "companion_off", True),
        ("companion", "companion_off", False),
        ("screening", "screening_over", True),
        ("name", "name_other_card", True),
    ],
)
def test_each_refusal_is_recorded_with_its_reason(
    world: World, kind: str, code: str, with_booking: bool
) -> None:
    reason = make_reason(code, Reason.Use.GATE_REFUSAL)
    booking = world.book(8) if with_booking else None
    gate_services.refuse_at_gate(
        office_id=world.office.pk,
        kind=kind,
        reason=code,
        booking_id=booking.pk if booking else None,
        by=world.gate,
        now=world.at(8),
    )
    row = GateRefusal.objects.get()
    assert (row.kind, row.reason, row.booking, row.day, row.by) == (
        kind,
        reason,
        booking,
        DAY,
        world.gate,
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        GateRefusal.objects.update(day=TOMORROW)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_a_refusal_needs_a_reason_of_its_kind(world: World) -> None:
    make_reason("companion_off", Reason.Use.GATE_REFUSAL)
    refuse = {"office_id": world.office.pk, "by": world.gate, "now": world.at(8)}
    for kind, reason in (
        ("walk_in", "companion_off"),
        ("companion", ""),
        ("other", "companion_off"),
    ):
        with pytest.raises(InvalidInput):
            gate_services.refuse_at_gate(kind=kind, reason=reason, **refuse)
    with pytest.raises(NotFound):
        gate_services.refuse_at_gate(
            kind="companion",
            reason="companion_off",
            booking_id=make_world().book(8).pk,
            **refuse,
        )
    assert not GateRefusal.objects.exists()
