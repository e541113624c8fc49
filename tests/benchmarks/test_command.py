"""`manage.py bench_release` with a small release."""

import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from devtools.stack.state import ROOT
from tests.benchmarks.test_release import KEYS


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
        "DATABASE_URL": os.environ["TEST_DATABASE_URL"],
        "REDIS_URL": os.environ["TEST_REDIS_URL"],
        "EMAIL_URL": "smtp://127.0.0.1:1",
    }
    command = [sys.executable, "manage.py", "bench_release", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1000000"])
def test_a_wrong_number_is_a_one_line_error(wrong: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("bench_release", "--places", wrong)
    [line] = str(error.value).strip().splitlines()
    assert "must be a whole number from 1 to" in line


@pytest.mark.slow
@pytest.mark.xdist_group("bench")  # one benchmark at a time per cluster
def test_a_small_release_sells_every_place_once() -> None:
    done = run("--applicants", "24", "--places", "10", "--clients", "6", "--json")
    assert done.returncode == 0, done.stderr
    [line] = done.stdout.strip().splitlines()
    figures = json.loads(line)
    assert list(figures) == KEYS
    assert figures["booked"] == figures["bookings_in_db"] == 10
    assert figures["refused"] == 14
    assert figures["errors"] == 0
