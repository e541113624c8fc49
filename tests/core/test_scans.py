"""Codes as scanners send them through other keyboard layouts."""

import pytest

from core.scans import LAYOUTS, LONGEST, readings


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("X1234567", "X1234567"),
        (" x 123-4567\r", "X1234567"),
        ("X&é\"'(-è", "X1234567"),  # AZERTY, the unshifted row
        ("Z1234567", "Y1234567"),  # QWERTZ
        ("X!@#$%^&", "X1234567"),  # digits with the shift key
        ("qLAM3", "XPAM3"),  # Dvorak
        ("Ч1234567", "X1234567"),  # Cyrillic
    ],
)
def test_a_code_is_read_through_the_layout(text: str, code: str) -> None:
    assert code in readings(text)


def test_the_literal_reading_comes_first() -> None:
    assert readings("qwaz12")[0] == "QWAZ12"


@pytest.mark.parametrize("text", ["", " ", "\u200b", "A" * (LONGEST + 1)])
def test_nothing_is_read_from_nothing(text: str) -> None:
    assert readings(text) == []


def test_every_layout_gives_a_key_one_character() -> None:
    for layout in LAYOUTS:
        assert all(len(chr(key).translate(layout.keys)) == 1 for key in layout.keys)
