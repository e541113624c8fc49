"""`manage.py simulate_day`: what a day at an office would be like."""

import json
from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from core import clock
from core.dates import parse_day
from core.errors import DomainError
from offices.directory.models import Office
from reports.simulation.changes import BOUNDS, KINDS, apply_changes, parse_changes
from reports.simulation.days import SimulationDay
from reports.simulation.runs import Figure, Simulation, in_processes, largest_quota, summarize
from reports.simulation.selectors import read_day

MOST_RUNS = 10_000
FIGURES = ("wait_p50", "wait_p95", "visit_p50", "visit_p95", "within_two_hours", "overtime_minutes")
SETTINGS = ", ".join(BOUNDS)


def service_day(text: str) -> date:
    """Parse a date."""
    day = parse_day(text)
    if day is None:
        raise ArgumentTypeError(f"must be a date such as 2026-12-04, not {text!r}")
    return day


def run_count(text: str) -> int:
    """Parse the number of simulated days."""
    if not text.isascii() or not text.isdigit() or not 2 <= int(text) <= MOST_RUNS:
        raise ArgumentTypeError(f"must be a number from 2 to {MOST_RUNS}, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = "Simulates a day of an office many times: waits, the two-hour promise, overtime, the largest quota."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", required=True, help="the office's code")
        parser.add_argument("--date", required=True, type=service_day, help="the day, 2026-12-04")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"change a value ({SETTINGS}), the breaks (breaks=12:00-13:00) or add an outage "
            f"(outage=camera:09:00-12:00; {', '.join(KINDS)}); may be repeated",
        )
        parser.add_argument("--runs", type=run_count, default=200, help="simulated days (200)")
        parser.add_argument("--json", action="store_true", help="print one line of JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        office = Office.objects.filter(code=options["office"]).first()
        if office is None:
            raise CommandError(f"There is no office with the code {options['office'][:60]!r}.")
        with translation.override("en"):
            try:
                changes = parse_changes(options["set"])
                day = read_day(office, options["date"], now=clock.now())
                day = day if day is None else apply_changes(day, changes)
            except DomainError as error:
                raise CommandError(str(error)) from None
        values = {"office": office.code, "date": options["date"].isoformat()}
        if day is None:
            self._closed(values, is_json=options["json"])
            return
        result, quota = self._simulate(day, options["runs"])
        if options["json"]:
            self.stdout.write(json.dumps(values | _as_json(result, quota)))
        else:
            self._print(values, result, quota)

    def _simulate(self, day: SimulationDay, runs: int) -> tuple[Simulation, int | None]:
        with in_processes(day.people * runs) as run:
            result = summarize(day, run(day, runs))
            return result, largest_quota(day, runs, run=run)

    def _closed(self, values: dict[str, Any], *, is_json: bool) -> None:
        if is_json:
            nothing = dict.fromkeys(["runs", *FIGURES, "largest_quota", "quota"])
            self.stdout.write(json.dumps({**values, **nothing}))
        else:
            self.stdout.write(f"{values['office']} is closed on {values['date']}.")

    def _print(self, values: dict[str, Any], result: Simulation, quota: int | None) -> None:
        self.stdout.write(
            f"{values['office']}, {values['date']}: {result.runs} simulated days with a quota of {result.quota}"
        )
        for name, figure in _figures(result).items():
            if figure is not None:
                self.stdout.write(
                    f"  {name:<17} {figure.value:8.2f}   mean {figure.low:.2f} to {figure.high:.2f}, "
                    f"19 of 20 days {figure.day_low:.2f} to {figure.day_high:.2f}"
                )
        most = "no online places on this day" if quota is None else str(quota)
        self.stdout.write(f"  largest quota that keeps two hours for 95 %: {most}")


def _figures(result: Simulation) -> dict[str, Figure | None]:
    return {
        "wait_p50": result.wait_p50,
        "wait_p95": result.wait_p95,
        "visit_p50": result.visit_p50,
        "visit_p95": result.visit_p95,
        "within_two_hours": result.within_two_hours,
        "overtime_minutes": result.overtime,
        "arrived": result.arrived,
        "unserved": result.unserved,
    }


def _as_json(result: Simulation, quota: int | None) -> dict[str, Any]:
    """Return the figures, then the intervals of each: of the mean, and of 19 in 20 days."""
    figures = {name: figure for name, figure in _figures(result).items() if figure is not None}
    return {
        "runs": result.runs,
        **dict.fromkeys(FIGURES),
        **{name: round(figure.value, 4) for name, figure in figures.items()},
        "largest_quota": quota,
        "quota": result.quota,
        "mean_interval": {
            name: [round(one.low, 4), round(one.high, 4)] for name, one in figures.items()
        },
        "day_interval": {
            name: [round(one.day_low, 4), round(one.day_high, 4)] for name, one in figures.items()
        },
    }
