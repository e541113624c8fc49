"""The public API: offices, windows, calendar, slots, and errors for wrong queries."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from offices.directory.models import Office
from tests.builders import NOW, make_open_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(set_clock: Callable[[datetime], None]) -> Office:
    set_clock(NOW)
    return make_open_office("uji", time_zone="Asia/Makassar")


def get(path: str, **query: Any) -> Any:
    return APIClient().get(f"/api/v1/offices/{path}", query)


def test_an_office_lists_its_hours_services_and_groups(office: Office) -> None:
    body = get("uji/").json()
    assert body["code"] == "uji"
    assert body["zone_name"] == "WITA"
    assert {"code": "new", "name": "Paspor baru", "group": "citizens"} in body["service_types"]
    assert (body["admits_walk_ins"], body["admits_companions"]) == (True, True)
    assert {"code": "online", "name": "online", "booked_at": "online"} in body["lanes"]
    assert body["hours"][0] == {
        "weekday": 1,
        "opens": "08:00",
        "closes": "15:00",
        "breaks": [{"starts": "12:00", "ends": "13:00", "name": "Istirahat"}],
    }
    # One office alone also has the counts of exceptions of the last 30 days.
    assert [row["count"] for row in body.pop("exceptions")] == [0]
    assert get("").json() == [body]


def test_window_times_use_the_offices_offset(office: Office) -> None:
    [row, *_others] = get("uji/windows/").json()
    assert set(row) == {
        "id",
        "opens_at",
        "closes_at",
        "first_day",
        "last_day",
        "mode",
        "places",
        "left",
        "has_waiting_room",
    }
    assert row["opens_at"].endswith("+08:00")
    assert (row["mode"], row["places"]) == ("first_come", 75)


def test_the_calendar_has_a_line_for_each_day(office: Office) -> None:
    body = get("uji/calendar/", **{"from": "2026-11-23", "to": "2026-11-29", "service_type": "new"})
    days = body.json()["days"]
    assert [day["status"] for day in days] == ["closed", *["open"] * 4, "closed", "closed"]
    assert set(days[1]) == {"date", "status", "reason", "opens_at", "places", "left", "window"}
    assert days[1]["opens_at"] == "2026-11-10T08:00:00+08:00"
    assert (days[1]["date"], days[1]["left"]) == ("2026-11-24", 75)
    assert days[5]["reason"] == "Akhir pekan"


def test_the_calendar_uses_the_readers_language(office: Office) -> None:
    client = APIClient(headers={"Accept-Language": "en"})
    answer = client.get("/api/v1/offices/uji/calendar/?service_type=new")
    assert answer.headers["Content-Language"] == "en"
    assert len(answer.json()["days"]) == 28


def test_slots_are_filtered_by_service_and_lane(office: Office) -> None:
    rows = get("uji/slots/", date="2026-11-25", service_type="new").json()
    assert [row["starts_at"][11:16] for row in rows] == [
        "08:00",
        "09:00",
        "10:00",
        "11:00",
        "13:00",
        "14:00",
    ]
    assert {row["lane"] for row in rows} == {"online"}
    assert {"id", "starts_at", "ends_at", "lane", "left", "status"} <= set(rows[0])


BAD = [
    ("calendar", {"from": "2026-02-31"}, "from", "misalnya"),
    ("calendar", {"from": "besok"}, "from", "misalnya"),
    ("calendar", {"from": "20261123"}, "from", "misalnya"),
    ("calendar", {"from": "0001-01-01"}, "from", "antara"),
    ("calendar", {"from": "2026-12-01", "to": "2026-11-01"}, "to", "sebelum"),
    ("calendar", {"from": "2026-11-01", "to": "2027-02-01"}, "to", "92"),
    ("calendar", {"service_type": "visa"}, "service_type", "new, replacement"),
    ("calendar", {"service_type": ""}, "service_type", "new, replacement"),
    ("slots", {}, "date", "misalnya"),
    ("slots", {"date": "2026-13-01"}, "date", "misalnya"),
    ("slots", {"date": "2026-11-25", "service_type": "stay_permit"}, "service_type", "new"),
]


@pytest.mark.parametrize(("call", "query", "field", "words"), BAD)
def test_a_wrong_value_names_its_field_and_valid_values(
    office: Office, call: str, query: dict[str, str], field: str, words: str
) -> None:
    answer = get(f"uji/{call}/", **{"service_type": "new", **query})
    assert answer.status_code == 400
    body = answer.json()
    assert body["code"] == "invalid"
    assert list(body["fields"]) == [field]
    assert words in body["fields"][field][0]


def test_at_most_92_days_are_returned(office: Office) -> None:
    last = (NOW + timedelta(days=91)).date().isoformat()
    answer = get("uji/calendar/", **{"from": "2026-11-23", "to": last, "service_type": "new"})
    assert len(answer.json()["days"]) == 92


@pytest.mark.parametrize("path", ["lain/", "lain/windows/", "lain/calendar/", "lain/slots/"])
def test_an_unknown_office_returns_404(office: Office, path: str) -> None:
    answer = get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_the_public_calls_are_read_only(office: Office) -> None:
    for path in ("", "uji/", "uji/calendar/"):
        assert APIClient().post(f"/api/v1/offices/{path}", {}).status_code == 405
