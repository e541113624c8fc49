"""`manage.py bench_waiting_room`: a crowd waits, Redis goes away, the web server starts again; order and pace stay."""

import json
from argparse import ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from benchmarks.management.commands.bench_release import amount, database_url
from benchmarks.stores import BenchError
from passport_office.bench.room import RoomFigures, run_room

MOST_SECONDS = 600


def seconds(text: str) -> int:
    """Read how long to watch."""
    if not text.isdigit() or not 12 <= int(text) <= MOST_SECONDS:
        raise ArgumentTypeError(f"must be from 12 to {MOST_SECONDS} seconds, not {text!r}")
    return int(text)


class Command(BaseCommand):
    help = (
        "Lets a crowd wait in one waiting room, in stores of its own: some of them poll through HTTP as browsers do. "
        "Redis goes away for a while after the opening, then the web server is started again. Fails when anybody's "
        "place changed, when the order was not kept, or when the door was off its pace by more than a tenth in any "
        "ten seconds (longer where few wait, so that chance cannot decide)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=amount, default=20_000, help="who wait (20000)")
        parser.add_argument(
            "--polling", type=amount, default=500, help="of those, through HTTP (500)"
        )
        parser.add_argument("--rate", type=amount, default=100, help="let in a second (100)")
        parser.add_argument(
            "--seconds", type=seconds, default=90, help="watched from the opening on (90)"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["polling"] > options["people"]:
            raise CommandError("--polling must not be more than --people.")
        try:
            figures = run_room(
                people=options["people"],
                polling=options["polling"],
                rate=float(options["rate"]),
                seconds=options["seconds"],
                database_url=database_url(),
                redis_url=settings.REDIS_URL,
                say=(lambda _text: None) if options["json"] else self.stdout.write,
            )
        except BenchError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(figures.as_json()) if options["json"] else _lines(figures))
        if faults := figures.faults():
            raise CommandError("\n".join(faults))


def _lines(figures: RoomFigures) -> str:
    rows = figures.as_json()
    return "\n".join(f"{name.replace('_', ' '):<18} {value}" for name, value in rows.items())
