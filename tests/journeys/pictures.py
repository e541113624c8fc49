"""Pictures of journeys, kept in .cache/journeys after a run."""

from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / ".cache" / "journeys"


def keep(page: Any, name: str) -> None:
    """Keep a picture of the whole page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(FOLDER / f"{name}.png"), full_page=True)
