"""Parsing of identity numbers."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.people.identity import (
    PROVINCES,
    clean_nik,
    clean_passport_number,
    clean_phone,
    countries,
    read_nik,
)
from core.names import clean_name
from core.text import clean_text

days = st.dates(min_value=dt.date(1930, 1, 1), max_value=dt.date(2029, 12, 31))


def nik(province: int, day: dt.date, is_woman: bool, serial: int) -> str:
    return f"{province:02d}0101{day.day + 40 * is_woman:02d}{day:%m%y}{serial:04d}"


@given(st.sampled_from(sorted(PROVINCES)), days, st.booleans(), st.integers(1, 9999))
def test_a_nik_contains_birth_date_and_sex(
    province: int, day: dt.date, is_woman: bool, serial: int
) -> None:
    facts = read_nik(nik(province, day, is_woman, serial))
    assert not facts.needs_checking(birth_date=day, is_woman=is_woman)
    assert facts.needs_checking(birth_date=day, is_woman=not is_woman)
    assert facts.needs_checking(birth_date=day + dt.timedelta(days=1), is_woman=is_woman)


@given(st.text(max_size=20))
def test_any_text_is_parsed_or_refused_with_a_message(text: str) -> None:
    for clean in (clean_nik, clean_passport_number, clean_name, clean_phone):
        outcome = ""
        try:
            outcome = clean(text) and "read"
        except ValueError as error:
            outcome = str(error)
        assert outcome == "read" or len(outcome) > 20 or not clean_text(text)


@pytest.mark.parametrize(
    "number",
    [
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


@pytest.mark.parametrize(
    "number", ["2001010602900001", "1600010602900001", "1601000602900001", "9900010602900001"]
)
def test_an_unknown_region_warns_and_does_not_block(number: str) -> None:
    assert clean_nik(number) == number
    assert read_nik(number).needs_checking(birth_date=dt.date(1990, 2, 6), is_woman=False)


def test_a_number_of_a_citizen_abroad_is_accepted() -> None:
    facts = read_nik("9945811501900001")
    assert (facts.day, facts.month, facts.year, facts.is_region_known) == (15, 1, 90, True)
    assert not facts.needs_checking(birth_date=dt.date(1990, 1, 15), is_woman=False)


@pytest.mark.parametrize(
    "typed",
    [
        "\u202a1671054602900003\u202c",
        "1671 0546 0290 0003",
        "1671.0546.0290.0003",
        "1671\u202f0546\u20110290-0003",
        "１６７１０５４６０２９００００３",
    ],
)
def test_a_pasted_nik_loses_its_groups_and_direction_marks(typed: str) -> None:
    assert clean_nik(typed) == "1671054602900003"


def test_a_leap_day_is_read_in_the_matching_century() -> None:
    assert read_nik("1671012902000001").day == 29


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0812 3456 7890", "+6281234567890"),
        ("+65 8123 4567", "+6581234567"),
        ("", ""),
        ("   ", ""),
        ("08123456789012", "+628123456789012"),
        ("+62 812 3456 789 012", "+628123456789012"),
        ("\u202a0812\u20113456\u20117890\u202c", "+6281234567890"),
    ],
)
def test_a_telephone_number_is_stored_in_international_form(typed: str, kept: str) -> None:
    assert clean_phone(typed) == kept


@pytest.mark.parametrize("typed", ["0812 3456 789O", "0800-FLOWERS", "0812 3456 7890 ext. 2", "12"])
def test_a_telephone_number_with_letters_is_refused_and_not_changed(typed: str) -> None:
    with pytest.raises(ValueError, match=r"angka|dikenal"):
        clean_phone(typed)


@pytest.mark.parametrize(
    "name",
    [
        "Siti",
        "Nur'aini, S.H.",
        "Jean-Luc d'Été",
        "李 小龍",
        "Sri/Ani",
        "'Aisyah",
        "Ma`ruf",
        "นางสาวศิริพร",
        "प्रिया शर्मा",
        "مُحَمَّد",
    ],
)
def test_names_of_all_scripts_are_accepted(name: str) -> None:
    assert clean_name(f" {name} ") == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("Jose\u0301", "José"), ("Jean\u2011Pierre", "Jean-Pierre"), ("\u2018Aisyah", "'Aisyah")],
)
def test_a_name_is_stored_in_one_form(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("name", ["", "'", "-Siti", "Siti1", "S" + 6 * "\u0301", "\u0301a"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="huruf"):
        clean_name(name)


def test_the_country_list_excludes_indonesia() -> None:
    assert countries("id")["MY"] == "Malaysia"
    assert countries("en")["NL"] == "Netherlands"
    assert not {"ID", "EU", "ZZ"} & set(countries())
