"""Parsing of identity numbers."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.people.identity import (
    PROVINCES,
    clean_name,
    clean_nik,
    clean_passport_number,
    clean_phone,
    countries,
    read_nik,
)

days = st.dates(min_value=dt.date(1930, 1, 1), max_value=dt.date(2029, 12, 31))


def nik(province: int, day: dt.date, is_woman: bool, serial: int) -> str:
    return f"{province:02d}0101{day.day + 40 * is_woman:02d}{day:%m%y}{serial:04d}"


@given(st.sampled_from(sorted(PROVINCES)), days, st.booleans(), st.integers(1, 9999))
def test_a_nik_contains_birth_date_and_sex(
    province: int, day: dt.date, is_woman: bool, serial: int
) -> None:
    facts = read_nik(nik(province, day, is_woman, serial))
    assert not facts.differs_from(birth_date=day, is_woman=is_woman)
    assert facts.differs_from(birth_date=day, is_woman=not is_woman)
    assert facts.differs_from(birth_date=day + dt.timedelta(days=1), is_woman=is_woman)


@given(st.text(max_size=20))
def test_any_text_is_parsed_or_refused_with_a_message(text: str) -> None:
    for clean in (clean_nik, clean_passport_number, clean_name, clean_phone):
        outcome = ""
        try:
            outcome = clean(text) and "read"
        except ValueError as error:
            outcome = str(error)
        assert outcome == "read" or len(outcome) > 20 or not text.strip()


@pytest.mark.parametrize(
    "number",
    [
        "1600010602900001",
        "1601000602900001",
        "0101010602900001",
        "1671013202900001",
        "1671017202900001",
        "1671010013900001",
        "1671013002900001",
        "1671012902910001",
        "1671010602900000",
        "16710106029000011",
        "١٦٧١٠١٠٦٠٢٩٠٠٠٠١",
    ],
)
def test_an_impossible_nik_is_refused(number: str) -> None:
    with pytest.raises(ValueError, match=r"NIK|KTP"):
        read_nik(number)


def test_a_leap_day_is_read_in_the_matching_century() -> None:
    assert read_nik("1671012902000001").day == 29


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0812 3456 7890", "+6281234567890"),
        ("+65 8123 4567", "+6581234567"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_telephone_number_is_stored_in_international_form(typed: str, kept: str) -> None:
    assert clean_phone(typed) == kept


@pytest.mark.parametrize("name", ["Siti", "Nur'aini, S.H.", "Jean-Luc d’Été", "李 小龍", "Sri/Ani"])
def test_foreign_names_are_accepted(name: str) -> None:
    assert clean_name(f" {name} ") == name


def test_the_country_list_excludes_indonesia() -> None:
    assert countries("id")["MY"] == "Malaysia"
    assert countries("en")["NL"] == "Netherlands"
    assert not {"ID", "EU", "ZZ"} & set(countries())
