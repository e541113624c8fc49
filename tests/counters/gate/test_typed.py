"""What scanners and officers type: codes through other layouts, addresses, numbers, names, garbage."""

import pytest

from counters.gate.typed import (
    has_strange_signs,
    name_in,
    number_in,
    passport_in,
    plain_digits,
    readings,
)

CODE = "QWAM3Y4C97"


def layouts(text: str) -> dict[str, str]:
    return {reading.code: str(reading.layout) for reading in readings(text)}


@pytest.mark.parametrize(
    "text",
    [CODE, CODE.lower(), f" {CODE[:5]} {CODE[5:]} ", f"{CODE[:5]}-{CODE[5:]}", f"{CODE}\r"],
)
def test_a_code_in_any_notation(text: str) -> None:
    assert layouts(text)[CODE] == ""


@pytest.mark.parametrize(
    "text",
    [
        f"https://antrean.example/bookings/{CODE}/",
        f"https://antrean.example/bookings/{CODE.lower()}/?from=qr",
    ],
)
def test_a_code_inside_the_address_of_the_ticket(text: str) -> None:
    assert layouts(text)[CODE] == ""


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        # What a computer receives when a US scanner types CODE: the digits are another row in French.
        ("AZQ?\"Y'Cçè", "AZERTY"),
        ("QWAM3Z4C97", "QWERTZ"),
        ('"<AM3F4J97', "Dvorak"),
        ("ЙЦФЬ3Н4С97", "Kiril"),
    ],
)
def test_a_code_typed_through_another_layout(text: str, layout: str) -> None:
    assert layouts(text)[CODE] == layout


def test_letters_that_look_like_latin_ones() -> None:
    assert "mirip" in layouts("QWАМ3Y4С97")[CODE]


@pytest.mark.parametrize(
    "text", ["", "x", "%%%%%%%%%%", "ABCDEFGHIJ", "0" * 10, "A" * 5000, "\u0660" * 30]
)
def test_garbage_is_no_code(text: str) -> None:
    assert all(reading.layout for reading in readings(text))


def test_digits_of_every_script() -> None:
    assert plain_digits("\uff11\uff16\u0667\u0968") == "1672"
    assert number_in(" 1671-0146 0290.0001 ") == "1671014602900001"
    assert number_in("\u0661" * 16) == "1" * 16
    assert number_in("16710146029O0001") == ""


def test_passport_numbers_have_a_digit_and_a_letter() -> None:
    assert passport_in("x 1234567") == "X1234567"
    assert passport_in("12345678") == ""
    assert passport_in("ABDULLAH") == ""


def test_names_are_letters_of_any_script() -> None:
    assert name_in("D'Arcy-Putri, S.") == "D'Arcy-Putri, S."
    assert name_in("Łukasz") == "Łukasz"
    assert name_in("A") == ""
    assert name_in("Budi 2") == ""


def test_signs_of_a_wrong_layout_are_recognised() -> None:
    assert has_strange_signs("é\"'(")
    assert not has_strange_signs("QWAM3Y4C97")
