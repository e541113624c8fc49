"""Counting days from bookings and refusals, the nightly run, the selector and the page."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from booking.bookings.changes import mark_no_show
from booking.refusals.models import Refusal
from booking.refusals.services import Channel, delete_refusals, record_refusal
from offices.staff.models import Role
from quotas.places.errors import SlotFull
from reports.forecast import services
from reports.forecast.models import DemandDay, ForecastRun
from reports.forecast.selectors import forecast_for
from reports.forecast.tasks import make_forecasts
from tests.builders import make_booking, make_officer, make_person, make_user
from tests.counters.world import DAY, World, make_world

NIGHT = dt.time(3)


@pytest.fixture
def world(db: None) -> World:
    """A day with three bookings, of which one did not come, two refusals and a walk-in."""
    world = make_world()
    came = [world.book(8), world.book(9)]
    for booking in came:
        world.check_in(booking)
    absent = world.book(10)
    world.walk_in(world.at(9, 30))
    slot = world.slot(8)
    for account in (make_user(), make_user()):
        for _attempt in range(3):
            record_refusal(
                SlotFull(),
                channel=Channel.PAGE,
                account_id=account.pk,
                slot_id=slot.pk,
                slot=slot,
                now=world.at(7),
            )
    mark_no_show(booking_id=absent.pk, now=world.at(15, 10))
    return world


def next_night(world: World) -> dt.datetime:
    return world.office.at(DAY + dt.timedelta(days=1), NIGHT)


def test_demand_counts_bookings_and_people_without_a_place(world: World) -> None:
    services.count_days(office=world.office, now=next_night(world))
    day = DemandDay.objects.get(office=world.office, day=DAY)
    assert (day.booked, day.refused, day.no_shows, day.walk_ins) == (3, 2, 1, 1)
    assert day.demand == 5
    assert day.hours["08"] == [3, 0]
    assert day.hours["09"] == [1, 1]


def test_the_count_of_refused_people_stays_when_their_records_are_deleted(world: World) -> None:
    services.count_days(office=world.office, now=next_night(world))
    delete_refusals(refusal_ids=list(Refusal.objects.values_list("pk", flat=True)))
    services.count_days(office=world.office, now=next_night(world))
    assert DemandDay.objects.get(day=DAY).refused == 2


def test_someone_who_got_another_day_was_not_refused(world: World) -> None:
    account = Refusal.objects.latest("pk").account
    make_booking(
        world.slot(9, DAY + dt.timedelta(days=1)),
        person=make_person(account),
        now=world.at(9),
    )
    services.count_days(office=world.office, now=next_night(world))
    assert DemandDay.objects.get(day=DAY).refused == 1


def test_the_nightly_run_forecasts_once_and_not_before_two_o_clock(
    world: World, set_clock: Callable[[dt.datetime], None]
) -> None:
    tomorrow = DAY + dt.timedelta(days=1)
    assert not services.forecast_due(office=world.office, now=world.office.at(tomorrow, dt.time(1)))
    set_clock(next_night(world))
    make_forecasts()
    made = ForecastRun.objects.get(office=world.office)
    make_forecasts()
    assert ForecastRun.objects.get(office=world.office).made_at == made.made_at
    days = forecast_for(world.office, tomorrow, tomorrow + dt.timedelta(days=6))
    assert [day.day.weekday() < 5 for day in days] == [True] * len(days)
    assert all(day.low <= day.demand <= day.high + 1 for day in days)


def test_what_is_booked_already_is_the_least_that_is_expected(world: World) -> None:
    following = DAY + dt.timedelta(days=1)
    for hour in (8, 8, 9, 10, 11):
        world.book(hour, following)
    services.count_days(office=world.office, now=next_night(world))
    services.make_forecast(office=world.office, now=next_night(world))
    [day] = forecast_for(world.office, following, following)
    assert day.demand >= 5


def test_an_office_without_days_has_no_forecast(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert services.make_forecast(office=world.office, now=next_night(world)) is None
    with django_assert_num_queries(1):
        assert forecast_for(world.office, DAY, DAY) == []


def test_the_page_of_an_office_without_forecast_says_so(
    world: World, client: Client, set_clock: Callable[[dt.datetime], None]
) -> None:
    set_clock(next_night(world))
    client.force_login(make_officer(world.office, Role.SUPERVISOR))
    page = client.get("/admin/reports/forecast/").content.decode()
    assert "Belum ada prakiraan untuk kantor ini." in page


def test_the_page_needs_few_queries_and_the_right(
    world: World,
    client: Client,
    set_clock: Callable[[dt.datetime], None],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    set_clock(next_night(world))
    services.count_days(office=world.office, now=next_night(world))
    services.make_forecast(office=world.office, now=next_night(world))
    client.force_login(make_officer(world.office, Role.SUPERVISOR))
    client.get("/admin/reports/forecast/")
    with django_assert_max_num_queries(25):
        page = client.get("/admin/reports/forecast/").content.decode()
    assert "Permintaan per hari, tiap minggu" in page
    client.force_login(make_officer(world.office, Role.GATE))
    assert client.get("/admin/reports/forecast/").status_code == 403


def test_the_command_forecasts_and_refuses_an_unknown_office(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("make_forecasts", office=world.office.code, json=True)
    assert capsys.readouterr().out.count("\n") == 1
    with pytest.raises(CommandError, match="There is no office 'nirgendwo'"):
        call_command("make_forecasts", office="nirgendwo")
