"""`manage.py bench_history`: what a booking costs when millions lie behind it."""

import json
import os
from argparse import ArgumentTypeError
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from passport_office.bench.history import HistoryFigures, run_history
from passport_office.bench.stores import BenchError
from passport_office.management.commands.bench_release import _database_url

MOST_RATIO = 1.1
MOST = 20_000_000


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return what reads a number within bounds."""

    def read(text: str) -> int:
        if not text.isdigit() or not least <= int(text) <= most:
            raise ArgumentTypeError(f"must be a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return read


class Command(BaseCommand):
    help = (
        "Measures the processor time of a booking with a thousand past bookings and with many, in a database of its "
        "own that is dropped afterwards. Ten million take about 16 GB of disk and twenty minutes."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--past",
            type=whole_number(10_000, MOST),
            default=10_000_000,
            help="past bookings (10000000)",
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            figures = run_history(
                past=options["past"],
                database_url=os.environ.get("DATABASE_URL") or _database_url(),
                redis_url=settings.REDIS_URL,
                say=(lambda _text: None) if options["json"] else self.stdout.write,
            )
        except BenchError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(figures.as_json()) if options["json"] else _lines(figures))
        if figures.ratio > MOST_RATIO:
            raise CommandError(
                f"A booking costs {figures.ratio:.2f} times what it cost at first; {MOST_RATIO} is the bound."
            )


def _lines(figures: HistoryFigures) -> str:
    rows = [f"{'past bookings':<18} {1000:>12} {figures.past:>12}"]
    for name, few in figures.few.items():
        rows.append(f"{name.replace('_', ' '):<18} {few:>12.2f} {figures.many[name]:>12.2f}")
    return "\n".join([*rows, f"{'ratio':<18} {'':>12} {figures.ratio:>12.3f}"])
