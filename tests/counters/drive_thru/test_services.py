"""An hour of the drive-thru lane: booked, changed, cancelled, arrived; never more than its places."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.errors import NotAllowed, NotFound
from counters.drive_thru import services
from counters.drive_thru.errors import (
    DriveThruChanged,
    HourFull,
    HourNotOffered,
    NotAPlate,
    NotInLane,
    NotReady,
    PassportElsewhere,
)
from counters.drive_thru.models import DriveThruHour, DriveThruStatus, DriveThruVisit
from counters.drive_thru.selectors import (
    find_in_lane,
    hours_of,
    lane_list,
    offered_hours,
    retrieval_list,
)
from counters.pickup.models import Pickup
from counters.production.models import PassportBook
from offices.hours.models import AdmissionRule, Holiday
from tests.builders import make_user
from tests.counters.drive_thru.world import open_lane
from tests.counters.pickup.test_services import hand_over
from tests.counters.world import DAY, World, make_world

TOMORROW = DAY + timedelta(days=1)  # a Friday


@pytest.fixture
def lane(world: World) -> World:
    open_lane(world)
    return world


def reserve(world: World, book: PassportBook, hour: int = 9, **changes: Any) -> DriveThruVisit:
    values: dict[str, Any] = {
        "starts_at": world.at(hour, day=TOMORROW),
        "by": book.visit.booking.account,
        "now": world.at(14, 30),
        **changes,
    }
    return services.book_hour(book_id=book.pk, **values)


def taken(world: World, hour: int) -> int:
    row = DriveThruHour.objects.filter(starts_at=world.at(hour, day=TOMORROW)).first()
    return row.taken if row else 0


# --- Hours on offer -------------------------------------------------------------------------------
def test_the_rule_offers_hours_on_working_days(lane: World) -> None:
    assert [hour.starts_at for hour in hours_of(lane.office, DAY)] == [
        lane.at(hour) for hour in range(9, 15)
    ]
    Holiday.objects.create(day=DAY, name="Libur", kind="local", office=lane.office)
    assert hours_of(lane.office, DAY) == []


def test_only_hours_until_the_last_day_of_collection_are_offered(lane: World) -> None:
    book = lane.ready_book()
    late = lane.office.at(DAY + timedelta(days=29), time(14, 30))
    days = {lane.office.local_day(hour.starts_at) for hour in offered_hours(book, now=late)}
    assert max(days) <= DAY + timedelta(days=30)
    assert all(hour.ends_at > late for hour in offered_hours(book, now=late))


def test_without_a_lane_nothing_is_offered(lane: World) -> None:
    book = lane.ready_book()
    assert offered_hours(book, now=lane.at(14, 30))
    AdmissionRule.objects.filter(office=lane.office).update(has_drive_thru=False)
    assert offered_hours(book, now=lane.at(14, 30)) == []


# --- Booking, changing, cancelling ----------------------------------------------------------------
def test_an_hour_is_booked_changed_and_cancelled(lane: World) -> None:
    book = lane.ready_book()
    visit = reserve(lane, book, 9, plate="kt 1234-ab")
    assert (visit.plate, taken(lane, 9)) == ("KT1234AB", 1)
    moved = reserve(lane, book, 10)
    assert (moved.pk, moved.plate, taken(lane, 9), taken(lane, 10)) == (visit.pk, "", 0, 1)
    services.cancel_hour(book_id=book.pk, by=book.visit.booking.account, now=lane.at(14, 40))
    assert taken(lane, 10) == 0
    assert list(visit.history.values_list("old", "new")) == [
        ("", "booked"),
        ("booked", "booked"),
        ("booked", "cancelled"),
    ]
    assert reserve(lane, book, 9).pk != visit.pk


def test_the_same_hour_twice_changes_only_the_plate(lane: World) -> None:
    book = lane.ready_book()
    first = reserve(lane, book)
    again = reserve(lane, book, plate="B 1 X")
    assert (again.pk, again.plate, taken(lane, 9)) == (first.pk, "B1X", 1)


def test_a_full_hour_takes_nobody_else(lane: World) -> None:
    books = [lane.ready_book(hour) for hour in (8, 9, 10)]
    for book in books[:2]:
        reserve(lane, book)
    with pytest.raises(HourFull):
        reserve(lane, books[2])
    assert [hour.left for hour in hours_of(lane.office, TOMORROW)][:2] == [0, 2]
    with pytest.raises(IntegrityError, match="never_oversold"), transaction.atomic():
        DriveThruHour.objects.update(taken=3)


def test_others_hours_and_other_peoples_passports_are_refused(lane: World) -> None:
    book = lane.ready_book()
    with pytest.raises(NotFound):
        reserve(lane, book, by=make_user())
    for moment in (lane.at(8, day=TOMORROW), lane.at(9, 30, day=TOMORROW), lane.at(9)):
        with pytest.raises(HourNotOffered):
            reserve(lane, book, starts_at=moment)
    with pytest.raises(NotAPlate):
        reserve(lane, book, plate="<script>")
    with pytest.raises(NotReady):
        reserve(lane, lane.book_of_someone(9))
    with pytest.raises(DriveThruChanged):
        services.cancel_hour(book_id=book.pk, by=book.visit.booking.account, now=lane.at(15))


def test_the_plate_is_encrypted_and_erased(lane: World) -> None:
    visit = reserve(lane, lane.ready_book(), plate="KT 1234 AB")
    with connection.cursor() as cursor:
        cursor.execute("SELECT plate, plate_key FROM counters_drivethruvisit")
        [(plate, key)] = cursor.fetchall()
    assert "1234" not in plate + key
    services.erase_plates(visit_ids=[visit.pk])
    visit.refresh_from_db()
    assert (visit.plate, visit.plate_key) == ("", "")


# --- The lane -------------------------------------------------------------------------------------


def test_a_vehicle_is_expected_by_code_qr_or_plate(lane: World) -> None:
    book = lane.ready_book()
    reserve(lane, book, plate="KT 1234 AB")
    code, now = book.visit.booking.code, lane.at(9, day=TOMORROW)
    for text in (code, code.lower(), f"\ufeff{code}\r", "kt1234ab", "KT 1234 AB", "KT-1234-AB"):
        assert find_in_lane(lane.office, text, now=now) == [book]
    for text in ("", "\x00\x01", "X" * 5000, "KT 9999 ZZ", "%%%"):
        with pytest.raises(NotInLane):
            find_in_lane(lane.office, text, now=now)
    with pytest.raises(NotInLane):
        find_in_lane(lane.office, "KT 1234 AB", now=lane.at(14))


def test_a_code_of_another_office_names_that_office(lane: World) -> None:
    foreign = make_world()
    book = foreign.ready_book()
    with pytest.raises(PassportElsewhere) as refused:
        find_in_lane(lane.office, book.visit.booking.code, now=lane.at(15))
    assert foreign.office.name in str(refused.value)


def test_arrival_and_hand_over_close_the_hour(lane: World) -> None:
    book = lane.ready_book()
    visit = reserve(lane, book)
    now = lane.at(9, 10, day=TOMORROW)
    for _scan in range(2):
        services.record_arrival(book_id=book.pk, by=lane.pickup, now=now)
    visit.refresh_from_db()
    assert (visit.status, visit.arrived_at) == (DriveThruStatus.ARRIVED, now)
    pickup = hand_over(lane, book, where="drive_thru")
    visit.refresh_from_db()
    assert visit.status == DriveThruStatus.COLLECTED
    assert (pickup.where, pickup.booked_for) == (Pickup.Where.DRIVE_THRU, visit.hour.starts_at)
    assert taken(lane, 9) == 1


def test_an_officer_of_another_office_records_no_arrival(lane: World) -> None:
    with pytest.raises(NotAllowed):
        services.record_arrival(
            book_id=lane.ready_book().pk, by=make_world().pickup, now=lane.at(15)
        )


def test_the_lists_are_by_hour_and_by_shelf(lane: World) -> None:
    books = [lane.ready_book(hour) for hour in (8, 9, 10)]
    for book, shelf in zip(books, ("B10", "B2", "A1"), strict=True):
        PassportBook.objects.filter(pk=book.pk).update(shelf=shelf)
    for book, hour in zip(books, (10, 9, 9), strict=True):
        reserve(lane, book, hour)
    by_hour = [visit.book for visit in lane_list(lane.office, TOMORROW)]
    assert by_hour == [books[1], books[2], books[0]]
    shelves = [visit.book.shelf for visit in retrieval_list(lane.office, TOMORROW)]
    assert shelves == ["A1", "B2", "B10"]
