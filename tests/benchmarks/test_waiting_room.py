"""How the waiting-room benchmark measures order and rate."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.waiting_room import MOST_DEVIATION, inversions, position_in, worst_deviation
from devtools.stack.state import ROOT
from quotas.waiting_room import order as pure

OPENS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
SEED, PEOPLE, RATE, SECONDS = "ab" * 32, 20_000, 100, 90


def room_of(codes: Any) -> Any:
    """A waiting room in which everyone came before the opening."""
    room = pure.Room(
        id=1,
        window_id=1,
        opens_at=OPENS,
        closes_at=OPENS + timedelta(days=1),
        seed=SEED,
        early=len(codes),
        late=(),
        late_before=(0,),
        marks=(pure.Mark(OPENS, 0.0, RATE),),
    )
    counts: dict[int, int] = {}
    for code in codes:
        second = pure.second_of(room, pure.Ticket(1, code, OPENS - timedelta(minutes=1)))
        counts[second] = counts.get(second, 0) + 1
    lots = pure.lots_of(SEED, counts)
    return replace(room, lots=lots, lots_before=pure.running_sum(lots))


def admitted(watermark: Any) -> Any:
    """Return how many of 20,000 people are admitted until each second."""
    codes = [f"person{number}" for number in range(PEOPLE)]
    document = {"seed": SEED, "lots_before": room_of(codes).lots_before}
    places = [position_in(document, code) for code in codes]
    return [sum(place < watermark(second) for place in places) for second in range(SECONDS)]


def test_the_computed_position_equals_the_services() -> None:
    codes = [f"person{number}" for number in range(200)]
    room = room_of(codes)
    document = {"seed": SEED, "lots_before": room.lots_before}
    tickets = [pure.Ticket(1, code, OPENS - timedelta(minutes=1)) for code in codes]
    expected = [pure.position(room, ticket) for ticket in tickets]
    assert [position_in(document, code) for code in codes] == pytest.approx(expected)


def test_a_steady_rate_passes() -> None:
    assert worst_deviation(admitted(lambda second: RATE * second), RATE) < MOST_DEVIATION / 2


@pytest.mark.parametrize("factor", [0.88, 1.12])
def test_a_rate_twelve_percent_off_fails(factor: Any) -> None:
    assert worst_deviation(admitted(lambda second: factor * RATE * second), RATE) > MOST_DEVIATION


@pytest.mark.parametrize("since", [0, 31, 80])
def test_a_pause_of_five_seconds_fails(since: Any) -> None:
    def watermark(second: Any) -> Any:
        return RATE * (second - max(0, min(second - since, 5)))

    assert worst_deviation(admitted(watermark), RATE) > 0.4


def test_refusal_after_a_later_ticket_was_admitted_is_an_inversion() -> None:
    kept = [(1.0, 5.0, False), (2.0, 5.0, True), (3.0, 9.0, False), (4.0, 2.0, True)]
    assert inversions(kept) == 0
    assert inversions([*kept, (5.0, 4.0, False)]) == 1


def test_refusal_after_ones_own_admission_is_an_inversion() -> None:
    assert inversions([(1.0, 5.0, True), (2.0, 5.0, False)]) == 1


@pytest.mark.slow
@pytest.mark.xdist_group("bench")
def test_a_small_waiting_room_survives_both_restarts() -> None:
    sizes = ["--people", "2000", "--pollers", "25", "--rate", "40", "--seconds", "32"]
    command = [sys.executable, "-m", "benchmarks.waiting_room", *sizes]
    own = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    env = {**own, "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["order_kept"]
    assert (figures["errors"], figures["breaches"]) == (0, "")
