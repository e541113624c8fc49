"""What came of a run: the figures of the contract, and the lines that a person reads."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil

VOID_ABOVE = 0.35


@dataclass(frozen=True)
class Figures:
    """One release minute. Rates are per second; `seconds` from the first POST to the last place sold."""

    places: int
    applicants: int
    clients: int
    booked: int
    bookings_in_db: int
    refused: int
    errors: int
    seconds: float
    bookings_per_s: float
    answers_per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    cpu_ms_per_booking: float | None
    db_tx_per_s: float
    ratio: float
    client_cpu_share: float

    def as_json(self) -> dict[str, int | float | None]:
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }

    def faults(self) -> list[str]:
        """Return why this run cannot be believed or must not pass, each as a sentence."""
        found = []
        if self.booked != self.bookings_in_db:
            found.append(
                f"{self.booked} people were told of a booking, the database has {self.bookings_in_db}."
            )
        if self.booked != min(self.places, self.applicants):
            found.append(
                f"{self.booked} of {self.places} places were sold to {self.applicants} applicants."
            )
        if self.errors:
            found.append(f"{self.errors} answers were neither a booking nor an honest refusal.")
        if self.client_cpu_share > VOID_ABOVE:
            found.append(
                f"The crowd itself took {self.client_cpu_share:.0%} of the machine: the figures are void."
            )
        return found


@dataclass(frozen=True)
class Beside:
    """What is measured beside the contract, to compare with in the same run."""

    bare_bookings_per_s: float
    bare_sale_seconds: float
    refusals_per_s: float
    empty_per_s: float
    calendar_per_s: float
    lookers_cpu_share: float
    page_cpu_ms: float | None
    book_cpu_ms: float | None
    ticket_cpu_ms: float | None


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that so many percent do not exceed; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)] if ordered else 0.0


def lines(figures: Figures, beside: Beside) -> list[str]:
    """Return the report for the terminal: what was reached, and what there is to reach."""
    f, b = figures, beside
    rows = [
        ("places, applicants, at a time", f"{f.places}, {f.applicants}, {f.clients}", ""),
        ("booked, in the database", f"{f.booked}, {f.bookings_in_db}", "the same"),
        ("refused, errors", f"{f.refused}, {f.errors}", "none lost"),
        ("first POST to last place", f"{f.seconds:.2f} s", ""),
        ("the bare database, 40 counters", f"{b.bare_sale_seconds:.3f} s", ""),
        ("whole release against that", _times(f.seconds, b.bare_sale_seconds), "<= 8 x"),
        ("bookings", f"{f.bookings_per_s:.0f} /s", ""),
        ("the bare one-statement booking", f"{b.bare_bookings_per_s:.0f} /s", ""),
        ("ratio", f"{f.ratio:.3f}", ">= 0.15"),
        ("answers while booking", f"{f.answers_per_s:.0f} /s", ""),
        (
            "answer p50, p95, p99",
            f"{f.p50_ms:.0f}, {f.p95_ms:.0f}, {f.p99_ms:.0f} ms",
            "p99 < 1500",
        ),
        ("processor a booking", _milliseconds(f.cpu_ms_per_booking), "<= 11 ms"),
        ("  its slot page", _milliseconds(b.page_cpu_ms), ""),
        ("  its POST", _milliseconds(b.book_cpu_ms), ""),
        ("  its ticket page", _milliseconds(b.ticket_cpu_ms), ""),
        ("transactions while booking", f"{f.db_tx_per_s:.0f} /s", ""),
        ("refusals when nothing is left", f"{b.refusals_per_s:.0f} /s", ""),
        ("a refusal against a booking", _times(b.refusals_per_s, f.bookings_per_s), ">= 3 x"),
        ("an empty view", f"{b.empty_per_s:.0f} /s", ""),
        ("the public calendar", f"{b.calendar_per_s:.0f} /s", ""),
        ("calendar against the empty view", _times(b.calendar_per_s, b.empty_per_s), ">= 3 x"),
        ("its crowd's share of the machine", f"{b.lookers_cpu_share:.2f}", ""),
        ("the crowd's share of the machine", f"{f.client_cpu_share:.2f}", f"<= {VOID_ABOVE}"),
    ]
    return [f"{name:<34} {value:>20}   {reach}".rstrip() for name, value, reach in rows]


def _times(value: float, by: float) -> str:
    return f"{value / by:.1f} x" if by and value else "not measured"


def _milliseconds(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} ms"
