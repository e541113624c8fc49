"""How many queries each report page takes: at most fifteen, for one office and for several.

Read twice: what is shared between requests for some seconds is read the first time. Settled days are
stored, as the tasks do each night.
"""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from offices.staff.models import Role
from reports.forecast import services as forecast_services
from reports.load.services import rebuild
from tests.builders import NOW, make_officer
from tests.counters.world import World, make_world

pytestmark = pytest.mark.django_db
MOST = 15
OCTOBER = date(2026, 10, 1), date(2026, 10, 31)
PAGES = (
    "/admin/reports/daily-load/",
    "/admin/reports/daily-load/?by=month",
    "/admin/reports/promises/",
    "/admin/reports/evidence/",
    "/admin/reports/forecast/",
    "/admin/reports/simulation/",
    "/admin/reports/advice/",
    "/admin/today/",
    "/transparency/",
)


@pytest.fixture
def world(settings: Any, set_clock: Any) -> World:
    world = make_world()
    for office in (world.office, make_world().office):
        rebuild(offices=[office], first=date(2026, 8, 1), last=OCTOBER[1], now=NOW)
    forecast_services.count_days(office=world.office, now=NOW)
    forecast_services.make_forecast(office=world.office, now=NOW)
    settings.SHARED_READ_SECONDS = 60.0
    now: datetime = world.at(8, 20)
    world.sit()
    world.arrive(8)
    set_clock(now + timedelta(minutes=1))
    return world


@pytest.mark.parametrize("page", PAGES)
def test_a_report_page_takes_at_most_fifteen_queries(
    world: World, django_assert_max_num_queries: Any, page: str
) -> None:
    client = Client()
    client.force_login(make_officer(world.office, Role.SUPERVISOR))
    client.get(page)
    if page.startswith("/transparency/"):
        client.logout()
        page += "?month=2026-10"
    with django_assert_max_num_queries(MOST):
        assert client.get(page).status_code == 200
