"""The public figures: the same as the officers' report, without a person in them, for everyone."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from booking.lottery.models import Draw
from booking.lottery.results import run_draw
from reports.load.selectors import daily_load
from reports.transparency.months import Month, parse_month
from reports.transparency.open_data import DATA_SETS
from tests.booking.lottery.lottery_world import draw_in, enter, fix_value, make_draw_office
from tests.builders import NOW
from tests.reports.load.stories import DAY, Day, make_day

pytestmark = pytest.mark.django_db
MONTH = f"{DAY:%Y-%m}"


@pytest.fixture
def day(set_clock: Any) -> Day:
    """Six people are served on one day."""
    day = make_day()
    day.open_counter()
    for number in range(6):
        visit = day.arrive(day.book(), day.at(8, number))
        day.serve(visit, called=day.at(8, 10 + number * 8), left=day.at(8, 15 + number * 8))
    set_clock(day.at(23))
    return day


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def rows_of(client: Client, name: str, **query: str) -> list[dict[str, str]]:
    answer = client.get(f"/transparency/data/{name}.csv", {"month": MONTH, **query})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def two_hours_of(client: Client, day: Day) -> dict[str, str]:
    rows = rows_of(client, "promises", office=day.office.code)
    return next(row for row in rows if row["promise"] == "two_hours")


def test_the_pages_show_the_figures_of_the_report(client: Client, day: Day) -> None:
    [load] = daily_load(day.office, DAY, DAY, day.at(23))
    assert load.served == 6
    [row] = [row for row in rows_of(client, "days") if row["date"] == DAY.isoformat()]
    for name in ("planned", "released", "booked", "arrived", "served"):
        assert row[name] == str(getattr(load, name))
    assert day.office.name in page(client, f"/transparency/?month={MONTH}")
    assert "<table" in page(client, f"/transparency/{day.office.code}/?month={MONTH}")


def test_the_pages_need_no_script_and_name_nobody(client: Client, day: Day) -> None:
    text = page(client, f"/transparency/{day.office.code}/?month={MONTH}")
    assert day.officer.full_name not in text
    main = text.split("<main", 1)[1].split("</main>", 1)[0]
    assert "<script" not in main


def test_both_promised_hours_and_waits_are_published(client: Client, day: Day) -> None:
    promise = two_hours_of(client, day)
    assert (promise["kept"], promise["late"], promise["rate"]) == ("6", "0", "1.0")
    [wait] = rows_of(client, "waits")
    assert (wait["hour"], wait["visits"]) == ("8", "6")


def test_a_breach_lowers_the_share_also_if_the_person_was_never_served(
    client: Client, day: Day, set_clock: Any
) -> None:
    day.walk_in(day.at(9))
    set_clock(day.at(23, 30))
    promise = two_hours_of(client, day)
    assert promise["unserved"] == "1"
    assert float(promise["rate"]) == pytest.approx(6 / 7, abs=1e-4)


def test_small_groups_are_suppressed_and_others_are_not(client: Client, day: Day) -> None:
    rows = {(row["dimension"], row["category"]): row["people"] for row in rows_of(client, "people")}
    assert sum(1 for dimension, _category in rows if dimension == "nationality") == 1
    assert rows["nationality", "ID"] == "6"
    assert all(people == "" or int(people) >= 5 for people in rows.values())


def test_quota_booked_served_and_exceptions_are_never_suppressed(client: Client, day: Day) -> None:
    rows = rows_of(client, "exceptions", office=day.office.code)
    assert [(row["kind"], row["count"]) for row in rows] == [("out_of_order", "6")]
    for row in rows_of(client, "days"):
        assert row["planned"].isdigit()


@pytest.mark.parametrize("name", DATA_SETS)
def test_csv_and_json_hold_the_same_rows_as_the_dictionary_says(
    client: Client, day: Day, name: str
) -> None:
    rows = rows_of(client, name)
    data = client.get(f"/transparency/data/{name}.json", {"month": MONTH}).json()
    described = {one["name"]: one for one in client.get("/transparency/data/").json()["data_sets"]}
    names = [field["name"] for field in described[name]["fields"]]
    assert [field["name"] for field in data["fields"]] == names
    assert all(list(row) == names for row in [*rows, *data["rows"]])
    as_text = [
        {key: "" if value is None else str(value) for key, value in row.items()}
        for row in data["rows"]
    ]
    assert as_text == rows


def test_a_lottery_links_to_its_proof(client: Client, set_clock: Any) -> None:
    draw: Draw = draw_in(make_draw_office())
    enter(draw)
    fix_value(draw)
    run_draw(window_id=draw.window_id, now=draw.window.opens_at + timedelta(hours=4))
    set_clock(draw.window.opens_at + timedelta(days=4))
    month = f"{draw.window.first_day:%Y-%m}"
    text = page(client, f"/transparency/?month={month}")
    assert f"/draws/{draw.window_id}/proof.json" in text


@pytest.mark.parametrize(
    "month", ["2026-13", "0001-01", "9999-12", "x", "2026-11-01", "2010-01", "\u0662026-11"]
)
def test_an_impossible_month_gets_a_sentence(client: Client, set_clock: Any, month: str) -> None:
    set_clock(NOW)
    for url in ("/transparency/", "/transparency/data/days.csv"):
        assert client.get(url, {"month": month}).status_code == 400


def test_unknown_offices_and_data_sets_get_a_404(client: Client) -> None:
    assert client.get("/transparency/atlantis/").status_code == 404
    assert client.get("/transparency/data/secrets.csv").status_code == 404
    assert client.get("/transparency/data/days.csv?office=atlantis").status_code == 404


def test_the_pages_are_cacheable(client: Client, day: Day) -> None:
    answer = client.get(f"/transparency/{day.office.code}/?month={MONTH}&x=1")
    assert "public" in answer["Cache-Control"]
    assert answer["ETag"]


@pytest.mark.parametrize(
    ("today", "text", "expected"),
    [
        (date(2026, 1, 31), "2026-01", Month(2026, 1)),
        (date(2026, 1, 31), "2026-02", None),
        (date(2026, 1, 31), "2025-12", Month(2025, 12)),
        (date(2026, 1, 31), "2022-12", None),
    ],
)
def test_months_are_published_up_to_today(today: date, text: str, expected: Month | None) -> None:
    assert parse_month(text, today=today) == expected


def test_a_month_ends_on_its_last_day() -> None:
    assert Month(2028, 2).last == date(2028, 2, 29)
    assert Month(2026, 12).last == date(2026, 12, 31)
    assert str(Month(2026, 1).shifted(-1)) == "2025-12"
