"""The normaliser of typed text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text import clean_text, compact_code, is_storable, normalise, one_space

KEPT = {
    "thai": "นางสาวศิริพร",
    "devanagari": "प्रिया शर्मा",
    "joiner inside a script": "क्‍ष",
    "persian": "می‌خواهم",
    "arabic": "مُحَمَّد",
    "apostrophe": "'Aisyah",
    "mark without a composed letter": "Q\u0301uay",
}
FOLDED = [
    ("Jose\u0301", "José"),
    ("Jean\u2011Pierre", "Jean-Pierre"),
    ("\u2018Aisyah", "'Aisyah"),
    ("Nur\u02bcaini", "Nur'aini"),
    ("\u201cSiti\u201d", '"Siti"'),
    ("Siti\u202fRahmawati", "Siti Rahmawati"),
    ("Siti\u00a0Rahmawati", "Siti Rahmawati"),
    ("Siti\r\nRahmawati", "Siti Rahmawati"),
]
REMOVED = [
    ("\u202a1671054602900003\u202c", "1671054602900003", 2),
    ("Si\u200bti", "Siti", 1),
    ("Si\u200dti", "Siti", 1),
    ("\ufeffSiti\u00ad", "Siti", 2),
    ("Siti\x00\x07", "Siti", 2),
    ("\ud800Siti", "Siti", 1),
    ("\u3164Siti", "Siti", 1),
]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_marks_joiners_and_apostrophes_are_kept(text: str) -> None:
    assert normalise(text).removed == 0
    assert clean_text(text) == text


@pytest.mark.parametrize(("typed", "kept"), FOLDED)
def test_spaces_dashes_and_quotes_are_folded(typed: str, kept: str) -> None:
    assert (clean_text(typed), normalise(typed).removed) == (kept, 0)


@pytest.mark.parametrize(("typed", "kept", "removed"), REMOVED)
def test_invisible_characters_are_removed_and_counted(typed: str, kept: str, removed: int) -> None:
    assert normalise(typed).text == kept
    assert normalise(typed).removed == removed


def test_a_text_area_keeps_its_lines() -> None:
    assert clean_text("Satu\r\ndua\u2028tiga", has_lines=True) == "Satu\ndua\ntiga"


def test_a_number_loses_its_groups() -> None:
    assert compact_code(" \u202a1671 0546\u202f0290-0003\u202c ") == "1671054602900003"
    assert compact_code("１６７１.０５") == "167105"


@given(st.text(st.characters(), max_size=30))
def test_the_stored_form_can_be_stored_and_does_not_change_again(text: str) -> None:
    for has_lines in (False, True):
        stored = normalise(text, has_lines=has_lines)
        assert is_storable(stored.text)
        assert normalise(stored.text, has_lines=has_lines) == type(stored)(stored.text)
    assert "  " not in one_space(text)
