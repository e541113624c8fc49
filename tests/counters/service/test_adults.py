"""The counter shows the parents or guardians that a child's application names, to compare with the cards."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from booking.applications.models import ResponsibleAdult
from counters.service import services
from tests.builders import make_application
from tests.counters.world import make_world, who

pytestmark = pytest.mark.django_db
NUMBER = "1671054602900003"


@pytest.mark.parametrize("is_started", [False, True])
def test_the_counter_shows_names_and_masked_numbers_of_the_adults(
    client: Client, set_clock: Callable[[datetime], None], is_started: bool
) -> None:
    world = make_world()
    session = world.sit()
    application = make_application(world.arrive(8, 0).booking, parents="one")
    ResponsibleAdult.objects.create(
        application=application,
        position=1,
        full_name="Siti Rahmawati",
        identity_kind="nik",
        identity_number=NUMBER,
    )
    visit = world.call(session, world.at(8, 20))
    assert visit is not None
    if is_started:
        services.start_service(**who(visit, session), now=world.at(8, 21))
    set_clock(world.at(8, 30))
    client.force_login(world.officer)
    page = client.get("/admin/counter/").content.decode()
    assert "Siti Rahmawati" in page
    assert "1671 •••• •••• 0003" in page
    assert NUMBER not in page
