"""The tasks on the supervisor's home page."""

from typing import Any

import pytest
from django.test import Client

from booking.lottery.services import close_entries
from offices.staff.models import Role
from tests.booking.lottery.lottery_world import CLOSES, draw_in, enter, fix_value, make_draw_office
from tests.builders import NOW, make_officer

pytestmark = pytest.mark.django_db


def test_a_lottery_needs_its_public_value_from_two_officers(client: Client, set_clock: Any) -> None:
    set_clock(NOW)
    draw = draw_in(make_draw_office(places=1))
    enter(draw)
    client.force_login(make_officer(draw.office, Role.SUPERVISOR))
    question = "menunggu nilai publik"
    assert question not in client.get("/admin/today/").content.decode()
    set_clock(CLOSES)
    close_entries(draw_id=draw.pk, now=CLOSES)
    page = client.get("/admin/today/").content.decode()
    assert question in page
    assert 'href="/admin/draws/"' in page
    fix_value(draw)
    assert question not in client.get("/admin/today/").content.decode()
