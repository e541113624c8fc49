"""`manage.py bench_release`: a release measured through HTTP, in a database of its own."""

import json
from argparse import ArgumentTypeError
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from benchmarks.release import SIZES, prepare_database, run_release
from benchmarks.stores import BenchError, own_stores

MOST = 100_000


def amount(text: str) -> int:
    """Read a number of people, places or connections."""
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"must be a whole number from 1 to {MOST}, not {text!r}")
    return int(text)


def database_url() -> str:
    """The address of the configured database."""
    row = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    return f"postgres://{row['USER']}:{row['PASSWORD']}@{row['HOST']}:{row['PORT']}/{row['NAME']}"


class Command(BaseCommand):
    help = "Measures a release through HTTP, as `make run` serves it, in a database of its own; then verify."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        for name, value in SIZES.items():
            parser.add_argument(f"--{name}", type=amount, default=value, help=f"({value})")
        parser.add_argument("--json", action="store_true", help="print one JSON object only")

    def handle(self, *_args: Any, **options: Any) -> None:
        sizes = {name: options[name] for name in SIZES}
        try:
            with own_stores(database_url=database_url(), redis_url=settings.REDIS_URL) as stores:
                prepare_database(settings.BASE_DIR, stores)
                outcome = run_release(settings.BASE_DIR, stores, **sizes)
        except BenchError as error:
            raise CommandError(str(error)) from None
        figures = outcome.as_json()
        lines = (f"{name:<20} {value:10.3f}" for name, value in outcome.figures.items())
        self.stdout.write(json.dumps(figures) if options["json"] else "\n".join(lines))
        if faults := outcome.faults():
            raise CommandError("\n".join(faults))
