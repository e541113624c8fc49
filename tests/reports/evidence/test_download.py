"""A supervisor downloads the evidence report in a browser; the file shows what the page shows."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from offices.staff.models import Role
from tests.builders import make_officer
from tests.pdf import text_of_pdf
from tests.reports.evidence.test_report import SPAN
from tests.reports.load.stories import make_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_downloaded_pdf_shows_the_figures_of_the_page(
    new_page: Any, live_server: Any, set_clock: Any
) -> None:
    day = make_day()
    visit = day.arrive(day.book(), day.at(8))
    day.open_counter()
    day.serve(visit, called=day.at(8, 10), left=day.at(8, 40))
    set_clock(day.at(12))
    client = Client()
    client.force_login(make_officer(day.office, Role.SUPERVISOR))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page = new_page(accept_downloads=True)
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.goto(f"{reverse('reports:evidence')}?first={SPAN['first']}&last={SPAN['last']}")
    cells = page.locator("[data-section] :is(td, tbody th)").all_inner_texts()
    assert len(cells) > 20
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.suggested_filename.startswith(f"bukti-{day.office.code}-2026-11-01-")
    text = text_of_pdf(Path(download.value.path()).read_bytes()).replace("\u00a0", " ")
    missing = [
        cell for cell in cells for word in cell.replace("\u00a0", " ").split() if word not in text
    ]
    assert not missing
