"""Formats of dates, times and money."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from core import formats

NBSP = "\u00a0"
FRIDAY = dt.datetime(2026, 12, 4, 7, 0, tzinfo=dt.UTC)


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Jakarta", "Jumat 4 Des, 14.00 WIB"),
        ("Asia/Makassar", "Jumat 4 Des, 15.00 WITA"),
        ("Asia/Jayapura", "Jumat 4 Des, 16.00 WIT"),
    ],
)
def test_times_use_the_offices_time_zone(zone: str, expected: str) -> None:
    with translation.override("id"):
        assert plain(formats.local_time(FRIDAY, ZoneInfo(zone))) == expected


def test_times_are_formatted_in_english_too() -> None:
    with translation.override("en"):
        assert plain(formats.local_time(FRIDAY, "Asia/Jakarta")) == "Friday 4 Dec, 14.00 WIB"


def test_dates_and_times_do_not_wrap() -> None:
    with translation.override("id"):
        text = formats.local_time(FRIDAY, "Asia/Jakarta")
    assert f"4{NBSP}Des" in text
    assert f"14.00{NBSP}WIB" in text


def test_money_uses_the_separators_of_its_language() -> None:
    with translation.override("id"):
        assert plain(formats.rupiah(Decimal(950000))) == "Rp 950.000"
    with translation.override("en"):
        assert plain(formats.rupiah(950000)) == "Rp 950,000"


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, "0 menit"),
        (58, "58 menit"),
        (60, "1 jam"),
        (dt.timedelta(minutes=65), "1 jam 5 menit"),
        (120, "2 jam"),
        (dt.timedelta(hours=24), "1 hari"),
        (dt.timedelta(hours=1082, minutes=7), "45 hari 2 jam"),
        (None, "–"),
    ],
)
def test_durations_are_formatted_in_hours_and_minutes(
    length: dt.timedelta | int | None, expected: str
) -> None:
    with translation.override("id"):
        assert plain(formats.duration(length)) == expected


def test_a_date_range_names_the_month_once_if_possible() -> None:
    with translation.override("id"):
        assert (
            plain(formats.date_span(dt.date(2026, 11, 23), dt.date(2026, 11, 29)))
            == "23 – 29 November"
        )
        both = formats.date_span(dt.date(2026, 11, 30), dt.date(2026, 12, 6))
    assert plain(both) == "30 November – 6 Desember"


@pytest.mark.parametrize(
    ("name", "expected"), [("Siti Rahmawati", "Siti R."), ("Sukarno", "Sukarno"), ("", "")]
)
def test_names_are_shortened_on_shared_screens(name: str, expected: str) -> None:
    assert plain(formats.short_name(name)) == expected


def test_masked_addresses_can_be_recognised() -> None:
    assert formats.mask_email("siti@contoh.id") == "s•••@contoh.id"


def test_browsers_have_readable_names() -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36"
    assert formats.device(agent) == "Chrome, Android"


@pytest.mark.parametrize(
    ("value", "places", "written"),
    [
        (14.9, 0, "15"),
        (14.4, 0, "14"),
        (2.5, 0, "3"),
        (1234567, 0, "1.234.567"),
        (99.96, 1, "100,0"),
    ],
)
def test_numbers_are_rounded_not_truncated(value: float, places: int, written: str) -> None:
    with translation.override("id"):
        assert formats.number(value, places) == written
