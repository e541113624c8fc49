"""`manage.py bench_release`: what a release minute does to this machine, measured through HTTP."""

import json
import os
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from passport_office.bench import figures
from passport_office.bench.release import run_release
from passport_office.bench.stores import BenchError

MOST = 100_000


def amount(text: str) -> int:
    """Read a number of people, places or connections."""
    if not text.isdigit() or not 1 <= int(text) <= MOST:
        raise ArgumentTypeError(f"must be a whole number from 1 to {MOST}, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Sells places to a crowd through the same server, settings and pages as `make run`, in a database of its "
        "own, and compares with what the bare database can do. Then runs verify. The running office's data are "
        "not touched."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--applicants", type=amount, default=2000, help="people who want a place (2000)"
        )
        parser.add_argument("--places", type=amount, default=375, help="places that open (375)")
        parser.add_argument(
            "--clients", type=amount, default=200, help="connections at a time (200)"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            outcome = run_release(
                applicants=options["applicants"],
                places=options["places"],
                clients=options["clients"],
                database_url=os.environ.get("DATABASE_URL") or _database_url(),
                redis_url=settings.REDIS_URL,
                say=(lambda _text: None) if options["json"] else self.stdout.write,
            )
        except BenchError as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps(outcome.figures.as_json()))
        else:
            self.stdout.write("\n".join(figures.lines(outcome.figures, outcome.beside)))
        faults = outcome.figures.faults()
        if outcome.breaches:
            faults.append(f"verify found: {outcome.breaches}")
        if faults:
            raise CommandError("\n".join(faults))


def _database_url() -> str:
    """Return the running stack's database as an address."""
    from passport_office.stack.state import read_stack

    stack = read_stack() or {}
    if "database_url" not in stack:
        raise CommandError(
            f"No address of {connection.settings_dict['NAME']} is known: set DATABASE_URL."
        )
    return str(stack["database_url"])
