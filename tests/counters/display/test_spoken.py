"""The spoken call: numbers, letters and counters as an Indonesian reads them."""

import pytest
from django.utils import translation

from counters.display.spoken import in_words, number_words, spoken_call


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "nol"),
        (1, "satu"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (41, "empat puluh satu"),
        (99, "sembilan puluh sembilan"),
        (100, "seratus"),
        (101, "seratus satu"),
        (110, "seratus sepuluh"),
        (111, "seratus sebelas"),
        (117, "seratus tujuh belas"),
        (200, "dua ratus"),
        (999, "sembilan ratus sembilan puluh sembilan"),
        (1_000, "seribu"),
        (1_001, "seribu satu"),
        (2_345, "dua ribu tiga ratus empat puluh lima"),
        (11_000, "sebelas ribu"),
        (100_000, "seratus ribu"),
    ],
)
def test_numbers_are_written_out(number: int, words: str) -> None:
    assert number_words(number) == words


def test_every_number_of_a_series_reads_differently() -> None:
    texts = {number_words(number) for number in range(2_000)}
    assert len(texts) == 2_000
    assert not any(digit in text for text in texts for digit in "0123456789")


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_a_number_outside_is_an_error(number: int) -> None:
    with pytest.raises(ValueError, match=str(number)):
        number_words(number)


def test_a_call_names_number_and_counter() -> None:
    text = spoken_call(letter="A", number=41, counter=3)
    assert text == "Nomor antrean A, empat puluh satu, silakan ke loket tiga"


def test_leading_zeros_and_the_hyphen_are_not_read() -> None:
    text = spoken_call(letter="P", number=6, counter=12)
    assert text == "Nomor antrean P, enam, silakan ke loket dua belas"


def test_a_board_of_several_halls_names_the_hall() -> None:
    text = spoken_call(letter="C", number=7, counter=1, place="Ruang WNA, lantai 3")
    assert text == "Nomor antrean C, tujuh, silakan ke loket satu, Ruang WNA, lantai tiga"


def test_a_call_is_indonesian_on_english_screens() -> None:
    with translation.override("en"):
        assert spoken_call(letter="A", number=1, counter=2).startswith("Nomor antrean A, satu")


@pytest.mark.parametrize(
    ("text", "words"),
    [("lantai B1", "lantai B satu"), ("Gedung 2-3", "Gedung dua tiga"), ("dasar", "dasar")],
)
def test_numbers_inside_a_text_are_written_out(text: str, words: str) -> None:
    assert in_words(text) == words
