"""The daily load counts events by day and office, and leaves values empty before they exist."""

from datetime import date, timedelta
from typing import Any

import pytest

from booking.bookings.changes import cancel_booking
from counters.stations import services as stations_services
from offices.day_rules.models import DayRule
from offices.directory.models import Counter, Device
from offices.outages.services import end_outage, record_outage
from offices.staff.models import Role
from quotas.places.models import Place
from reports.load.columns import PUBLIC
from reports.load.selectors import daily_load, totals
from tests.builders import NOW, make_officer, produce
from tests.reports.load.stories import DAY, make_day

pytestmark = pytest.mark.django_db


@pytest.fixture
def day() -> Any:
    return make_day()


def load_of(day: Any, moment: Any = None, on: Any = DAY) -> Any:
    [load] = daily_load(day.office, on, on, moment or day.at(23))
    return load


def test_the_columns_match_the_documentation() -> None:
    assert PUBLIC == (
        "office",
        "date",
        "planned",
        "released",
        "booked",
        "arrived",
        "served",
        "no_show",
        "walk_in",
        "priority",
        "wait_p50",
        "wait_p95",
        "visit_p50",
        "visit_p95",
        "within_two_hours",
        "overtime_minutes",
        "outage_minutes",
        "backlog",
        "official_guests",
        "accelerated",
        "screened",
        "referred",
        "sent_home",
        "unserved_late",
    )


def test_a_whole_day_is_counted_from_its_events(day: Any) -> None:
    bookings = [day.book() for _person in range(4)]
    day.open_counter()
    quick = day.arrive(bookings[0], day.at(8))
    slow = day.arrive(bookings[1], day.at(8, 10))
    direct = day.walk_in(day.at(8, 20))
    day.serve(quick, called=day.at(8, 10), left=day.at(8, 40))
    day.serve(slow, called=day.at(8, 40), left=day.at(10, 40))
    day.serve(direct, called=day.at(10, 40), left=day.at(11))
    day.miss(bookings[2])
    load = load_of(day)
    assert (load.planned, load.released, load.booked) == (10, 10, 4)
    assert (load.arrived, load.served, load.no_show) == (2, 3, 1)
    assert (load.walk_in, load.priority) == (1, 0)
    assert load.wait_p50 == 30.0
    assert load.visit_p50 == 150.0
    assert load.within_two_hours == round(1 / 3, 4)
    assert load.outage_minutes == 0


def test_minutes_are_median_and_95th_percentile(day: Any) -> None:
    day.open_counter()
    for number, minutes in enumerate((10, 20, 30)):
        visit = day.arrive(day.book(), day.at(8 + number))
        day.serve(visit, called=day.at(8 + number, minutes), left=day.at(8 + number, minutes + 20))
    load = load_of(day)
    assert (load.wait_p50, load.wait_p95) == (20.0, 29.0)
    assert (load.visit_p50, load.visit_p95) == (40.0, 49.0)
    assert load.within_two_hours == 1.0


def test_cancelled_bookings_are_not_counted(day: Any) -> None:
    booking = day.book()
    cancel_booking(booking_id=booking.pk, by=booking.account, now=NOW)
    assert load_of(day).booked == 0


def test_a_future_day_has_empty_arrivals(day: Any) -> None:
    day.book()
    load = load_of(day, moment=NOW)
    assert (load.planned, load.released, load.booked) == (10, 10, 1)
    assert (load.arrived, load.served, load.no_show, load.walk_in, load.priority) == (None,) * 5
    assert (load.wait_p50, load.within_two_hours, load.overtime_minutes, load.backlog) == (
        None,
    ) * 4


def test_a_quiet_day_has_zeros_and_spare_places(day: Any) -> None:
    load = load_of(day)
    assert (load.arrived, load.served, load.backlog, load.overtime_minutes) == (0, 0, 0, 0)
    assert load.wait_p50 is None
    assert load.spare == 10


def test_backlog_and_overtime_appear_after_closing_only(day: Any) -> None:
    day.open_counter()
    assert load_of(day, moment=day.at(14, 59)).backlog is None
    assert load_of(day, moment=day.at(15)).backlog == 0


def test_people_and_counters_past_closing_are_backlog_and_overtime(day: Any) -> None:
    day.open_counter()
    visit = day.arrive(day.book(), day.at(14))
    day.serve(visit, called=day.at(14, 50), left=day.at(15, 25))
    stations_services.leave_counter(session_id=day.session.pk, by=day.officer, now=day.at(15, 30))
    load = load_of(day)
    assert (load.backlog, load.overtime_minutes, load.served) == (1, 25, 1)


def test_device_outages_count_in_opening_hours_only(day: Any) -> None:
    cameras = [
        Device.objects.create(office=day.office, kind="camera", name=f"Kamera {number}")
        for number in (1, 2)
    ]
    broken(day, cameras[0], day.at(7, 30), day.at(8, 40))  # opens at eight
    broken(day, cameras[1], day.at(11, 30), day.at(13, 15))  # an hour of it is the break
    broken(day, cameras[0], day.at(14, 50), None)  # and closes at three
    assert load_of(day, moment=day.at(14, 55)).outage_minutes == 40 + 45 + 5
    assert load_of(day).outage_minutes == 40 + 45 + 10
    assert load_of(day, on=DAY + timedelta(days=1)).outage_minutes is None
    assert (
        load_of(day, moment=day.at(9, day=date(2026, 11, 27)), on=date(2026, 11, 27)).outage_minutes
        == 60
    )
    assert (
        load_of(
            day, moment=day.at(23, day=date(2026, 11, 28)), on=date(2026, 11, 28)
        ).outage_minutes
        == 0
    )


def test_a_counter_outage_is_not_a_device_outage(day: Any) -> None:
    counter = Counter.objects.filter(hall__office=day.office)[0]
    record_outage(
        office_id=day.office.pk,
        counter_id=counter.pk,
        reason="lampu",
        by=day.officer,
        now=day.at(9),
    )
    assert load_of(day).outage_minutes == 0


def broken(day: Any, device: Any, since: Any, until: Any) -> None:
    outage = record_outage(
        office_id=day.office.pk,
        device_id=device.pk,
        reason="layar gelap",
        by=day.officer,
        now=since,
    )
    if until is not None:
        end_outage(outage_id=outage.pk, by=day.officer, now=until)


def test_an_overdue_passport_is_backlog_until_ready(day: Any) -> None:
    day.open_counter()
    book = day.serve(day.arrive(day.book(), day.at(8)), called=day.at(8, 5), left=day.at(8, 30))
    assert book.due_on is not None
    before, due = book.due_on - timedelta(days=1), book.due_on
    late = day.at(23, day=due)
    assert load_of(day, late, on=before).backlog == 0
    assert load_of(day, late, on=due).backlog == 1
    next_morning = day.at(9, day=due + timedelta(days=1))
    produce(book, by=make_officer(day.office, Role.PICKUP), now=next_morning)
    assert load_of(day, next_morning, on=due).backlog == 1, "what was, stays"


def test_withdrawn_places_are_not_released(day: Any) -> None:
    place = Place.objects.filter(
        slot__office=day.office, slot__day=DAY, slot__lane="online"
    ).first()
    Place.objects.filter(pk=place.pk).update(withdrawn_at=NOW)
    assert load_of(day).released == 9


def test_a_day_off_has_no_plan(day: Any) -> None:
    load = load_of(day, on=date(2026, 11, 28))  # a Saturday
    assert (load.planned, load.released) == (0, 0)


def test_days_and_offices_are_ordered_with_one_row_each(day: Any) -> None:
    other = make_day().office
    loads = daily_load([other, day.office], DAY, DAY + timedelta(days=1), NOW)
    expected = [
        (when, code)
        for when in (DAY, DAY + timedelta(days=1))
        for code in sorted([day.office.code, other.code])
    ]
    assert [(load.date, load.office) for load in loads] == expected


def test_another_offices_day_is_not_counted(day: Any) -> None:
    other = make_day()
    other.book()
    assert load_of(day).booked == 0


def test_days_use_the_offices_time_zone(day: Any) -> None:
    """08.00 in Jakarta is 01.00 UTC; 00.30 in Jakarta is still the day before in UTC."""
    DayRule.objects.create(
        office=day.office, early_minutes=480, valid_from=DAY, instrument="SK uji"
    )
    day.open_counter()
    day.arrive(day.book(), day.at(0, 30))
    assert load_of(day).arrived == 1


def test_totals_include_only_summable_columns(day: Any) -> None:
    day.book()
    loads = daily_load(day.office, DAY, DAY + timedelta(days=1), NOW)
    assert totals(loads)["booked"] == 1
    assert totals(loads)["planned"] == 20
    assert totals(loads)["arrived"] is None


def test_the_report_takes_few_queries_for_many_days(
    day: Any, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(8):
        daily_load(day.office, DAY - timedelta(days=30), DAY + timedelta(days=30), NOW)
