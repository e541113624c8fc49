"""The demo's clock: one file moves it in every process, forward only; production has none."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_django import Settings

from core import clock
from core.shared_clock import read_offset, write_offset
from devtools.stack.state import ROOT

HOUR = timedelta(hours=1)
A_MOMENT = timedelta(seconds=20)


@pytest.fixture
def file(tmp_path: Path, settings: Settings) -> Path:
    settings.DEMO_CLOCK_FILE = tmp_path / "clock"
    return settings.DEMO_CLOCK_FILE


def test_the_clock_moves_forward(file: Path) -> None:
    before = clock.now()
    assert clock.move_to(before + HOUR) >= before + HOUR
    assert timedelta(0) <= clock.now() - before - HOUR < A_MOMENT


def test_the_clock_never_goes_back(file: Path) -> None:
    later = clock.move_to(clock.now() + HOUR)
    clock.move_to(later - 2 * HOUR)
    write_offset(file, 0.0)
    assert clock.now() >= later


def test_other_processes_show_the_moved_clock(file: Path) -> None:
    started = clock.offset()  # below zero when the tests run at a time that is past
    clock.move_to(clock.now() + HOUR)
    program = (
        "import sys, pathlib; from core.shared_clock import read_offset; "
        "print(read_offset(pathlib.Path(sys.argv[1]), at_least=float(sys.argv[2])))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file), str(started)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == pytest.approx(clock.offset(), abs=1e-6)


def test_a_process_that_read_it_before_shows_the_new_time(file: Path) -> None:
    for hours in (1, 2, 3):
        write_offset(file, hours * 3600.0)
        assert read_offset(file, at_least=0.0) == hours * 3600.0


def test_a_broken_file_does_not_stop_the_clock(file: Path) -> None:
    file.write_text("Friday")
    assert read_offset(file, at_least=7.0) == 7.0


def test_the_later_of_file_and_demo_clock_counts(file: Path, settings: Settings) -> None:
    settings.DEMO_CLOCK_OFFSET = 500.0
    write_offset(file, 400.0)
    assert clock.offset() == 500.0
    write_offset(file, 600.0)
    assert clock.offset() == 600.0


def test_machine_time_leaves_the_move_out(file: Path) -> None:
    before = clock.machine_time(clock.now())
    clock.move_to(clock.now() + 24 * HOUR)
    assert clock.machine_time(clock.now()) - before < A_MOMENT


def test_outside_the_demo_the_clock_cannot_be_moved(file: Path, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(RuntimeError):
        clock.move_to(clock.now() + HOUR)
    settings.DEMO, settings.DEMO_CLOCK_FILE = True, None
    with pytest.raises(RuntimeError):
        clock.move_to(clock.now() + HOUR)
    assert not file.exists()
