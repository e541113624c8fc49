"""The four presets: rules of a decree for any office."""

from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from devtools.preset_tables import PRESETS, preset_tables
from offices.hours.models import AdmissionRule
from quotas.places.models import ReleaseWindow
from quotas.plan.days import plan_day
from quotas.policies.models import QuotaPolicy
from quotas.policies.selectors import rules_of
from scenarios.services import find_mistakes, load_scenario
from tests.scenarios.test_scenarios import FOLDER, load, places_on

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MONDAY = date(2026, 12, 7)
DOCS = Path(settings.BASE_DIR) / "docs" / "presets.md"


def path_of(preset: str) -> Path:
    return FOLDER / "presets" / f"{preset}.yaml"


def test_the_page_of_tables_matches_the_current_rules() -> None:
    """`manage.py preset_tables` rewrites it."""
    assert DOCS.read_text() == preset_tables()


def test_new_normal_opens_75_of_150_in_palembang_on_friday() -> None:
    office = load("palembang")
    load_scenario(path=path_of("new-normal-2020"), now=NOW, office=office, start=MONDAY)
    row = QuotaPolicy.objects.get(office=office, lane="online", valid_from=MONDAY)
    assert (row.base, row.percent, places_on(office, MONDAY)) == (150, 50, 75)
    lane = plan_day(rules_of(office, first=MONDAY, last=MONDAY), MONDAY).lanes[0]
    assert lane.opens_at == datetime(2026, 12, 4, 7, tzinfo=UTC)  # Friday 14.00 WIB
    assert places_on(office, MONDAY, "walk_in") == 0
    assert not AdmissionRule.objects.get(office=office, valid_from=MONDAY).admits_companions


def test_new_normal_opens_balikpapan_in_its_time_zone() -> None:
    office = load("balikpapan")
    load_scenario(path=path_of("new-normal-2020"), now=NOW, office=office, start=MONDAY)
    lane = plan_day(rules_of(office, first=MONDAY, last=MONDAY), MONDAY).lane("online", 1)
    rules = rules_of(office, first=MONDAY, last=MONDAY)
    lane = next(row for row in plan_day(rules, MONDAY).lanes if row.lane == "online")
    assert lane.opens_at == datetime(2026, 12, 4, 6, tzinfo=UTC)  # Friday 14.00 WITA


@pytest.mark.parametrize("preset", PRESETS)
def test_loading_a_preset_twice_changes_nothing(preset: str) -> None:
    office = load("palembang")
    for _turn in range(2):
        load_scenario(path=path_of(preset), now=NOW, office=office, start=MONDAY)
        rows = list(QuotaPolicy.objects.filter(office=office).order_by("pk").values())
    load_scenario(path=path_of(preset), now=NOW, office=office, start=MONDAY)
    assert list(QuotaPolicy.objects.filter(office=office).order_by("pk").values()) == rows


def test_a_preset_and_an_office_need_each_other() -> None:
    mistakes = find_mistakes(path=path_of("apapo-2019"), now=NOW)
    assert any("--office" in mistake.message for mistake in mistakes)
    office = load("palembang")
    assert find_mistakes(path=FOLDER / "national.yaml", now=NOW, office=office)[0].field == "preset"


def test_the_command_loads_a_preset_and_prepares_its_windows() -> None:
    load("palembang")
    out = StringIO()
    call_command(
        "load_scenario",
        str(path_of("m-paspor-2022")),
        "--office",
        "palembang",
        "--from",
        "2026-12-07",
        stdout=out,
    )
    assert "palembang: loaded" in out.getvalue()
    assert ReleaseWindow.objects.filter(rule__kind="monthly").exists()
    with pytest.raises(CommandError, match="no office"):
        call_command("load_scenario", str(path_of("m-paspor-2022")), "--office", "mars")
