"""The audio files of calls: every call is made of pieces, and the board plays them in order."""

import io
import json
import shutil
import wave
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from counters.display.sounds import name_of, pieces, words_of
from counters.display.spoken import spoken_call
from tests.counters.world import World, make_world

SetClock = Callable[[datetime], None]


def parts_of(text: str, known: set[str]) -> list[str]:
    """The pieces of a call as the board takes them: the longest known words first."""
    words, parts = words_of(text).split(), []
    while words:
        end = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in known), 0)
        assert end, f"{words[0]} of {text!r} has no file"
        parts.append(" ".join(words[:end]))
        words = words[end:]
    return parts


@pytest.mark.parametrize("letter", ["A", "P", "W", "C", "Z"])
def test_every_call_is_made_of_pieces(letter: str) -> None:
    known = set(pieces(["Ruang WNA, lantai 3"]).values())
    for number in range(1, 2_000):
        text = spoken_call(
            letter=letter, number=number, counter=number % 60 + 1, place="Ruang WNA, lantai 3"
        )
        parts_of(text, known)


def test_a_call_is_read_in_whole_words() -> None:
    known = set(pieces(["Ruang WNA, lantai 3"]).values())
    text = spoken_call(letter="A", number=217, counter=42, place="Ruang WNA, lantai 3")
    assert parts_of(text, known) == [
        "nomor antrean",
        "a",
        "dua ratus",
        "tujuh belas",
        "silakan ke loket",
        "empat puluh",
        "dua",
        "ruang wna",
        "lantai tiga",
    ]


def test_names_of_files_are_plain_and_differ() -> None:
    known = pieces(["Ruang Café/2, lantai B1"])
    assert all(name == name_of(words) and name for name, words in known.items())
    assert len(set(known.values())) == len(known)


@pytest.fixture
def espeak() -> str:
    """The program that speaks; tests with it are left out where it is not installed."""
    path = shutil.which("espeak-ng")
    assert path is not None
    return path


def test_the_command_speaks_every_piece(tmp_path: Path, espeak: str) -> None:
    call_command("build_sounds", to=str(tmp_path))
    index = json.loads((tmp_path / "sounds.json").read_text(encoding="utf-8"))
    assert {"nomor antrean", "a", "sebelas", "ruang prioritas", "lantai tiga"} <= set(index)
    for file in index.values():
        with wave.open(str(tmp_path / file)) as sound:
            assert 0.1 < sound.getnframes() / sound.getframerate() < 5


def a_tone() -> bytes:
    """A tenth of a second."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8_000)
        sound.writeframes(b"\x00\x10" * 800)
    return file.getvalue()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("has_files", [True, False])
def test_the_board_plays_a_call_from_its_files(
    set_clock: SetClock, new_page: Callable[..., Any], *, has_files: bool
) -> None:
    world: World = make_world()
    set_clock(world.at(8, 10))
    world.arrive(8, 0)
    session = world.sit()
    page = new_page()
    index = {words: f"{name}.wav" for name, words in pieces().items()}
    requested: list[str] = []

    def answer(route: Any) -> None:
        requested.append(route.request.url.rpartition("/")[2])
        if not has_files:
            route.fulfill(status=404)
        elif requested[-1] == "sounds.json":
            route.fulfill(json=index)
        else:
            route.fulfill(body=a_tone(), content_type="audio/wav")

    page.route("**/static/sounds/*", answer)
    page.goto(f"/board/{world.office.code}/")
    page.get_by_role("button", name="Nyalakan suara").click()
    expected = "Suara menyala" if has_files else "Hanya bunyi lonceng"
    expect(page.locator("[data-sound-text]")).to_contain_text(expected)
    world.call(session, world.at(8, 10))
    expect(page.locator("[data-call-number]")).to_have_text("A-001", timeout=15_000)
    if has_files:
        page.wait_for_timeout(4_000)
        assert requested == [
            "sounds.json",
            "nomor-antrean.wav",
            "a.wav",
            "satu.wav",
            "silakan-ke-loket.wav",
        ]
    else:
        assert set(requested) == {"sounds.json"}
