"""The simulation's page."""

import re
from time import process_time
from typing import Any

import pytest
from django.test import Client

from offices.hours.models import Holiday
from offices.staff.models import Role
from tests.builders import NOW, make_officer
from tests.counters.world import DAY, World, make_world
from tests.pages.shown import text_of

pytestmark = pytest.mark.django_db
PAGE = "/admin/reports/simulation/"


@pytest.fixture
def world(db: None, set_clock: Any) -> World:
    set_clock(NOW)
    world = make_world(places=75, counters=5)
    for _officer in range(3):
        make_officer(world.office, Role.COUNTER)
    return world


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.supervisor)
    return client


def test_page_shows_the_day_and_other_quotas(client: Client) -> None:
    begun = process_time()
    answer = client.get(PAGE, {"day": f"{DAY}"})
    assert process_time() - begun < 4  # of one processor; 2 s on an idle machine
    assert answer.status_code == 200
    page = answer.content.decode()
    quotas = re.findall(r'<tr data-quota="(\d+)"', page)
    assert quotas == sorted(quotas, key=int)
    assert {"60", "75", "90"} <= set(quotas)
    assert "selesai dalam dua jam" in text_of(answer)
    assert "Kuota terbesar yang menepati janji dua jam bagi 95 persen orang" in text_of(answer)
    assert page.count('<svg class="chart"') == 2


def test_reads_a_fixed_number_of_queries(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(55):
        client.get(PAGE, {"day": f"{DAY}", "quota": "5"})


def test_values_of_the_form_are_used(client: Client) -> None:
    values = {
        "day": f"{DAY}",
        "quota": "40",
        "counters": "2",
        "breaks": "10:00-10:15, 12:00-13:00",
        "outage": "counter",
        "outage_from": "09:00",
        "outage_until": "11:00",
    }
    answer = client.get(PAGE, values)
    assert answer.status_code == 200
    assert '<tr data-quota="40" aria-current="true">' in answer.content.decode()
    assert 'value="10:00-10:15, 12:00-13:00"' in answer.content.decode()


def test_closed_day_says_so(client: Client) -> None:
    Holiday.objects.create(day=DAY, name="Libur")
    answer = client.get(PAGE, {"day": f"{DAY}"})
    assert answer.status_code == 200
    assert "Kantor tidak buka pada hari itu" in text_of(answer)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"day": "9999-12-31"}, ""),
        ({"day": "0001-01-01"}, ""),
        ({"day": "besok"}, "Isi tanggal"),
        ({"quota": "-1"}, "Paling sedikit 0"),
        ({"quota": "²"}, "angka bulat"),
        ({"counters": "50"}, "hanya punya 5 loket"),
        ({"breaks": "12-13"}, "tulis jam mulai dan selesai"),
        ({"breaks": "00:00-24:00"}, "menutup seluruh jam buka"),
        ({"outage": "printer"}, "Pilih salah satu"),
        ({"outage": "camera"}, "Isi jam gangguannya"),
        (
            {"outage": "camera", "outage_from": "09:00", "outage_until": "08:00"},
            "sesudah jam mulai",
        ),
        (
            {"outage": "camera", "outage_from": "08:00", "outage_until": "09:00"},
            "tidak punya kamera",
        ),
    ],
)
def test_wrong_values_are_explained(client: Client, values: dict[str, str], words: str) -> None:
    answer = client.get(PAGE, {"day": f"{DAY}", **values})
    assert answer.status_code == 400
    assert words in text_of(answer)
    assert '<svg class="chart"' not in answer.content.decode()


def test_counter_officers_have_no_access(world: World) -> None:
    client = Client()
    client.force_login(world.officer)
    assert client.get(PAGE).status_code == 403
