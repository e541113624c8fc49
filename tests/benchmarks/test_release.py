"""The figures of a release benchmark, and when a run fails or is invalid."""

from typing import Any

import pytest

from benchmarks.checkout import Phase
from benchmarks.client import Answer
from benchmarks.release import JSON_KEYS, Outcome, Phases, _figures, percentile
from devtools.stack.processor import Meter

KEYS = [
    "places",
    "applicants",
    "clients",
    "booked",
    "bookings_in_db",
    "refused",
    "errors",
    "seconds",
    "bookings_per_s",
    "answers_per_s",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "cpu_ms_per_booking",
    "db_tx_per_s",
    "ratio",
    "client_cpu_share",
]
TICKET = "/bookings/ABC/"


def phase(began: Any, *answers: Any) -> Any:
    rows = [
        Answer(status, began + n, began + n + 1, place) for n, (status, place) in enumerate(answers)
    ]
    return Phase(began, began + len(rows), 0.1, rows)


def figures(*posts: Any) -> Any:
    """Figures for one page, these POSTs, one ticket and one late refusal; the meter reads 10 ms a second."""
    phases = Phases(
        page=phase(0.0, (200, "")),
        book=phase(10.0, *posts),
        ticket=phase(20.0, (200, "")),
        refused=phase(30.0, (409, "")),
        transactions=30,
    )
    meter = Meter([])
    meter.times, meter.readings = [0.0, 100.0], [0.0, 1.0]
    common = {"places": 1, "applicants": 3, "clients": 2, "bookings_in_db": 1, "oversold": 0}
    return {**_figures(phases, meter, 100.0), **common}


GOOD = figures((302, TICKET), (409, ""), (409, ""))


def test_the_json_report_has_exactly_the_public_keys() -> None:
    assert list(JSON_KEYS) == KEYS
    assert list(Outcome(GOOD, "").as_json()) == KEYS


def test_costs_are_reported_per_page_booking_and_ticket() -> None:
    costs = ["page_cpu_ms", "booking_cpu_ms", "ticket_cpu_ms", "refused_cpu_ms"]
    assert [GOOD[name] for name in costs] == pytest.approx([10.0, 10.0, 10.0, 10.0])
    assert GOOD["cpu_ms_per_booking"] == pytest.approx(30.0)


def test_refusals_before_the_last_place_are_part_of_the_booking_cost() -> None:
    late = figures((409, ""), (409, ""), (302, TICKET))
    assert late["booking_cpu_ms"] == pytest.approx(30.0)
    assert (late["seconds"], late["ratio"]) == (3.0, pytest.approx(1 / 3 / 100))


def test_a_good_run_has_no_fault() -> None:
    assert Outcome(GOOD, "").faults() == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"bookings_in_db": 0}, "0 are in the database"),
        ({"booked": 2, "bookings_in_db": 2}, "1 expected"),
        ({"errors": 1}, "neither a booking nor a refusal"),
        ({"client_cpu_share": 0.36}, "void"),
    ],
)
def test_an_implausible_run_has_one_fault(change: Any, text: Any) -> None:
    [fault] = Outcome({**GOOD, **change}, "").faults()
    assert text in fault


def test_an_invariant_violation_fails_the_run() -> None:
    assert Outcome(GOOD, "law 1 is broken").faults() == ["law 1 is broken"]


@pytest.mark.parametrize("post", [(302, "/akun/login/"), (500, ""), (0, "")])
def test_an_unexpected_response_is_an_error(post: Any) -> None:
    assert figures((302, TICKET), post)["errors"] == 1


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (99, 4), (100, 4)])
def test_a_percentile_is_a_measured_value(percent: Any, value: Any) -> None:
    assert percentile([4, 1, 3, 2], percent) == value


def test_the_percentile_of_no_values_is_zero() -> None:
    assert percentile([], 99) == 0.0
