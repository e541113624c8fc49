"""`manage.py simulate_day`."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from offices.hours.models import Holiday
from tests.builders import NOW
from tests.counters.world import DAY, World, make_world

pytestmark = pytest.mark.django_db
KEYS = [
    "office",
    "date",
    "runs",
    "wait_p50",
    "wait_p95",
    "visit_p50",
    "visit_p95",
    "within_two_hours",
    "overtime_minutes",
]


@pytest.fixture
def world(db: None, set_clock: Any) -> World:
    set_clock(NOW)
    return make_world(places=30)


def run(world: World, *args: str) -> str:
    out = StringIO()
    options = ["--office", world.office.code, "--date", f"{DAY}", "--runs", "20"]
    options += ["--set", "counters=3", *args]
    call_command("simulate_day", *options, stdout=out)
    return out.getvalue()


def values(world: World, *args: str) -> dict[str, Any]:
    text = run(world, "--json", *args)
    assert text.count("\n") == 1
    return json.loads(text)


def test_json_has_the_figures_of_the_contract(world: World) -> None:
    day = values(world)
    assert list(day)[: len(KEYS)] == KEYS
    assert (day["office"], day["date"], day["runs"]) == (world.office.code, f"{DAY}", 20)
    assert day["wait_p50"] <= day["wait_p95"]
    assert day["wait_p95"] <= day["visit_p95"]
    assert 0 <= day["within_two_hours"] <= 1
    low, high = day["mean_interval"]["visit_p50"]
    assert low <= day["visit_p50"] <= high
    assert 30 < day["largest_quota"] < 70  # three counters for six hours, 24 minutes a visit


def test_settings_change_the_day(world: World) -> None:
    calm, crowded = values(world), values(world, "--set", "quota=90")
    assert crowded["quota"] == 90
    assert crowded["within_two_hours"] < calm["within_two_hours"]
    assert crowded["overtime_minutes"] > calm["overtime_minutes"]
    assert crowded["largest_quota"] == calm["largest_quota"]
    short = values(world, "--set", "counters=1", "--set", "breaks=")
    assert short["largest_quota"] < calm["largest_quota"]


def test_closed_day_has_nulls(world: World) -> None:
    Holiday.objects.create(day=DAY, name="Libur")
    day = values(world)
    assert set(day) >= {*KEYS, "largest_quota"}
    assert all(value is None for name, value in day.items() if name not in ("office", "date"))
    assert "is closed" in run(world)


def test_text_names_every_figure(world: World) -> None:
    text = run(world)
    assert "20 simulated days with a quota of 30" in text
    assert "largest quota that keeps two hours for 95 %" in text


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--office", "nowhere"], "nowhere"),
        (["--date", "9999-12-31"], "must be a date"),
        (["--date", "today"], "must be a date"),
        (["--runs", "0"], "from 2 to"),
        (["--runs", "²"], "from 2 to"),
        (["--set", "quota=many"], "quota"),
        (["--set", "nothing"], "nothing"),
        (["--set", "counters=9"], "3"),
        (["--set", "outage=camera:08:00-09:00"], "camera"),
    ],
)
def test_wrong_arguments_give_one_clear_line(world: World, args: list[str], words: str) -> None:
    with pytest.raises(CommandError) as refused:
        run(world, *args)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)
