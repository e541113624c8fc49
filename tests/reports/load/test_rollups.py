"""Rows of the daily load: computed from events, repaired by a rebuild, safe while the day goes on."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from booking.bookings.changes import cancel_booking
from counters.stations import services as stations_services
from offices.directory.models import Counter
from reports.load import rollups, services
from reports.load.models import LoadRow
from reports.load.selectors import DailyLoad, daily_load, figures_of, missing_days, totals
from tests.builders import NOW
from tests.remembered import remembered
from tests.reports.load.stories import DAY, Day, make_day

pytestmark = pytest.mark.django_db
TOTAL = LoadRow.Dimension.TOTAL


@remembered
def lively_day() -> Day:
    """Four bookings: one served, one waiting, one missed, one to come; and a walk-in who is served."""
    day = make_day()
    bookings = [day.book() for _person in range(4)]
    day.open_counter()
    quick = day.arrive(bookings[0], day.at(8))
    day.arrive(bookings[1], day.at(8, 10))
    direct = day.walk_in(day.at(8, 20))
    day.serve(quick, called=day.at(8, 10), left=day.at(8, 40))
    day.serve(direct, called=day.at(10, 40), left=day.at(11))
    day.miss(bookings[2])
    return day


def rebuild(day: Day, now: Any = None, **span: Any) -> int:
    return services.rebuild(
        offices=[day.office], **{"first": DAY, "last": DAY} | span, now=now or day.at(23)
    )


def rows(**fields: Any) -> dict[tuple[str, str], LoadRow]:
    return {
        (row.dimension, row.key): row
        for row in LoadRow.objects.filter(**{"span": LoadRow.Span.DAY} | fields)
    }


def test_an_office_without_rows_leaves_the_stored_rows_of_others_in_use() -> None:
    """Together, each office has the figures that it has alone: stored ones, computed ones, today's."""
    day, other = lively_day(), lively_day()
    later = day.at(23) + timedelta(days=4)
    rebuild(day, now=later)
    LoadRow.objects.filter(office=day.office, dimension=TOTAL).update(planned=99)
    span = DAY, later.date()
    alone = [load for one in (day, other) for load in daily_load(one.office, *span, later)]
    together = daily_load([day.office, other.office], *span, later)
    assert [load.as_dict() for load in together] == [
        load.as_dict() for load in sorted(alone, key=lambda load: (load.date, load.office))
    ]
    planned = {load.office: load.planned for load in together if load.date == DAY}
    assert planned == {day.office.code: 99, other.office.code: 10}


def test_a_day_has_rows_for_each_value_of_each_dimension() -> None:
    day = lively_day()
    rebuild(day)
    stored = rows()
    counter = Counter.objects.filter(hall__office=day.office).order_by("number")[0]
    total = stored[TOTAL, ""]
    assert (total.planned, total.booked, total.arrived, total.served) == (10, 4, 2, 2)
    assert (total.no_show, total.walk_in, total.spare) == (1, 1, 8)
    assert (stored["lane", "online"].booked, stored["lane", "walk_in"].walk_in) == (4, 1)
    assert (stored["hour", "08"].arrived, stored["hour", "08"].served) == (2, 1)
    assert stored["hour", "11"].served == 1
    assert stored["counter", str(counter.pk)].served == 2
    assert stored["counter", str(counter.pk)].booked is None, "nobody books at a counter"
    assert stored["hall", str(counter.hall_id)].booked == 4


@pytest.mark.parametrize("figure", ["booked", "arrived", "served", "no_show", "walk_in"])
def test_the_rows_of_a_dimension_add_up_to_the_total(figure: str) -> None:
    day = lively_day()
    rebuild(day)
    stored = rows()
    total = getattr(stored[TOTAL, ""], figure)
    for dimension in ("hour", "lane", "service", "group", "hall", "purpose"):
        values = [getattr(row, figure) or 0 for key, row in stored.items() if key[0] == dimension]
        assert sum(values) == total, dimension


def test_a_broken_row_is_repaired_by_a_rebuild() -> None:
    day = lively_day()
    rebuild(day)
    good = {key: row.served for key, row in rows().items()}
    LoadRow.objects.filter(dimension=TOTAL).update(served=99, waits=[1])
    LoadRow.objects.filter(dimension="lane").delete()
    LoadRow.objects.create(
        office=day.office, span="day", starts_on=DAY, dimension="lane", key="none", computed_at=NOW
    )
    assert rebuild(day) > 0
    assert {key: row.served for key, row in rows().items()} == good
    assert rows()[TOTAL, ""].waits[10] == 1


def test_a_second_rebuild_changes_nothing() -> None:
    day = lively_day()
    assert rebuild(day) > 0
    before = {row.pk for row in LoadRow.objects.all()}
    assert rebuild(day) == 0
    assert {row.pk for row in LoadRow.objects.all()} == before


def test_stored_days_give_the_same_figures_as_events() -> None:
    day = lively_day()
    later = day.at(23, day=DAY + timedelta(days=4))
    [computed] = daily_load(day.office, DAY, DAY, later)
    rebuild(day, now=later)
    [stored] = daily_load(day.office, DAY, DAY, later)
    assert stored.as_dict() == computed.as_dict()


def test_today_is_not_unused_while_people_are_due() -> None:
    day = lively_day()
    rebuild(day, now=day.at(9))
    assert rows()[TOTAL, ""].spare is None
    rebuild(day, now=day.at(15))
    assert rows()[TOTAL, ""].spare == 8


def test_overtime_is_work_of_its_counter() -> None:
    day = make_day()
    day.open_counter()
    visit = day.arrive(day.book(), day.at(14))
    day.serve(visit, called=day.at(14, 50), left=day.at(15, 25))
    stations_services.leave_counter(session_id=day.session.pk, by=day.officer, now=day.at(15, 30))
    rebuild(day)
    stored = rows()
    assert stored[TOTAL, ""].overtime_minutes == 25
    assert rebuild(day) == 0, "nothing differs from what is stored"
    computed = rollups.compute([day.office], DAY, DAY, day.at(23))
    loads = [DailyLoad("", DAY, figures_of(row)) for row in (stored[TOTAL, ""], computed[0])]
    assert totals(loads)["overtime_minutes"] == 50
    assert totals(loads)["outage_minutes"] == 0
    assert stored["counter", str(day.session.counter_id)].overtime_minutes == 25
    assert stored["hour", "15"].served == 1


def test_a_day_off_keeps_its_reason() -> None:
    day = make_day()
    saturday = DAY + timedelta(days=2)
    rebuild(day, first=saturday, last=saturday)
    assert rows()[TOTAL, ""].closed_code == "not_working"


def test_a_month_that_is_over_is_summed() -> None:
    day = lively_day()
    later = day.at(9, day=DAY + timedelta(days=20))
    rebuild(day, now=later, last=DAY + timedelta(days=1))
    month = LoadRow.objects.get(span=LoadRow.Span.MONTH, dimension=TOTAL)
    assert (month.starts_on, month.planned, month.served) == (DAY.replace(day=1), 20, 2)
    assert sum(month.lengths) == 2


def test_the_frequent_task_computes_today_and_changed_days() -> None:
    day = make_day()
    booking = day.book()
    rebuild(day, now=NOW)
    moment = NOW + timedelta(hours=3)
    services.refresh(now=moment)
    assert rows(starts_on=DAY)[TOTAL, ""].booked == 1
    cancel_booking(booking_id=booking.pk, by=booking.account, now=moment)
    services.refresh(now=moment)
    assert rows(starts_on=DAY)[TOTAL, ""].booked == 0
    assert (TOTAL, "") in rows(starts_on=day.office.local_day(moment))


def test_missing_days_are_computed() -> None:
    day = lively_day()
    later = day.at(9, day=DAY + timedelta(days=15))
    today = day.office.local_day(later)
    assert DAY in missing_days(day.office, before=today)
    rebuild(day, now=day.at(9))
    assert DAY in missing_days(day.office, before=today), "its row is from before its end"
    services.rebuild_recent(now=later)
    assert missing_days(day.office, before=today) == []


def test_the_command_rebuilds_a_span(capsys: pytest.CaptureFixture[str]) -> None:
    day = lively_day()
    options = ["--from", DAY.isoformat(), "--to", DAY.isoformat(), "--office", day.office.code]
    call_command("rebuild_reports", *options)
    assert f"{day.office.code}:" in capsys.readouterr().out
    assert rows()[TOTAL, ""].booked == 4


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--from", "2026-11-26", "--to", "2026-11-25"], "--to must not be before"),
        (["--from", "1926-11-26", "--to", "2026-11-25"], "must be a day"),
        (["--from", "2001-11-26", "--to", "2026-11-25"], "At most ten years"),
        (["--from", "2026-11-26", "--to", "2026-11-26", "--office", "none"], "no office"),
    ],
)
def test_the_command_explains_wrong_options(options: list[str], sentence: str) -> None:
    make_day()
    with pytest.raises(CommandError, match=sentence):
        call_command("rebuild_reports", *options)


@pytest.mark.django_db(transaction=True)
def test_rebuilding_while_the_day_goes_on_ends_right(run_together: Any) -> None:
    day = make_day()
    day.open_counter()
    bookings = [day.book() for _person in range(3)]
    arrivals = [partial(day.arrive, booking, day.at(8)) for booking in bookings]
    run_together([*arrivals, *(partial(rebuild, day) for _worker in range(3))])
    rebuild(day)
    assert rows()[TOTAL, ""].arrived == 3
    assert LoadRow.objects.filter(dimension=TOTAL, span=LoadRow.Span.DAY).count() == 1
