"""The capacity calculation for two historical days, and loading such days."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command

from devtools.capacity_tables import DAYS, capacity_tables
from offices.directory.models import StageTime
from offices.outages.models import Outage
from offices.rosters.models import RosterShift
from quotas.capacity.rates import Bottleneck
from quotas.capacity.selectors import office_day
from scenarios.services import find_mistakes, load_scenario
from tests.scenarios.test_scenarios import FOLDER, load

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MONDAY = date(2026, 12, 7)
DOCS = Path(settings.BASE_DIR) / "docs" / "capacity.md"


def path_of(name: str) -> Path:
    return FOLDER / "days" / f"{name}.yaml"


def loaded(name: str) -> Any:
    office = load("palembang")
    load_scenario(path=path_of(name), now=NOW, office=office, start=MONDAY)
    return office


def test_the_page_matches_the_current_calculation() -> None:
    """`manage.py capacity_tables` rewrites it."""
    assert DOCS.read_text() == capacity_tables()


def test_the_increase_of_2022_is_served_except_for_one() -> None:
    office = loaded("palembang-2022-raise")
    main, priority = office_day(office, MONDAY).by_pool
    assert (main.needed, main.capacity, main.unserved) == (85, 90, 1)
    assert (priority.needed, priority.capacity) == (20, 22)


def test_the_camera_failure_of_2017_leaves_twenty_unserved() -> None:
    office = loaded("palembang-2017-outage")
    main = office_day(office, MONDAY).by_pool[0]
    assert [hour.capacity for hour in main.slots] == [25, 25, 20, 20, 20, 20]
    assert main.slots[2].bottleneck == Bottleneck("device", 1, 5, "camera")
    assert (main.needed, main.capacity, main.unserved) == (150, 130, 20)


@pytest.mark.parametrize("name", [name for name, _title in DAYS])
def test_loading_a_day_twice_changes_nothing(name: str) -> None:
    office = loaded(name)

    def rows() -> list[Any]:
        stored = [list(model.objects.order_by("pk").values()) for model in (RosterShift, Outage)]
        return [*stored, StageTime.objects.count()]

    before = rows()
    load_scenario(path=path_of(name), now=NOW, office=office, start=MONDAY)
    assert rows() == before
    assert before[0]


MISTAKES = {
    "roster": (
        {"officer": "siapa@imigrasi.example"},
        {"counter": 9},
        {"from": "16:00"},
        {"hall": None},
        {"days": 0},
        {"officer": "loket2.palembang@imigrasi.example", "counter": 2},
    ),
    "outages": ({"device": "Kamera 77"}, {"from": "14:00", "until": "13:00"}, {"reason": ""}),
    "stage_times": ({"service_type": "tidak-ada"}, {"mean": 0}, {"p80": 1}, {"stage": "tidur"}),
}


@pytest.mark.parametrize(
    ("section", "change"), [(name, row) for name, rows in MISTAKES.items() for row in rows]
)
def test_an_error_names_its_line_and_loads_nothing(
    section: str, change: dict[str, Any], tmp_path: Path
) -> None:
    office = load("palembang")
    content = yaml.safe_load(path_of("palembang-2017-outage").read_text())
    content["preset"]["since"] = "2017-12-11"
    content[section][0] |= change
    file = tmp_path / "hari.yaml"
    file.write_text(yaml.safe_dump(content))
    mistakes = find_mistakes(path=file, now=NOW, office=office, start=MONDAY)
    assert mistakes
    assert all(section in mistake.field for mistake in mistakes), mistakes
    assert not RosterShift.objects.exists()


def test_an_officer_assigned_elsewhere_is_refused() -> None:
    office = loaded("palembang-2017-outage")
    other = load("balikpapan")
    RosterShift.objects.update(office=other, counter=None)
    [mistake] = find_mistakes(
        path=path_of("palembang-2017-outage"), now=NOW, office=office, start=MONDAY
    )
    assert "is rostered elsewhere on 2026-12-07" in mistake.message


def test_the_command_writes_the_page_it_shows() -> None:
    before = DOCS.read_text()
    out = StringIO()
    call_command("capacity_tables", stdout=out)
    assert DOCS.read_text() == before
    assert "capacity.md is written" in out.getvalue()
