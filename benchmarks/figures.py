"""The figures of one release: the public JSON object, what is printed with it, and what makes a run void."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Final

MOST_CLIENT_SHARE: Final = 0.35


@dataclass(frozen=True)
class Figures:
    """The JSON object of `bench_release`. Rates are per second; `seconds` from the first POST to the last place taken."""

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

    @property
    def oversold(self) -> int:
        return max(0, self.bookings_in_db - self.places)

    def faults(self) -> list[str]:
        """Why this run fails or is void, each as a sentence."""
        expected = min(self.places, self.applicants)
        checks = [
            (self.booked != self.bookings_in_db, f"{self.booked} bookings were confirmed, the database has {self.bookings_in_db}."),
            (self.booked != expected, f"{self.booked} bookings instead of {expected}."),
            (self.errors > 0, f"{self.errors} answers were neither a booking nor a refusal."),
            (
                self.client_cpu_share > MOST_CLIENT_SHARE,
                f"The load client used {self.client_cpu_share:.0%} of the machine: the figures are void.",
            ),
        ]  # fmt: skip
        return [sentence for is_broken, sentence in checks if is_broken]


@dataclass(frozen=True)
class Details:
    """Milliseconds of processor (web, PostgreSQL and Redis) by kind of request, and the yardstick."""

    page_cpu_ms: float | None
    booking_cpu_ms: float | None
    ticket_cpu_ms: float | None
    refused_cpu_ms: float | None
    pgbench_per_s: float


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile: always a measured value; 0 for an empty list."""
    ordered = sorted(values)
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1] if ordered else 0.0


def table(figures: Figures, details: Details) -> str:
    """The lines for a person: figure, value, what issue 9 wants to reach."""
    f, d = figures, details
    rows = [
        ("places, applicants, clients", f"{f.places}, {f.applicants}, {f.clients}", ""),
        ("booked, in the database, oversold", f"{f.booked}, {f.bookings_in_db}, {f.oversold}", "oversold 0"),
        ("refused, errors", f"{f.refused}, {f.errors}", "errors 0"),
        ("processor time per booking", _ms(f.cpu_ms_per_booking), "<= 11 ms, stretch 8"),
        ("  page", _ms(d.page_cpu_ms), ""),
        ("  until the last place is taken, per booking (refusals included)", _ms(d.booking_cpu_ms), ""),
        ("  ticket", _ms(d.ticket_cpu_ms), ""),
        ("processor time of a refused POST", _ms(d.refused_cpu_ms), "<= 4 ms"),
        ("first POST to last place", f"{f.seconds:.2f} s", ""),
        ("bookings", f"{f.bookings_per_s:.0f} /s", ""),
        ("one-statement bookings by pgbench", f"{d.pgbench_per_s:.0f} /s", ""),
        ("ratio of the two", f"{f.ratio:.3f}", ">= 0.06, stretch 0.10"),
        ("answers while booking", f"{f.answers_per_s:.0f} /s", ""),
        ("p50, p95, p99", f"{f.p50_ms:.0f}, {f.p95_ms:.0f}, {f.p99_ms:.0f} ms", "p99 < 900 ms"),
        ("database transactions while booking", f"{f.db_tx_per_s:.0f} /s", ""),
        ("load client's share of the machine", f"{f.client_cpu_share:.2f}", f"<= {MOST_CLIENT_SHARE}"),
    ]  # fmt: skip
    return "\n".join(f"{name:<66} {value:>18}   {reach}".rstrip() for name, value, reach in rows)


def _ms(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.1f} ms"
