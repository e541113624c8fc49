"""The page of the day: one meaning for each figure, per hall, signs of need, few queries; offices by need."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.closures.services import ClosureData, close_office
from counters.stations import services as stations_services
from counters.today import facts as today_facts
from counters.today import selectors
from counters.today.facts import DayFacts
from counters.today.ranking import ranked_offices
from counters.today.todo import todo_of
from offices.directory.models import Counter, Lane
from offices.rosters.models import RosterShift
from offices.staff.models import Role
from reports.load.models import LoadRow
from reports.load.services import rebuild
from tests.builders import NOW, make_officer
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def busy(world: World) -> None:
    """One visit at a counter, one waiting, a walk-in waiting, and one booking still to come."""
    session = world.sit()
    world.arrive(8)
    world.start(session, world.at(8, 5))
    world.arrive(8, 3)
    world.walk_in(world.at(8, 10))
    world.book(9)


def figures(world: World, now: Any) -> selectors.Day:
    return selectors.figures(DayFacts(world.office, now=now))


def entries(world: World, now: Any) -> list[str]:
    return [row["text"] for row in todo_of(world.office, now=now, may_act=True, query="")]


def test_the_page_and_the_report_count_the_same(world: World) -> None:
    busy(world)
    now = world.at(8, 20)
    day = figures(world, now)
    rebuild(offices=[world.office], first=DAY, last=DAY, now=now)
    row = LoadRow.objects.get(dimension="total", span="day", starts_on=DAY)
    assert (day.planned, day.booked, day.arrived) == (row.planned, row.booked, row.arrived)
    assert (day.served, day.direct) == (row.served, row.walk_in)
    assert (day.waiting, day.serving, day.expected) == (2, 1, 1)


def test_halls_have_their_own_figures(world: World) -> None:
    first = world.office.halls.get()
    first.lanes.remove(Lane.objects.get(pk="walk_in"))
    second = world.office.halls.create(code="kedua", name="Ruang kedua", floor="2")
    second.lanes.add("walk_in")
    second.groups.set(first.groups.all())
    busy(world)
    day = DayFacts(world.office, now=world.at(8, 20))
    rows = {row.name: row for row in selectors.hall_figures(day)}
    assert (rows["Ruang kedua"].direct, rows["Ruang kedua"].arrived) == (1, 0)
    whole = selectors.figures(day)
    for name in ("planned", "booked", "arrived", "direct", "waiting", "served", "expected"):
        assert sum(getattr(row, name) for row in rows.values()) == getattr(whole, name), name


def shift(world: World, **fields: Any) -> RosterShift:
    values = {
        "officer": world.officer,
        "office": world.office,
        "day": DAY,
        "starts_at": world.at(8),
        "ends_at": world.at(15),
    }
    return RosterShift.objects.create(**values | fields)


def test_a_day_without_a_roster_is_not_fully_staffed(world: World) -> None:
    missing = "Belum ada petugas yang dijadwalkan hari ini"
    assert missing in entries(world, world.at(9))
    made = shift(world)
    assert missing not in entries(world, world.at(9))
    RosterShift.objects.filter(pk=made.pk).update(
        absent_at=NOW, absent_by=world.supervisor, absent_reason="sakit"
    )
    assert missing in entries(world, world.at(9))


def test_a_counter_of_the_roster_that_nobody_opened_is_named(world: World) -> None:
    counter = Counter.objects.filter(hall__office=world.office).order_by("number")[0]
    shift(world, counter=counter)
    unopened = "1 loket terjadwal belum dibuka"
    assert unopened not in entries(world, world.at(7)), "before opening nobody is missing"
    assert unopened in entries(world, world.at(9))
    stations_services.take_counter(counter_id=counter.pk, by=world.officer, now=world.at(9))
    assert unopened not in entries(world, world.at(9))


def test_a_closure_of_today_is_listed(world: World) -> None:
    close_office(
        office_id=world.office.pk,
        data=ClosureData(first_day=DAY, last_day=DAY, reason="Listrik padam"),
        by=world.supervisor,
        now=NOW,
    )
    assert "Listrik padam" in entries(world, world.at(9))
    assert "Listrik padam" not in entries(world, world.at(9) + timedelta(days=1))


def test_the_page_takes_at_most_fifteen_queries(
    world: World,
    client: Client,
    set_clock: Any,
    settings: Any,
    django_assert_max_num_queries: Any,
) -> None:
    """Rules are read twice a minute and the prediction four times; the page itself takes the rest."""
    busy(world)
    set_clock(world.at(8, 20))
    client.force_login(world.supervisor)
    settings.SHARED_READ_SECONDS = 60.0
    today_facts.plan_of(world.office, DAY)
    assert client.get("/admin/today/").status_code == 200
    with django_assert_max_num_queries(15):
        page = client.get("/admin/today/")
    assert page.status_code == 200


def test_more_people_take_no_more_queries(
    world: World, client: Client, set_clock: Any, django_assert_num_queries: Any
) -> None:
    busy(world)
    set_clock(world.at(8, 55))
    client.force_login(world.supervisor)
    client.get("/admin/today/")
    with CaptureQueriesContext(connection) as few:
        client.get("/admin/today/")
    world.arrive(8, 50, booked=9)
    with django_assert_num_queries(len(few)):
        client.get("/admin/today/")


# --- Offices by need ------------------------------------------------------------------------------
def test_the_office_that_needs_help_is_first(world: World) -> None:
    other = make_world()
    shift(other, officer=other.officer)
    busy(world)
    rows = ranked_offices([other.office, world.office], now=world.at(10, 30))
    assert [row.office for row in rows] == [world.office, other.office]
    assert "3 orang lewat dua jam" in rows[0].reasons
    assert "belum ada jadwal petugas" in rows[0].reasons
    assert rows[0].figures["waiting"] == 2
    assert (rows[0].counters_open, rows[0].staffed) == (1, 0)


def test_the_ranking_takes_few_queries(
    world: World, client: Client, set_clock: Any, django_assert_max_num_queries: Any
) -> None:
    make_world()
    set_clock(world.at(9))
    client.force_login(make_officer(None, Role.NATIONAL))
    client.get("/admin/today/offices/")
    with django_assert_max_num_queries(22):
        page = client.get("/admin/today/offices/")
    assert len(page.context["rows"]) == 2


def test_a_supervisor_ranks_only_their_own_office(
    world: World, client: Client, set_clock: Any
) -> None:
    make_world()
    set_clock(world.at(9))
    client.force_login(world.supervisor)
    rows = client.get("/admin/today/offices/").context["rows"]
    assert [row.office for row in rows] == [world.office]
