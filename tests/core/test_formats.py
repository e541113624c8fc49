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
def test_a_moment_is_told_in_the_offices_own_zone(zone: str, expected: str) -> None:
    with translation.override("id"):
        assert plain(formats.local_time(FRIDAY, ZoneInfo(zone))) == expected


def test_a_moment_is_told_in_english_too() -> None:
    with translation.override("en"):
        assert plain(formats.local_time(FRIDAY, "Asia/Jakarta")) == "Friday 4 Dec, 14.00 WIB"


def test_day_and_month_and_time_and_zone_stay_on_one_line() -> None:
    with translation.override("id"):
        text = formats.local_time(FRIDAY, "Asia/Jakarta")
    assert f"4{NBSP}Des" in text
    assert f"14.00{NBSP}WIB" in text


def test_money_has_the_separators_of_its_language() -> None:
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
        (None, "–"),
    ],
)
def test_a_length_of_time_is_told_in_hours_and_minutes(
    length: dt.timedelta | int | None, expected: str
) -> None:
    with translation.override("id"):
        assert plain(formats.minutes(length)) == expected


def test_a_span_of_days_says_the_month_once_when_it_can() -> None:
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
def test_a_name_is_shortened_for_other_eyes(name: str, expected: str) -> None:
    assert plain(formats.short_name(name)) == expected


def test_an_address_is_masked_but_can_be_recognised() -> None:
    assert formats.mask_email("siti@contoh.id") == "s•••@contoh.id"


def test_a_browser_is_named_in_words() -> None:
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
def test_a_number_is_rounded_and_not_cut(value: float, places: int, written: str) -> None:
    with translation.override("id"):
        assert formats.number(value, places) == written
