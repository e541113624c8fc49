"""Closing an office: places are withdrawn, people are moved in order and notified."""

import threading
import time as time_module
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections

from accounts.models import User
from booking.bookings import selectors as bookings_selectors
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.models import Booking, Displacement
from booking.bookings.services import book_at_desk
from booking.closures import selectors as closures_selectors
from booking.closures import tasks
from booking.closures.errors import AlreadyAnswered
from booking.closures.moves import (
    accept_move,
    choose_another,
    move_everyone,
    move_next_party,
    place_waiting,
    record_notified,
)
from booking.closures.services import ClosureData, close_office, preview_closure, reopen_office
from booking.objections.services import object_to_move
from booking.statuses import Status
from core.errors import InvalidInput, NotAllowed
from notices.models import Message
from offices.directory.models import Hall, Lane, Office, ServiceType
from offices.staff.models import Role
from ops.verification.services import verify
from quotas.calendar.selectors import calendar
from quotas.places.errors import WindowClosed
from quotas.places.models import Place, Slot
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    book_online,
    make_booking,
    make_daily_release,
    make_group,
    make_lane,
    make_office,
    make_officer,
    make_open_slot,
    make_person,
    make_policy,
    make_service_type,
    make_user,
    person_data,
)
from tests.outbox import text_of

TUESDAY = date(2026, 12, 1)
REASON = "Pemeliharaan jaringan"


@pytest.fixture
def office(db: None) -> Office:
    return make_week()


def make_week(*, places: int = 12, code: str = "") -> Office:
    """An office with `places` a day in two slots, Thursday 26 November to Friday 4 December, all open."""
    office = make_office(code)
    make_policy(
        office,
        places=places,
        hours=[["08:00", "10:00"]],
        valid_from=date(2026, 11, 26),
        valid_until=date(2026, 12, 4),
    )
    make_daily_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def slots_of(office: Office, day: date = TUESDAY) -> list[Slot]:
    rows = Slot.objects.serving(None).filter(office=office, day=day, lane="online")
    return list(rows.order_by("starts_at"))


def book_family(slot: Slot, size: int, account: User | None = None) -> list[Booking]:
    account = account or make_user()
    people = [make_person(account) for _ in range(size)]
    party = book_online(
        account_id=account.pk,
        slot_id=slot.pk,
        applicant_ids=[p.pk for p in people],
        service_type="new",
        key=uuid4().hex,
        now=NOW,
    )
    return list(party.bookings.all())


def close(office: Office, **changes: Any) -> Any:
    changes.setdefault("first_day", TUESDAY)
    changes.setdefault("last_day", changes["first_day"])
    now = changes.pop("now", NOW)
    by = changes.pop("by", None) or make_officer(office, Role.SUPERVISOR)
    data = ClosureData(reason=REASON, **changes)
    return close_office(office_id=office.pk, data=data, by=by, now=now)


def breaches(now: datetime = NOW) -> list[Any]:
    return [finding for finding in verify(now=now) if finding.breaches]


def is_offered(office: Office, day: date = TUESDAY) -> bool:
    return Place.objects.offered().filter(slot__office=office, slot__day=day).exists()


# --- Places -------------------------------------------------------------------------------------
def test_a_closed_day_has_no_places_and_a_reason(office: Office) -> None:
    closure = close(office)
    assert not is_offered(office)
    [day] = calendar(office, first=TUESDAY, last=TUESDAY, group=make_group(), now=NOW)
    assert (day.status, day.places) == ("closed", 0)
    assert REASON in day.reason
    assert prepare_windows(office_id=office.pk, now=NOW).inserted == 0
    assert not is_offered(office)
    assert closure.places.count() == 12


def test_closing_some_slots_leaves_the_others(office: Office) -> None:
    close(office, from_time=time(8), until_time=time(8, 30))
    first, second = slots_of(office)
    assert not Place.objects.offered().filter(slot=first).exists()
    assert Place.objects.offered().filter(slot=second).count() == 6
    assert prepare_windows(office_id=office.pk, now=NOW).inserted == 0


def test_a_lane_that_stays_open_keeps_its_places(office: Office) -> None:
    make_policy(office, places=4, lane="priority", valid_from=TUESDAY, valid_until=TUESDAY)
    make_daily_release(office, days_ahead=0, lane="priority")
    prepare_windows(office_id=office.pk, now=NOW)
    close(office, open_lanes=(Lane.objects.get(code="priority"),))
    left = Place.objects.offered().filter(slot__office=office, slot__day=TUESDAY)
    assert set(left.values_list("slot__lane_id", flat=True)) == {"priority"}


def test_closing_one_lane_leaves_the_others(office: Office) -> None:
    close(office, lane=make_lane("walk_in"))
    assert is_offered(office)


def test_a_hall_closes_only_slots_no_other_hall_serves(office: Office) -> None:
    hall = Hall.objects.get(office=office)
    second = Hall.objects.create(office=office, code="dua", name="Ruang dua", floor="2")
    second.groups.set(hall.groups.all())
    second.lanes.set([make_lane("online")])
    close(office, hall=hall)
    assert is_offered(office)
    close(office, hall=second, first_day=TUESDAY + timedelta(days=1))
    assert is_offered(office, TUESDAY + timedelta(days=1))
    second.lanes.clear()
    close(office, hall=hall, first_day=TUESDAY + timedelta(days=2))
    assert not is_offered(office, TUESDAY + timedelta(days=2))


def test_a_closed_slot_cannot_be_booked(office: Office) -> None:
    close(office)
    with pytest.raises(WindowClosed):
        make_booking(slots_of(office)[0])


def test_an_early_reopening_prepares_the_days_inside_a_closure(office: Office) -> None:
    """Its window opened earlier, without this day."""
    supervisor = make_officer(office, Role.SUPERVISOR)
    make_policy(
        office,
        places=10,
        hours=[["08:00", "10:00"]],
        valid_from=date(2026, 12, 7),
        valid_until=date(2026, 12, 11),
    )
    late = date(2026, 12, 8)
    closure = close(office, first_day=late, last_day=None, by=supervisor)
    after = NOW + timedelta(days=3)
    prepare_windows(office_id=office.pk, now=after)
    assert not is_offered(office, late)
    reopen_office(closure_id=closure.pk, on=late, by=supervisor, now=after)
    prepare_windows(office_id=office.pk, now=after)
    assert Place.objects.offered().filter(slot__office=office, slot__day=late).count() == 10


# --- Moving -------------------------------------------------------------------------------------
def test_people_are_moved_in_order_and_notified(office: Office) -> None:
    first, second = slots_of(office)
    late = [make_booking(second) for _ in range(4)]
    early = [make_booking(first, now=NOW + timedelta(minutes=n)) for n in range(6)]
    closure = close(office)
    assert move_everyone(closure_id=closure.pk, now=NOW) == 10
    moved = [Booking.objects.select_related("slot").get(pk=one.pk) for one in early + late]
    hours = [one.slot.starts_at for one in moved]
    assert hours == sorted(hours)
    assert {one.status for one in moved} == {Status.BOOKED}
    assert {one.via for one in moved} == {Booking.Via.MOVED_BY_OFFICE}
    assert {one.changes_used for one in moved} == {0}
    assert all(one.slot.day > TUESDAY for one in moved)
    emails = Message.objects.filter(kind="booking_moved")
    assert emails.count() == 10
    assert REASON in text_of(emails[0])
    assert breaches() == []
    closure.refresh_from_db()
    assert closure.moved_at == NOW


def test_the_preview_matches_the_result(office: Office) -> None:
    first, _second = slots_of(office)
    book_family(first, 3)
    make_booking(first, now=NOW + timedelta(minutes=1))
    data = ClosureData(first_day=TUESDAY, last_day=TUESDAY, reason=REASON)
    preview = preview_closure(office=office, data=data, now=NOW)
    assert (preview.hours, preview.places, preview.people, preview.staying) == (2, 12, 4, 0)
    assert [len(row.codes) for row in preview.proposals] == [3, 1]
    assert is_offered(office)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    outcomes = {
        row.code: bookings_selectors.when(row.slot, row.office)
        for row in Booking.objects.select_related("slot", "office")
    }
    assert all(outcomes[code] == row.becomes for row in preview.proposals for code in row.codes)


def test_a_family_is_moved_into_one_slot_or_waits_together(office: Office) -> None:
    first, _second = slots_of(office)
    family = book_family(first, 5)
    for slot in Slot.objects.filter(office=office, day__gt=TUESDAY):
        book_family(slot, 2)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    rows = Booking.objects.filter(pk__in=[one.pk for one in family])
    assert {row.status for row in rows} == {Status.DISPLACED}
    assert Message.objects.filter(kind="booking_displaced").count() == 1
    assert closures_selectors.waiting_displacements() == [Displacement.objects.get().pk]
    assert breaches() == []


def test_people_without_a_new_place_can_object_to_the_move(office: Office) -> None:
    [first, *_others] = family = book_family(slots_of(office)[0], 2)
    Place.objects.filter(slot__day__gt=TUESDAY).update(withdrawn_at=NOW)
    move_everyone(closure_id=close(office).pk, now=NOW)
    made = object_to_move(
        code=first.code, text="Paspor saya habis berlaku.", by=first.account, now=NOW
    )
    assert made.displaced.booking_id in {one.pk for one in family}


def test_displaced_people_get_new_places_first(office: Office) -> None:
    family = book_family(slots_of(office)[0], 5)
    later = Slot.objects.filter(office=office, day__gt=TUESDAY)
    Place.objects.filter(slot__in=later).update(withdrawn_at=NOW)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    [waiting] = closures_selectors.waiting_displacements()
    assert not place_waiting(displacement_id=waiting, now=NOW)
    make_policy(
        office,
        places=10,
        hours=[["08:00", "10:00"]],
        valid_from=date(2026, 12, 14),
        valid_until=date(2026, 12, 18),
    )
    prepare_windows(office_id=office.pk, now=NOW)
    assert place_waiting(displacement_id=waiting, now=NOW)
    rows = list(Booking.objects.filter(pk__in=[one.pk for one in family]).select_related("slot"))
    assert {row.slot.day for row in rows} == {date(2026, 12, 14)}
    assert Place.objects.get(pk=rows[0].place_id).opens_at > NOW
    assert Message.objects.filter(kind="booking_moved").count() == 1
    assert closures_selectors.waiting_displacements() == []
    assert breaches() == []


def test_bookings_for_a_continuing_service_are_not_moved(office: Office) -> None:
    first, _second = slots_of(office)
    stays = make_booking(first, service="replacement")
    goes = make_booking(first)
    closure = close(office, open_services=(ServiceType.objects.get(code="replacement"),))
    move_everyone(closure_id=closure.pk, now=NOW)
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert stays.slot_id == first.pk
    assert goes.slot_id != first.pk
    assert breaches() == []


def test_bookings_of_a_merged_service_point_move_to_the_other_office(office: Office) -> None:
    other = make_week(places=20)
    mine = make_booking(slots_of(office)[1])
    closure = close(office, merged_into=other)
    move_everyone(closure_id=closure.pk, now=NOW)
    mine.refresh_from_db()
    assert mine.office_id == other.pk
    assert mine.slot.starts_at == slots_of(office)[1].starts_at
    assert breaches() == []


def test_desk_bookings_are_listed_for_a_telephone_call(office: Office) -> None:
    now = office.at(TUESDAY, time(7))
    make_policy(office, places=4, lane="walk_in", valid_from=TUESDAY, valid_until=TUESDAY)
    make_daily_release(office, days_ahead=0, lane="walk_in")
    prepare_windows(office_id=office.pk, now=now)
    supervisor = make_officer(office, Role.SUPERVISOR)
    desk = book_at_desk(
        office_id=office.pk,
        applicant=person_data(),
        by=supervisor,
        now=now,
        service_type_id=make_service_type("new").pk,
    )
    data = ClosureData(first_day=TUESDAY, last_day=TUESDAY, reason=REASON)
    preview = preview_closure(office=office, data=data, now=now)
    assert [row.codes for row in preview.without_contact] == [(desk.code,)]
    closure = close(office, by=supervisor, now=now)
    move_everyone(closure_id=closure.pk, now=now)
    desk.refresh_from_db()
    assert desk.slot.lane_id == "online"
    move = Displacement.objects.get()
    record_notified(displacement_id=move.pk, by=supervisor, now=now)
    move.refresh_from_db()
    assert move.notified_at == now
    assert breaches(now) == []


def test_a_booking_cancelled_in_between_is_not_moved(office: Office) -> None:
    mine = make_booking(slots_of(office)[0])
    closure = close(office)
    assert mine.account is not None
    cancel_booking(booking_id=mine.pk, by=mine.account, now=NOW)
    assert move_everyone(closure_id=closure.pk, now=NOW) == 0
    assert not Displacement.objects.exists()


# --- Answers ------------------------------------------------------------------------------------
def moved(office: Office, size: int = 1) -> tuple[Displacement, list[Booking]]:
    family = book_family(slots_of(office)[0], size)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    return Displacement.objects.get(), family


def test_accepting_the_new_slot_twice_is_safe(office: Office) -> None:
    move, [mine] = moved(office)
    accept_move(displacement_id=move.pk, now=NOW)
    accept_move(displacement_id=move.pk, now=NOW)
    mine.refresh_from_db()
    assert bookings_selectors.free_move_of(mine) is None
    assert bookings_selectors.changes_left(mine) == 1
    with pytest.raises(AlreadyAnswered):
        choose_another(
            displacement_id=move.pk, slot_id=slots_of(office, date(2026, 12, 4))[0].pk, now=NOW
        )


def test_a_displaced_family_chooses_another_slot_free_of_charge(office: Office) -> None:
    move, family = moved(office, 3)
    slot = slots_of(office, date(2026, 12, 4))[1]
    choose_another(displacement_id=move.pk, slot_id=slot.pk, now=NOW)
    rows = Booking.objects.filter(pk__in=[one.pk for one in family])
    assert {(row.slot_id, row.changes_used, row.via) for row in rows} == {
        (slot.pk, 0, Booking.Via.MOVED_BY_APPLICANT)
    }
    assert Message.objects.filter(kind="booking_changed").count() == 1
    assert breaches() == []
    with pytest.raises(AlreadyAnswered):
        accept_move(displacement_id=move.pk, now=NOW)


def test_a_displaced_booking_can_still_be_rescheduled_once(office: Office) -> None:
    _move, [mine] = moved(office)
    assert mine.account is not None
    slot, other = slots_of(office, date(2026, 12, 4))
    done = reschedule_booking(booking_id=mine.pk, slot_id=slot.pk, by=mine.account, now=NOW)
    assert done.changes_used == 0
    again = reschedule_booking(booking_id=mine.pk, slot_id=other.pk, by=mine.account, now=NOW)
    assert again.changes_used == 1
    assert breaches() == []


def test_a_displaced_person_without_a_place_can_choose_or_cancel(office: Office) -> None:
    first, second = (make_booking(slots_of(office)[0]) for _ in range(2))
    Place.objects.filter(slot__office=office, slot__day__gt=TUESDAY).update(withdrawn_at=NOW)
    closure = close(office)
    move_everyone(closure_id=closure.pk, now=NOW)
    elsewhere = make_open_slot(now=NOW)
    move = Displacement.objects.get(party=first.party)
    choose_another(displacement_id=move.pk, slot_id=elsewhere.pk, now=NOW)
    first.refresh_from_db()
    assert (first.status, first.office_id) == (Status.BOOKED, elsewhere.office_id)
    assert second.account is not None
    assert cancel_booking(booking_id=second.pk, by=second.account, now=NOW).status == "cancelled"
    assert closures_selectors.waiting_displacements() == []
    assert breaches() == []


# --- Reopening ----------------------------------------------------------------------------------
def test_reopening_serves_displaced_people_first(
    office: Office, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(NOW)
    supervisor = make_officer(office, Role.SUPERVISOR)
    family = book_family(slots_of(office)[0], 5)
    Place.objects.filter(slot__office=office, slot__day__gt=TUESDAY).update(withdrawn_at=NOW)
    closure = close(office, by=supervisor)
    move_everyone(closure_id=closure.pk, now=NOW)
    reopen_office(closure_id=closure.pk, on=TUESDAY, by=supervisor, now=NOW)
    assert Place.objects.offered().filter(slot__office=office, slot__day=TUESDAY).count() == 12
    [day] = calendar(office, first=TUESDAY, last=TUESDAY, group=make_group(), now=NOW)
    assert day.left == 0
    tasks.place_waiting()
    rows = Booking.objects.filter(pk__in=[one.pk for one in family]).select_related("slot")
    assert {row.slot.day for row in rows} == {TUESDAY}
    later = NOW + timedelta(hours=1)
    [day] = calendar(office, first=TUESDAY, last=TUESDAY, group=make_group(), now=later)
    assert (day.status, day.left) == ("open", 7)
    assert breaches() == []


def test_a_partial_reopening_keeps_the_first_days_closed(office: Office) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    closure = close(office, by=supervisor, last_day=None)
    reopen_office(closure_id=closure.pk, on=date(2026, 12, 3), by=supervisor, now=NOW)
    assert not is_offered(office, date(2026, 12, 2))
    assert is_offered(office, date(2026, 12, 3))


def test_a_place_under_two_closures_returns_when_both_end(office: Office) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    first = close(office, by=supervisor)
    second = close(office, by=supervisor, from_time=time(8), until_time=time(9))
    reopen_office(closure_id=first.pk, on=TUESDAY, by=supervisor, now=NOW)
    eight, nine = slots_of(office)
    assert not Place.objects.offered().filter(slot=eight).exists()
    assert Place.objects.offered().filter(slot=nine).count() == 6
    reopen_office(closure_id=second.pk, on=TUESDAY, by=supervisor, now=NOW)
    assert Place.objects.offered().filter(slot=eight).count() == 6


# --- Bad input, rights, faults --------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("first_day", {"first_day": date(2026, 11, 20)}),
        ("last_day", {"last_day": date(2026, 11, 30)}),
        ("until_time", {"from_time": time(9)}),
        ("until_time", {"from_time": time(9), "until_time": time(8)}),
    ],
)
def test_an_invalid_closure_names_its_field(
    office: Office, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput) as caught:
        close(office, **changes)
    assert field in caught.value.fields
    assert not office.closures.exists()


def test_only_the_offices_supervisor_can_close_it(office: Office) -> None:
    for user in (make_officer(office, Role.COUNTER), make_officer(make_office(), Role.SUPERVISOR)):
        with pytest.raises(NotAllowed):
            close(office, by=user)


def test_entering_a_closure_twice_creates_one(office: Office) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    assert close(office, by=supervisor).pk == close(office, by=supervisor).pk


@pytest.mark.django_db(transaction=True)
def test_another_worker_finishes_after_a_killed_one(
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(NOW)
    office = make_week(places=60)
    families = [book_family(slots_of(office)[0], 3) for _ in range(10)]
    closure = close(office)
    thread, pid = _worker(closure.pk)
    for _look in range(500):
        if Displacement.objects.count() >= 2 or not thread.is_alive():
            break
        time_module.sleep(0.01)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid()])
    thread.join(timeout=30)
    for family in families:
        rows = Booking.objects.filter(pk__in=[one.pk for one in family])
        assert len({(row.slot_id, row.status) for row in rows}) == 1
    assert breaches() == []
    tasks.move_displaced()
    hours = [
        Booking.objects.select_related("slot").get(pk=family[0].pk).slot.starts_at
        for family in families
    ]
    assert hours == sorted(hours)
    assert all(hour.date() > TUESDAY for hour in hours)
    assert Message.objects.filter(kind="booking_moved").count() == 10
    assert breaches() == []


def _worker(closure_id: int) -> tuple[threading.Thread, Callable[[], int]]:
    """A worker in a thread whose connection can be killed."""
    known: list[int] = []
    started = threading.Event()

    def work() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                known.append(cursor.fetchone()[0])
            started.set()
            move_everyone(closure_id=closure_id, now=NOW)
        except Exception:  # noqa: BLE001 - it is killed: that is the test
            return
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait(timeout=10)
    return thread, lambda: known[0]


@pytest.mark.django_db(transaction=True)
def test_two_concurrent_workers_move_each_party_once(run_together: Any) -> None:
    office = make_week(places=40)
    people = [make_booking(slots_of(office)[0]) for _ in range(12)]
    closure = close(office)

    def work() -> int:
        return move_everyone(closure_id=closure.pk, now=NOW)

    outcomes = run_together([work, work, work])
    assert sum(outcome for outcome in outcomes if isinstance(outcome, int)) == 12
    assert Displacement.objects.count() == len(people)
    assert breaches() == []


@pytest.mark.django_db(transaction=True)
def test_nobody_keeps_a_place_withdrawn_during_booking(run_together: Any) -> None:
    office = make_week(places=40)
    slot = slots_of(office)[0]
    people = [make_person() for _ in range(6)]
    supervisor = make_officer(office, Role.SUPERVISOR)
    calls: list[Callable[[], Any]] = [
        lambda person=person: make_booking(slot, person=person) for person in people
    ]
    run_together([*calls, lambda: close(office, by=supervisor)])
    [closure] = office.closures.all()
    while move_next_party(closure_id=closure.pk, now=NOW):
        pass
    assert not Booking.objects.filter(slot=slot, status=Status.BOOKED).exists()
    assert not is_offered(office)
    assert breaches() == []


def test_people_moved_twice_are_not_behind_those_moved_once(office: Office) -> None:
    """Thursday's booking was moved to Friday; when Friday closes too, it goes before Friday's own."""
    thursday, friday = date(2026, 11, 26), date(2026, 11, 27)
    own = make_booking(slots_of(office, friday)[0])
    moved = make_booking(slots_of(office, thursday)[0])
    move_everyone(closure_id=close(office, first_day=thursday).pk, now=NOW)
    moved.refresh_from_db()
    assert moved.slot == own.slot
    again = close(office, first_day=friday)
    assert list(closures_selectors.remaining_bookings(again)) == [moved, own]


def test_of_two_who_wait_the_one_moved_before_gets_the_first_place(office: Office) -> None:
    thursday, friday = date(2026, 11, 26), date(2026, 11, 27)
    own = make_booking(slots_of(office, friday)[0])
    moved = make_booking(slots_of(office, thursday)[0])
    move_everyone(closure_id=close(office, first_day=thursday).pk, now=NOW)
    moved.refresh_from_db()
    assert moved.slot.day == friday
    Place.objects.filter(slot__day__gt=friday).update(withdrawn_at=NOW)
    move_everyone(closure_id=close(office, first_day=friday).pk, now=NOW)
    waiting = closures_selectors.waiting_displacements()
    parties = [Displacement.objects.get(pk=pk).party_id for pk in waiting]
    assert parties == [moved.party_id, own.party_id]
