"""Somebody without script and without an account reads an office's month and downloads it as open data."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.load.selectors import daily_load
from tests.reports.load.stories import DAY, make_day

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MONTH = f"{DAY:%Y-%m}"


@pytest.mark.parametrize("width", [360, 1280])
def test_the_figures_of_a_month_are_read_and_downloaded_without_script(
    new_page: Callable[..., Any], set_clock: Any, width: int
) -> None:
    day = make_day()
    day.open_counter()
    for number in range(6):
        visit = day.arrive(day.book(), day.at(8, number))
        day.serve(visit, called=day.at(8, 10 + number * 8), left=day.at(8, 15 + number * 8))
    set_clock(day.at(23))
    page = new_page(
        java_script_enabled=False,
        accept_downloads=True,
        viewport={"width": width, "height": 800},
    )
    page.goto("/")
    page.get_by_role("link", name="Kuota, waktu tunggu, dan janji").click()
    page.goto(f"/transparency/?month={MONTH}")
    row = page.locator("tbody tr", has_text=day.office.name)
    figures = row.locator("td").all_inner_texts()
    [load] = daily_load(day.office, DAY, DAY, day.at(23))
    assert figures[1:3] == [str(load.booked), str(load.served)] == ["6", "6"]
    assert figures[3].replace("\u00a0", " ") == "100,0 %"

    row.get_by_role("link").click()
    assert day.office.name in page.inner_text("h1")
    nationalities = page.locator("table", has_text="Kewarganegaraan").locator("td")
    assert nationalities.all_inner_texts() == ["6"]
    assert day.officer.full_name not in page.content()

    page.go_back()
    with page.expect_download() as download:
        page.locator("a[href*='/transparency/data/days.csv']").click()
    [line] = [
        line
        for line in csv.DictReader(io.StringIO(Path(download.value.path()).read_text()))
        if line["date"] == DAY.isoformat()
    ]
    assert (line["booked"], line["served"]) == ("6", "6")
