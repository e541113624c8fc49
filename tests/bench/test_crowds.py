"""The command that measures a waiting room: small, as a person runs it."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from passport_office.bench.room import RoomFigures
from passport_office.stack.state import ROOT


def run(command: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
        "DATABASE_URL": os.environ["TEST_DATABASE_URL"],
        "REDIS_URL": os.environ["TEST_REDIS_URL"],
        "EMAIL_URL": "smtp://127.0.0.1:1",
    }
    words = [sys.executable, "manage.py", command, *arguments]
    return subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "words",
    [
        ("bench_waiting_room", "--people", "0"),
        ("bench_waiting_room", "--seconds", "3"),
    ],
)
def test_a_wrong_number_is_told_in_one_line(words):
    done = run(*words)
    assert done.returncode != 0
    assert "must be" in done.stderr.strip().splitlines()[-1]


ROOM = RoomFigures(
    people=100, polling=10, rate_set=10.0, rate_seen=10.1, largest_error=0.03, worst_at=12,
    stretch_seconds=10, stretches=20, chance_error=0.01, ranks_changed=0, out_of_order=0, let_in_seen=5, polls=80, failed_polls=2, polls_per_s=4.0, p50_ms=1.0, p99_ms=9.0,
    cpu_ms_per_poll=0.3, status_per_s=3000.0, empty_per_s=500.0, breaches="",
)  # fmt: skip


def test_a_room_that_kept_order_and_pace_passes():
    assert ROOM.faults() == []


@pytest.mark.parametrize(
    "broken",
    [
        {"ranks_changed": 1},
        {"out_of_order": 1},
        {"largest_error": 0.11},
        {"stretches": 0},
        {"breaches": "x"},
    ],
)
def test_a_room_that_did_not_fails(broken):
    assert len(replace(ROOM, **broken).faults()) == 1


@pytest.mark.slow
def test_a_small_room_keeps_its_order_through_both_restarts():
    done = run(
        "bench_waiting_room", "--people", "200", "--polling", "12", "--rate", "8", "--seconds", "20", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert (figures["people"], figures["ranks_changed"], figures["out_of_order"]) == (200, 0, 0)
