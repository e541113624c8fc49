"""A lost database, restored with Barman: needs Debian's rsync and gnupg, and some minutes (`make test-cluster`)."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.cluster import recovery
from devtools.cluster.parts import Layout, Ports
from devtools.cluster.recovery import Result
from tests.architecture.sources import ROOT

CONFIRMED_BEFORE, CONFIRMED_AFTER = {"1": 10.0, "2": 11.0}, {"3": 20.0}


def restored(*booked: str) -> Result:
    return Result(booked=frozenset(booked), copied=1.0, answered=2.0, verified=3.0)


@pytest.mark.parametrize(
    ("chosen", "result"),
    [(("1", "2"), 0), (("1",), 1), (("1", "2", "3"), 1)],
    ids=["as at the moment", "one lost", "one too new"],
)
def test_a_restore_must_be_what_was_at_the_moment(chosen: tuple[str, ...], result: int) -> None:
    newest = restored("1", "2", "3")
    shown = recovery.report(CONFIRMED_BEFORE, CONFIRMED_AFTER, restored(*chosen), newest)
    assert shown == result


def test_the_lost_bookings_are_measured_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    recovery.report(CONFIRMED_BEFORE, CONFIRMED_AFTER, restored("1", "2"), restored("1"))
    assert "2 of 3 bookings lost, 9.00 s" in capsys.readouterr().out


def test_no_password_is_in_the_configuration(tmp_path: Path) -> None:
    layout = Layout(tmp_path, Ports(0), "not-to-be-shown")
    text = recovery.configuration(layout, 5432, "postgres")
    assert "not-to-be-shown" not in text
    assert "encryption = gpg" in text


@pytest.fixture
def rsync() -> str:
    """Without it this test is not collected."""
    return str(shutil.which("rsync"))


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.usefixtures("rsync")
def test_a_lost_database_comes_back_as_at_the_chosen_moment() -> None:
    names = ("DATABASE_URL", "REDIS_URL", "QUEUE_URL", "DJANGO_SETTINGS_MODULE", "DATA_DIR")
    env = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-m", "devtools.cluster.recovery"]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=900
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "To the moment: 0 bookings before it lost, 0 after it kept." in done.stdout
    assert re.search(r"RTO to the moment: .* verified [\d.]+ s", done.stdout)
    assert "verify: clean" in done.stdout
