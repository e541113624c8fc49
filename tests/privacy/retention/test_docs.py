"""The record of processing and the public page name every kind of data."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from core.retention import DATA_KINDS

PAGE = Path(settings.BASE_DIR, "docs", "privacy.md")


@pytest.mark.parametrize("kind", sorted(DATA_KINDS))
def test_the_record_of_processing_names_every_kind(kind: str) -> None:
    [line] = [
        row for row in PAGE.read_text().splitlines() if row.startswith("|") and f"`{kind}`" in row
    ]
    days = f"{DATA_KINDS[kind].default_days:,} day"
    assert days in line


@pytest.mark.django_db
def test_the_public_page_shows_the_period_of_every_kind() -> None:
    page = Client(headers={"Accept-Language": "id"}).get("/data-pribadi/").content.decode()
    for kind in DATA_KINDS.values():
        assert f"{kind.default_days} hari {kind.since}" in page
