"""What the benchmark says of a run, and when it does not believe itself."""

from dataclasses import replace

import pytest

from passport_office.bench.figures import Beside, Figures, lines, percentile

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
GOOD = Figures(
    places=10, applicants=30, clients=5, booked=10, bookings_in_db=10, refused=20, errors=0, seconds=0.5,
    bookings_per_s=20.0, answers_per_s=60.0, p50_ms=5.0, p95_ms=9.0, p99_ms=10.0, cpu_ms_per_booking=7.123456,
    db_tx_per_s=40.0, ratio=0.2, client_cpu_share=0.1,
)  # fmt: skip
BESIDE = Beside(100.0, 0.1, 60.0, 50.0, 200.0, 0.2, 2.0, 3.0, 2.0)


def test_the_object_has_exactly_the_keys_of_the_contract():
    assert list(GOOD.as_json()) == KEYS
    assert GOOD.as_json()["cpu_ms_per_booking"] == 7.1235


def test_a_good_run_has_no_fault():
    assert GOOD.faults() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bookings_in_db": 9}, "the database has 9"),
        ({"booked": 9, "bookings_in_db": 9}, "9 of 10 places"),
        ({"errors": 1}, "neither a booking nor"),
        ({"client_cpu_share": 0.36}, "void"),
    ],
)
def test_what_cannot_be_believed_is_said(change, words):
    assert any(words in sentence for sentence in replace(GOOD, **change).faults())


def test_fewer_applicants_than_places_is_no_fault():
    assert replace(GOOD, applicants=4, booked=4, bookings_in_db=4, refused=0).faults() == []


def test_the_report_names_each_figure_beside_what_there_is_to_reach():
    text = "\n".join(lines(GOOD, BESIDE))
    assert "0.200   >= 0.15" in text
    assert "7.1 ms   <= 11 ms" in text
    assert "5.0 x   <= 8 x" in text


def test_what_could_not_be_measured_is_not_called_nought():
    text = "\n".join(
        lines(replace(GOOD, cpu_ms_per_booking=None), replace(BESIDE, refusals_per_s=0.0))
    )
    assert text.count("not measured") == 2


@pytest.mark.parametrize(("percent", "value"), [(50, 2), (75, 3), (99, 4), (100, 4)])
def test_a_percentile_is_a_value_that_was_measured(percent, value):
    assert percentile([4, 1, 3, 2], percent) == value


def test_a_percentile_of_nothing_is_nought():
    assert percentile([], 99) == 0.0
