"""Amber is for warnings only: success is green, and a plain fact has no hue (docs: design, "Dyes, not flags")."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from booking.people.models import Applicant
from tests.clients import page_text
from tests.counters.world import make_world

SetClock = Callable[[datetime], None]
ROOT = Path(settings.BASE_DIR)
AMBER = re.compile(r"--sun(?!k)")
FLAG = re.compile(r'class="(flag[^"]*)"[^>]*>\s*{% icon "(\w+)" %}')
LOOK = {
    "done": "flag flag--good",
    "risk": "flag flag--warn",
}


def rule(selector: str, sheet: str = "admin") -> str:
    css = (ROOT / "static" / "css" / f"{sheet}.css").read_text()
    match = re.search(rf"(?:^|[\s}},]){re.escape(selector)}\s*(?:,[^{{]*)?{{([^}}]*)}}", css)
    assert match is not None, selector
    return match.group(1)


@pytest.mark.parametrize("selector", [".flag", ".flag--good", "ul.messagelist li.info"])
def test_facts_and_success_are_not_amber(selector: str) -> None:
    assert not AMBER.search(rule(selector))


@pytest.mark.parametrize("selector", [".flag--warn"])
def test_warnings_are_amber(selector: str) -> None:
    assert AMBER.search(rule(selector))


@pytest.mark.parametrize("state", ["open", "done", "serving", "waiting", "full", "past", "closed"])
def test_states_without_a_warning_are_not_amber(state: str) -> None:
    assert not AMBER.search(rule(f'[data-state="{state}"]', "tokens"))


def test_a_flag_has_the_look_of_its_icon() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {css}, {icon}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for css, icon in FLAG.findall(path.read_text())
        if icon in LOOK and css != LOOK[icon] and css != "flag flag--bad"
    ]
    assert wrong == []


@pytest.mark.django_db
def test_a_check_in_is_green_and_a_number_to_compare_amber(
    client: Client, set_clock: SetClock
) -> None:
    world = make_world()
    set_clock(world.at(8))
    visit = world.arrive(8)
    Applicant.objects.filter(pk=visit.booking.applicant_id).update(nik_differs=True)
    client.force_login(world.gate)
    page = page_text(client.get(f"/admin/gate/{visit.booking_id}/"))
    assert re.findall(r'class="verdict" data-state="(\w+)"', page) == ["done"]
    assert re.findall(r'class="(flag[^"]*)"', page) == ["flag flag--warn"]
    # A missing application is a plain fact, not a warning.
    assert re.search(r'<p class="quiet">[^<]*<svg.*?</svg> <b>Permohonan belum diisi\.</b>', page)
