"""A supervisor follows a number of the report to one visit, and downloads the report in three formats."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offices.staff.models import Role
from reports.load.services import rebuild
from tests.builders import make_officer
from tests.pdf import text_of_pdf
from tests.reports.load.stories import DAY
from tests.reports.load.test_report import cells_of_xlsx, words
from tests.reports.load.test_rollups import lively_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PERIOD = f"first={DAY:%Y-%m-%d}&last={DAY:%Y-%m-%d}"


def saved(page: Any, name: str) -> bytes:
    """Press a button and return the file that it sends."""
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_number_is_followed_to_one_visit_and_exported(
    desk_of: Callable[..., Any], set_clock: Any, width: int
) -> None:
    day = lively_day()
    set_clock(day.at(16))
    rebuild(offices=[day.office], first=DAY, last=DAY, now=day.at(16))
    supervisor = make_officer(day.office, Role.SUPERVISOR)
    page = desk_of(supervisor, viewport={"width": width, "height": 800}, accept_downloads=True)
    page.goto(f"/admin/reports/daily-load/?{PERIOD}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "only the table moves"
    )
    row = page.locator("tbody tr").first
    label = row.locator("th").inner_text()
    texts = [label, *row.locator("td").all_inner_texts()]

    files = {name: saved(page, name) for name in ("Excel", "PDF", "CSV, koma desimal")}
    assert cells_of_xlsx(files["Excel"], len(texts))[0] == texts
    text = files["CSV, koma desimal"].decode("utf-8-sig")
    line = list(csv.reader(io.StringIO(text), delimiter=";"))[1]
    assert line == texts
    assert words("".join(texts)) in words(text_of_pdf(files["PDF"]))

    number = row.locator("td[data-column=served] a")
    served = int(number.inner_text())
    number.click()
    people = page.locator("tbody tr")
    assert people.count() == served == 2
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/counters/visit/**")
    assert "A-001" in page.inner_text("#content")
