"""Arrivals: the right day and office, one ticket each."""

from datetime import timedelta

import pytest

from booking.bookings.changes import cancel_booking
from booking.bookings.errors import BookingEnded, WalkInsNotAdmitted, WrongDay, WrongOffice
from booking.statuses import Status
from core.errors import InvalidInput, NotFound
from counters.gate import services as gate_services
from counters.queue import services as queue_services
from counters.service import services as service_services
from counters.visits.models import Visit, VisitStatus
from tests.counters.world import DAY, KTP, World, make_world, who


def test_checking_in_gives_a_ticket_of_the_lane(world: World) -> None:
    first, second = world.arrive(8), world.arrive(8, 5)
    assert (str(first.ticket), str(second.ticket)) == ("A-001", "A-002")
    first.booking.refresh_from_db()
    assert first.booking.status == Status.CHECKED_IN
    assert first.status == VisitStatus.WAITING
    assert [event.kind for event in first.history.all()] == ["arrived"]


def test_ticket_numbers_restart_each_day_per_series(world: World) -> None:
    world.arrive(8)
    assert str(world.walk_in(world.at(8, 10)).ticket) == "W-001"
    other_day = world.book(9, DAY + timedelta(days=1))
    assert str(world.check_in(other_day).ticket) == "A-001"


def test_a_second_scan_shows_the_first_ticket(world: World) -> None:
    booking = world.book(8)
    first = world.check_in(booking)
    again = world.check_in(booking, world.at(8, 20))
    assert again.pk == first.pk
    assert Visit.objects.filter(booking=booking).count() == 1


@pytest.mark.parametrize("typed", ["{0}", " {1} ", "{2}", "{0}\n"])
def test_a_code_is_accepted_in_any_notation(world: World, typed: str) -> None:
    booking = world.book(8)
    spaced = f"{booking.code[:5]} {booking.code[5:]}"
    text = typed.format(booking.code, booking.code.lower(), spaced.replace(" ", "-"))
    visit = gate_services.check_in(
        office_id=world.office.pk, code=text, by=world.gate, now=booking.slot.starts_at
    )
    assert visit.booking_id == booking.pk


def test_an_unknown_code_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        gate_services.check_in(
            office_id=world.office.pk, code="QQQQQQQQQQ", by=world.gate, now=world.at(8)
        )


def test_a_booking_for_another_day_shows_its_date(world: World) -> None:
    booking = world.book(8, DAY + timedelta(days=1))
    with pytest.raises(WrongDay) as refused:
        world.check_in(booking, world.at(8))
    assert "27" in str(refused.value)


def test_a_booking_at_another_office_shows_the_office(world: World) -> None:
    booking = make_world(time_zone="Asia/Makassar").book(8)
    with pytest.raises(WrongOffice) as refused:
        world.check_in(booking, world.at(8))
    assert booking.office.name in str(refused.value)


def test_a_cancelled_booking_is_not_admitted(world: World) -> None:
    booking = world.book(8)
    cancel_booking(booking_id=booking.pk, by=booking.account, now=world.at(7))
    with pytest.raises(BookingEnded):
        world.check_in(booking)


def test_punctual_people_queue_by_slot_late_ones_by_arrival(world: World) -> None:
    on_time, late = world.arrive(9, 40, booked=9), world.arrive(10, 31, booked=9)
    assert on_time.queue_at == world.at(9)
    assert late.queue_at == world.at(10, 31)


def test_a_walk_in_gets_a_place_and_queues_by_arrival(
    world: World,
) -> None:
    visit = world.walk_in(world.at(9, 12))
    assert visit.lane_id == "walk_in"
    assert visit.queue_at == visit.arrived_at == world.at(9, 12)
    assert visit.booking.status == Status.CHECKED_IN


def test_walk_ins_are_refused_where_the_office_has_none(db: None) -> None:
    world = make_world(admits_walk_ins=False)
    with pytest.raises(WalkInsNotAdmitted):
        world.walk_in(world.at(9))
    assert not Visit.objects.exists()


def test_a_person_with_missing_documents_returns_on_another_day(world: World) -> None:
    session = world.sit()
    world.arrive(8)
    visit = world.start(session, world.at(8, 5))
    service_services.mark_incomplete(
        **who(visit, session), missing="Akta kelahiran", now=world.at(8, 10)
    )
    back = world.check_in(visit.booking, world.at(10, 0, DAY + timedelta(days=4)))
    assert back.pk != visit.pk
    assert (back.kind, back.queue_at) == (Visit.Kind.RETURN, back.arrived_at)


def test_a_person_who_left_and_returns_queues_again(world: World) -> None:
    visit = world.arrive(8)
    queue_services.leave(visit_id=visit.pk, reason="anak sakit", by=world.gate, now=world.at(8, 30))
    visit.booking.refresh_from_db()
    assert visit.booking.status == Status.LEFT
    again = world.check_in(visit.booking, world.at(9))
    again.booking.refresh_from_db()
    assert (again.pk, again.status, again.booking.status) == (visit.pk, "waiting", "checked_in")
    assert str(again.ticket) == "A-001"


def test_yesterdays_open_visit_ends_on_the_next_arrival(world: World) -> None:
    visit = world.arrive(14)
    tomorrow = DAY + timedelta(days=1)
    again = world.check_in(visit.booking, world.at(8, 0, tomorrow))
    visit.refresh_from_db()
    assert visit.status == VisitStatus.UNSERVED
    assert (again.day, again.kind) == (tomorrow, Visit.Kind.RETURN)


def test_a_paper_list_is_entered_with_real_times(world: World) -> None:
    booking = world.book(8)
    visit = gate_services.check_in(
        office_id=world.office.pk,
        code=booking.code,
        by=world.supervisor,
        now=world.at(12),
        arrived_at=world.at(8, 10),
    )
    assert visit.arrived_at == world.at(8, 10)
    assert visit.queue_at == world.at(8)


def test_a_real_time_in_the_future_is_refused(world: World) -> None:
    booking = world.book(8)
    with pytest.raises(InvalidInput) as refused:
        gate_services.check_in(
            office_id=world.office.pk,
            code=booking.code,
            by=world.supervisor,
            now=world.at(8),
            arrived_at=world.at(9),
        )
    assert "arrived_at" in refused.value.fields
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED


def test_a_served_booking_shows_its_finished_visit(world: World) -> None:
    session = world.sit()
    visit = world.arrive(8)
    world.call(session, world.at(8, 5))
    world.serve(visit, session, world.at(8, 5))
    assert world.check_in(visit.booking, world.at(9)).pk == visit.pk
    assert visit.booking.visits.count() == 1
    assert Visit.objects.get(pk=visit.pk).documents_checked == KTP
