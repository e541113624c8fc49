"""The two reported days of Palembang: `scenarios/days`, loaded for a Monday to come."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

from offices.directory.models import Office
from offices.hours.services import ensure_holidays
from scenarios.services import load_scenario

BEFORE: Final = datetime(2025, 12, 1, tzinfo=UTC)
MONDAY: Final = date(2026, 1, 12)
JUNE_2022, DECEMBER_2017 = "palembang-2022-raise", "palembang-2017-outage"


def load_day(name: str) -> Office:
    """Load Palembang with the rows of a day, from MONDAY on."""
    folder = Path(settings.BASE_DIR) / "scenarios"
    ensure_holidays(now=BEFORE)
    office = load_scenario(path=folder / "palembang.yaml", now=BEFORE).office
    assert office is not None
    load_scenario(path=folder / "days" / f"{name}.yaml", now=BEFORE, office=office, start=MONDAY)
    return office
