"""The commands that measure a waiting room, a long past and a national Friday: small, as a person runs them."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from passport_office.bench.history import HistoryFigures
from passport_office.bench.national import NationalFigures
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
        ("bench_history", "--past", "ten"),
        ("bench_national", "--offices", "1"),
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


FRIDAY = NationalFigures(
    offices=10, places=500, waiting=2000, waiting_by_http=200, tickets=2000, booked=500, held=500,
    bookings=500, booked_by_http=50, refused=90, turned_away=9, out_of_order=0, errors={},
    prepare_seconds=1.0, join_ms=0.1, http_sale_seconds=9.0, services_sale_seconds=5.0,
    services_bookings_per_s=90.0, polls=400, room_rates=[20.0], web_memory_mb=300.0, room_rows=50,
    bytes_per_booking=5000.0, breaches="",
)  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        {"held": 499},
        {"booked": 501},
        {"out_of_order": 2},
        {"errors": {"book 500": 1}},
        {"breaches": "x"},
    ],
)
def test_a_friday_that_lost_a_place_or_an_order_fails(broken):
    assert FRIDAY.faults() == []
    assert len(replace(FRIDAY, **broken).faults()) == 1


def test_the_ratio_is_of_both_processes_together():
    few, many = (
        {"web_cpu_ms": 1.0, "database_cpu_ms": 1.0},
        {"web_cpu_ms": 1.0, "database_cpu_ms": 1.2},
    )
    assert HistoryFigures(past=1, few=few, many=many, grown={}).ratio == pytest.approx(1.1)


@pytest.mark.slow
def test_a_small_room_keeps_its_order_through_both_restarts():
    done = run(
        "bench_waiting_room", "--people", "200", "--polling", "12", "--rate", "8", "--seconds", "20", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert (figures["people"], figures["ranks_changed"], figures["out_of_order"]) == (200, 0, 0)


@pytest.mark.slow
def test_a_long_past_is_lived_through_and_measured():
    done = run("bench_history", "--past", "10000", "--json")
    # A loaded machine may find any ratio: what is looked at here is that both were measured.
    figures = json.loads(done.stdout.strip().splitlines()[0])
    assert figures["past"] >= 10_000
    assert figures["few"]["web_cpu_ms"] > 0
    assert figures["many"]["database_cpu_ms"] > 0
