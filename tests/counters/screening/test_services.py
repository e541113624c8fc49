"""The check at the gate: passed, referred, cleared, sent home."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.test import Client
from django.urls import reverse

from booking.absences.services import absent_bookings
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.errors import BookingChanged, BookingEnded, WrongDay
from booking.bookings.models import Booking, DisplacedBooking, Displacement
from booking.bookings.selectors import changes_left, free_move_of
from booking.restrictions.models import Restriction
from booking.statuses import Status
from core.errors import DomainError, InvalidInput, NotAllowed, NotFound
from counters.closing.services import finish_day
from counters.gate.selectors import missed_booking_ids
from counters.gate.services import record_absences
from counters.screening import selectors, services
from counters.screening.errors import (
    AlreadyScreened,
    NoScreening,
    ScreeningNeeded,
    WaitsForTaskForce,
)
from counters.screening.models import Screening
from counters.screening.temperature import read_temperature
from counters.visits.models import Visit
from notices.models import Message
from offices.limits.models import Protocol
from offices.staff.models import Role
from privacy.retention.services import run_retention
from tests.builders import INSTRUMENT, SINCE
from tests.counters.world import DAY, World, make_world
from tests.outbox import text_of

Race = Callable[[Iterable[Callable[[], Any]]], list[Any]]
ALL = ("mask", "hands")


def protocol_of(world: World, **fields: Any) -> Protocol:
    values: dict[str, Any] = {
        "name": "Protokol kesehatan",
        "name_en": "Health protocol",
        "items": [
            {"code": "mask", "name": "Memakai masker", "name_en": "Mask worn"},
            {"code": "hands", "name": "Mencuci tangan", "name_en": "Hands washed"},
        ],
        "temperature_limit": 370,
        "task_force_email": "satgas@imigrasi.example",
        "valid_from": SINCE,
        "instrument": INSTRUMENT,
    }
    return Protocol.objects.create(office=world.office, **{**values, **fields})


def screen(
    world: World, booking: Booking, temperature: int | None = 365, *ticked: str, **changes: Any
) -> Screening:
    values = {"by": world.gate, "now": world.at(8, 5), **changes}
    return services.record_screening(
        booking_id=booking.pk, temperature=temperature, ticked=ticked or ALL, **values
    )


def decide(world: World, row: Screening, outcome: str, **changes: Any) -> Screening:
    values = {"by": world.gate, "now": world.at(8, 20), **changes}
    return services.record_decision(screening_id=row.pk, outcome=outcome, **values)


@pytest.fixture
def guarded(world: World) -> World:
    """The world with a protocol in force."""
    protocol_of(world)
    return world


# --- Temperatures as typed ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "tenths"),
    [
        ("36,5", 365),
        ("36.5", 365),
        ("365", 365),
        (" 36,5 ", 365),
        ("37", 370),
        ("370", 370),
        ("37,0", 370),
        ("３６．５", 365),
        ("34,0", 340),
        ("43,0", 430),
    ],
)
def test_a_temperature_is_read_as_officers_type_it(typed: str, tenths: int) -> None:
    assert read_temperature(typed) == tenths


@pytest.mark.parametrize(
    "typed",
    ["3,7", "abc", "", "3650", "36,55", "-36,5", "33,9", "43,1", "99", "36;5", "36,5C6", "٣٦٥"],
)
def test_no_other_temperature_is_read(typed: str) -> None:
    with pytest.raises(ValueError, match=r"36,5|antara"):
        read_temperature(typed)


# --- Check-in needs it ----------------------------------------------------------------------------
def test_without_a_protocol_nobody_is_checked(world: World) -> None:
    booking = world.book(8)
    with pytest.raises(NoScreening):
        screen(world, booking)
    assert world.check_in(booking).pk


@pytest.mark.parametrize(
    "fields",
    [
        {"valid_until": DAY - timedelta(days=1)},
        {"valid_from": DAY + timedelta(days=1)},
        {"items": [], "temperature_limit": None},
    ],
)
def test_a_protocol_counts_on_its_days_and_with_checks(
    world: World, fields: dict[str, Any]
) -> None:
    protocol_of(world, **fields)
    assert world.arrive(8).pk


def test_nobody_enters_unchecked(guarded: World) -> None:
    booking = guarded.book(8)
    with pytest.raises(ScreeningNeeded):
        guarded.check_in(booking)
    booking.refresh_from_db()
    assert booking.status == Status.BOOKED
    assert screen(guarded, booking).outcome == "passed"
    assert str(guarded.check_in(booking, guarded.at(8, 6)).ticket) == "A-001"


def test_yesterdays_check_does_not_count(guarded: World) -> None:
    booking = guarded.book(8)
    screen(guarded, booking)
    assert not selectors.gate_check(booking, DAY).is_needed
    assert selectors.gate_check(booking, DAY + timedelta(days=1)).is_needed


def test_a_second_scan_needs_no_second_check(guarded: World) -> None:
    booking = guarded.book(8)
    screen(guarded, booking)
    first = guarded.check_in(booking, guarded.at(8, 6))
    assert guarded.check_in(booking, guarded.at(8, 7)).pk == first.pk


def test_a_line_of_a_paper_list_was_checked_on_paper(guarded: World) -> None:
    from counters.gate.services import check_in

    visit = check_in(
        office_id=guarded.office.pk,
        code=guarded.book(8).code,
        by=guarded.supervisor,
        now=guarded.at(11),
        arrived_at=guarded.at(8),
    )
    assert visit.arrived_at == guarded.at(8)


def test_every_item_must_be_met(guarded: World) -> None:
    booking = guarded.book(8)
    with pytest.raises(InvalidInput) as refusal:
        screen(guarded, booking, 365, "mask")
    assert "Mencuci tangan" in str(refusal.value.fields["items"])
    with pytest.raises(InvalidInput):
        screen(guarded, booking, 365, "mask", "hands", "ring")
    assert not Screening.objects.exists()


@pytest.mark.parametrize("temperature", [None, 37, 339, 431, 3650])
def test_a_wrong_temperature_names_its_field(guarded: World, temperature: int | None) -> None:
    with pytest.raises(InvalidInput) as refusal:
        screen(guarded, guarded.book(8), temperature)
    assert set(refusal.value.fields) == {"temperature"}


def test_a_protocol_without_a_limit_takes_no_temperature(world: World) -> None:
    protocol_of(world, temperature_limit=None)
    booking = world.book(8)
    with pytest.raises(InvalidInput):
        screen(world, booking, 365)
    row = screen(world, booking, None)
    assert (row.outcome, row.temperature, row.ticked) == ("passed", None, ["mask", "hands"])


def test_only_gate_officers_of_the_office_check(guarded: World) -> None:
    booking = guarded.book(8)
    for officer in (guarded.officer, guarded.pickup, make_world().gate):
        with pytest.raises(NotAllowed):
            screen(guarded, booking, by=officer)


def test_only_who_is_expected_today_is_checked(guarded: World) -> None:
    with pytest.raises(WrongDay):
        screen(guarded, guarded.book(8, DAY + timedelta(days=1)))
    booking = guarded.book(8)
    assert booking.account is not None
    cancel_booking(booking_id=booking.pk, by=booking.account, now=guarded.at(7))
    with pytest.raises(BookingEnded):
        screen(guarded, booking)


# --- Referred -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("temperature", "outcome"), [(370, "passed"), (371, "referred"), (430, "referred")]
)
def test_the_limit_itself_passes(guarded: World, temperature: int, outcome: str) -> None:
    assert screen(guarded, guarded.book(8), temperature).outcome == outcome


def test_a_referred_person_waits_and_the_task_force_is_informed(guarded: World) -> None:
    booking = guarded.book(8)
    row = screen(guarded, booking, 376, "mask")  # sits down at once, items or not
    with pytest.raises(WaitsForTaskForce):
        guarded.check_in(booking, guarded.at(8, 10))
    assert list(selectors.waiting_for_task_force(guarded.office, DAY)) == [row]
    message = Message.objects.get(kind="screening_referred")
    assert message.address == "satgas@imigrasi.example"
    text = text_of(message)
    assert booking.code in text
    assert "37,6" not in text
    assert booking.applicant.full_name not in text


def test_without_an_address_there_is_no_message(world: World) -> None:
    protocol_of(world, task_force_email="")
    screen(world, world.book(8), 376)
    assert not Message.objects.filter(kind="screening_referred").exists()


def test_who_waits_for_the_task_force_at_closing_is_no_no_show(
    guarded: World, set_clock: Any
) -> None:
    """Listed until it has decided, also on a later day; a supervisor's "absent" does not mean them."""
    referred, absent = guarded.book(8), guarded.book(8)
    row = screen(guarded, referred, 376)
    evening = guarded.at(17)
    assert missed_booking_ids(guarded.office, now=evening) == [absent.pk]
    assert list(absent_bookings(guarded.office, DAY, now=evening)) == [absent]
    done = finish_day(office=guarded.office, by=guarded.supervisor, now=evening)
    assert (done.no_shows, done.left.referred, done.closing) == (0, 1, None)
    record_absences(office=guarded.office, by=None, now=evening)
    absent.refresh_from_db()
    referred.refresh_from_db()
    assert (absent.status, referred.status) == (Status.NO_SHOW, Status.BOOKED)
    tomorrow = guarded.at(8, day=DAY + timedelta(days=1))
    set_clock(tomorrow)
    client = Client()
    client.force_login(guarded.supervisor)
    page = client.get("/admin/closing/").content.decode()
    assert referred.code in page
    assert absent.code not in page
    assert list(selectors.waiting_for_task_force(guarded.office, DAY + timedelta(days=1))) == [row]
    decide(guarded, row, "sent_home", now=tomorrow)
    referred.refresh_from_db()
    assert referred.status in (Status.BOOKED, Status.DISPLACED)
    assert referred.slot.day > DAY or referred.place_id is None
    assert not selectors.waiting_for_task_force(guarded.office, DAY + timedelta(days=1)).exists()
    assert not Restriction.objects.filter(person_key=referred.person_key).exists()


def test_a_cleared_person_checks_in(guarded: World) -> None:
    booking = guarded.book(8)
    decide(guarded, screen(guarded, booking, 376), "cleared")
    assert not selectors.waiting_for_task_force(guarded.office, DAY).exists()
    assert guarded.check_in(booking, guarded.at(8, 25)).pk


def test_sent_home_moves_the_booking_free_of_sanction(guarded: World) -> None:
    booking = guarded.book(8)
    decide(guarded, screen(guarded, booking, 376), "sent_home")
    booking.refresh_from_db()
    first_later = guarded.slot(8, DAY + timedelta(days=1))
    assert (booking.status, booking.slot) == (Status.BOOKED, first_later)
    assert booking.via == Booking.Via.MOVED_BY_OFFICE
    assert changes_left(booking) == 1
    assert not Restriction.objects.exists()
    with pytest.raises(WrongDay):
        guarded.check_in(booking, guarded.at(9))
    text = text_of(Message.objects.get(kind="booking_moved"))
    assert "pemeriksaan kesehatan di gerbang" in text
    assert "Tidak ada sanksi" in text
    move = Displacement.objects.get()
    assert reverse("booking:move", args=[move.pk])
    assert move.placed_at == guarded.at(8, 20)


def test_the_new_slot_can_be_exchanged_without_using_the_change(guarded: World) -> None:
    booking = guarded.book(8)
    decide(guarded, screen(guarded, booking, 376), "sent_home")
    booking.refresh_from_db()
    assert booking.account is not None
    assert free_move_of(booking) is not None
    other = guarded.slot(10, DAY + timedelta(days=1))
    reschedule_booking(
        booking_id=booking.pk, slot_id=other.pk, by=booking.account, now=guarded.at(9)
    )
    booking.refresh_from_db()
    assert (booking.slot, booking.changes_used) == (other, 0)
    assert DisplacedBooking.objects.get().answer == "other"


def test_without_a_later_place_the_booking_waits_with_priority(db: None) -> None:
    world = make_world(places=6)
    protocol_of(world)
    tomorrow = DAY + timedelta(days=1)
    for hour in (8, 9, 10, 11, 13, 14):
        world.book(hour, tomorrow)
    booking = world.book(8)
    decide(world, screen(world, booking, 376), "sent_home")
    booking.refresh_from_db()
    assert booking.status == Status.DISPLACED
    assert "Belum ada tempat pengganti" in text_of(Message.objects.get(kind="booking_displaced"))


def test_a_walk_in_who_is_sent_home_gets_an_online_place(guarded: World) -> None:
    from counters.walk_in.services import admit_at_desk
    from tests.builders import person_data

    admitted = admit_at_desk(
        office_id=guarded.office.pk,
        applicant=person_data(),
        service_type_id=guarded.office.service_types.get(code="new").pk,
        by=guarded.gate,
        now=guarded.at(8, 10),
    )
    assert admitted.visit is None
    row = screen(guarded, admitted.booking, 380, now=guarded.at(8, 11))
    decide(guarded, row, "sent_home")
    moved = Booking.objects.get(pk=admitted.booking.pk)
    assert (moved.slot.lane_id, moved.slot.day) == ("online", DAY + timedelta(days=1))


def test_a_person_who_cancelled_while_waiting_cannot_be_moved(guarded: World) -> None:
    booking = guarded.book(8)
    row = screen(guarded, booking, 376)
    assert booking.account is not None
    cancel_booking(booking_id=booking.pk, by=booking.account, now=guarded.at(8, 10))
    with pytest.raises(BookingChanged):
        decide(guarded, row, "sent_home")
    assert Screening.objects.count() == 1


def test_a_decision_needs_a_referral_and_a_known_outcome(guarded: World) -> None:
    passed = screen(guarded, guarded.book(8))
    with pytest.raises(NotFound):
        decide(guarded, passed, "cleared")
    referred = screen(guarded, guarded.book(9), 380)
    for outcome in ("passed", "referred", "", "x"):
        with pytest.raises(InvalidInput):
            decide(guarded, referred, outcome)
    with pytest.raises(NotAllowed):
        decide(guarded, referred, "cleared", by=guarded.officer)


# --- Repeated, concurrent, with a clock set back --------------------------------------------------
def test_a_double_click_records_one_line(guarded: World) -> None:
    booking = guarded.book(8)
    assert screen(guarded, booking).pk == screen(guarded, booking).pk
    with pytest.raises(AlreadyScreened):
        screen(guarded, booking, 371)
    with pytest.raises(AlreadyScreened) as refusal:
        screen(guarded, booking, by=guarded.colleague(Role.GATE))
    assert str(guarded.gate) in str(refusal.value)


def test_a_repeated_decision_changes_nothing(guarded: World) -> None:
    row = screen(guarded, guarded.book(8), 376)
    first = decide(guarded, row, "sent_home")
    assert decide(guarded, row, "sent_home", now=guarded.at(8, 40)).pk == first.pk
    assert DisplacedBooking.objects.count() == 1
    with pytest.raises(AlreadyScreened):
        decide(guarded, row, "cleared")


def test_a_clock_set_back_does_not_reorder_the_lines(guarded: World) -> None:
    booking = guarded.book(8)
    row = screen(guarded, booking, 376, now=guarded.at(8, 30))
    decision = decide(guarded, row, "cleared", now=guarded.at(7, 50))
    assert decision.at == row.at
    latest = selectors.latest_of(booking, DAY)
    assert latest is not None
    assert latest.outcome == "cleared"
    assert guarded.check_in(booking, guarded.at(8)).pk


def _at_once(run_together: Race, world: World) -> list[Any]:
    booking = world.book(8)
    gates = [world.gate, world.colleague(Role.GATE)]
    calls = [
        partial(screen, world, booking, temperature, by=officer)
        for officer, temperature in zip(gates, (365, 380), strict=True)
    ]
    return run_together(calls)


@pytest.mark.django_db(transaction=True)
def test_two_officers_record_one_result(run_together: Race) -> None:
    world = make_world()
    protocol_of(world)
    outcomes = _at_once(run_together, world)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyScreened", "Screening"]
    assert Screening.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_guards_two_results_are_recorded(
    run_together: Race, unguarded_database: str
) -> None:
    """If this fails, the test above no longer races and proves nothing."""
    world = make_world()
    protocol_of(world)

    def goes_wrong() -> bool:
        outcomes = _at_once(run_together, world)
        return not any(isinstance(one, DomainError) for one in outcomes)

    assert any(goes_wrong() for _round in range(10))


# --- Append-only, erased in time ------------------------------------------------------------------
def test_the_database_refuses_changes(guarded: World) -> None:
    row = screen(guarded, guarded.book(8), 376)
    for change in (
        lambda: Screening.objects.filter(pk=row.pk).update(outcome="passed"),
        lambda: Screening.objects.filter(pk=row.pk).delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_health_data_are_erased_and_the_count_stays(guarded: World) -> None:
    screen(guarded, guarded.book(8), 376)
    run_retention(now=guarded.at(12, day=DAY + timedelta(days=20)))
    assert Screening.objects.get().booking is not None
    run_retention(now=guarded.at(12, day=DAY + timedelta(days=32)))
    row = Screening.objects.get()
    assert (row.booking, row.temperature, row.ticked) == (None, None, [])
    assert (row.outcome, row.day) == ("referred", DAY)
    assert not Visit.objects.exists()
