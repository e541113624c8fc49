"""No officer's screen shows a person without a record of it: every screen of the gates, every name on it."""

import re

import pytest
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.test import Client

from booking.people.models import Applicant
from offices.reads.models import PersonRead
from tests.gates.visits import Visit, officers, stock
from tests.gates.world import World

pytestmark = pytest.mark.django_db(transaction=True)
NAME = re.compile(r"Xyz(\d+)xyz")
# Screens with people, so that the test does not pass because nothing is shown.
FEWEST = 20


@pytest.fixture(autouse=True)
def _recognisable_names(world: World) -> None:
    name = Concat(Value("Xyz"), Cast(F("pk"), CharField()), Value("xyz Uji"))
    Applicant.objects.update(full_name=name)


def screens(world: World) -> list[Visit]:
    return [
        visit
        for visit in (*officers(world), *stock(world))
        if not visit.press and visit.path.startswith("/admin/") and visit.who
    ]


def test_every_person_on_a_screen_is_recorded(world: World) -> None:
    clients: dict[str, Client] = {}
    missing, shown_on = [], 0
    for visit in screens(world):
        if visit.who not in clients:
            clients[visit.who] = Client(raise_request_exception=False)
            clients[visit.who].force_login(world.people[visit.who])
        last = PersonRead.objects.values_list("pk", flat=True).order_by("-pk").first() or 0
        page = clients[visit.who].get(visit.path).content.decode(errors="replace")
        shown = {int(pk) for pk in NAME.findall(page)}
        recorded: set[int] = set()
        for ids in PersonRead.objects.filter(pk__gt=last).values_list("applicant_ids", flat=True):
            recorded.update(ids)
        shown_on += bool(shown)
        if shown - recorded:
            missing.append(f"{visit}: {sorted(shown - recorded)}")
    assert missing == []
    assert shown_on >= FEWEST
