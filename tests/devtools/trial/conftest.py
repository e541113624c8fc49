"""An office that the demo's page can fill: its people, its places of one Monday, its clock."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from offices.directory.models import Office
from offices.reasons.models import Reason
from offices.staff.models import Role
from passport_office.celery import app
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_office,
    make_officer,
    make_policy,
    make_reason,
)
from tests.remembered import remembered

MONDAY = date(2026, 11, 30)  # a week after NOW


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Path:
    """The data folder of a demo, with its clock at NOW."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.DEMO_CLOCK_FILE = tmp_path / "demo-clock"
    return tmp_path


@pytest.fixture
def office(db: None, folder: Path, set_clock: Callable[[datetime], None]) -> Office:
    set_clock(NOW)
    app.loader.import_default_modules()  # the tasks that a worker knows, and a scene repeats
    office = _make_demo_office()
    call_command("load_demo", verbosity=0)
    return office


@remembered
def _make_demo_office() -> Office:
    office = make_office("balikpapan", counters=4)
    for lane, places, ahead in (("online", 75, 14), ("walk_in", 40, 0), ("priority", 20, 0)):
        make_policy(
            office,
            places=places,
            lane=lane,
            valid_from=MONDAY,
            valid_until=MONDAY + timedelta(days=8 if lane == "online" else 0),
        )
        make_daily_release(office, days_ahead=ahead, lane=lane)
    prepare_windows(office_id=office.pk, now=NOW)
    for reason in ("ill", "aged_60"):
        make_reason(reason, Reason.Use.PRIORITY)
    make_officer(office, Role.GATE)
    for _counter in range(4):
        make_officer(office, Role.COUNTER)
    make_officer(office, Role.PICKUP)
    make_officer(office, Role.SUPERVISOR)
    make_officer(None, Role.REGIONAL, region=office.region)
    make_officer(None, Role.NATIONAL)
    return office
