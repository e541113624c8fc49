"""`manage.py rebuild_reports`: compute the daily load again from events."""

from argparse import ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.dates import parse_day
from offices.directory.models import Office
from offices.directory.selectors import list_offices
from reports.load.services import rebuild

LONGEST_DAYS = 3_660


def day(text: str) -> date:
    """Parse a day of the service's calendar."""
    value = parse_day(text)
    if value is None:
        raise ArgumentTypeError(f"must be a day such as 2026-11-27, not {text!r}")
    return value


class Command(BaseCommand):
    help = "Computes the rows of the daily load report again from bookings, visits and rules. Safe while offices are open."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", type=day, required=True, help="first day")
        parser.add_argument("--to", dest="last", type=day, required=True, help="last day")
        parser.add_argument("--office", help="code of one office; without it, every office")

    def handle(self, *_args: Any, **options: Any) -> None:
        first, last = options["first"], options["last"]
        if last < first:
            raise CommandError("--to must not be before --from.")
        if (last - first).days >= LONGEST_DAYS:
            raise CommandError("At most ten years at once.")
        for office in _offices(options["office"]):
            changed = rebuild(offices=[office], first=first, last=last, now=clock.now())
            self.stdout.write(f"{office.code}: {changed} rows changed")


def _offices(code: str | None) -> list[Office]:
    offices = [office for office in list_offices() if code in (None, office.code)]
    if not offices:
        raise CommandError(f"There is no office {code!r}.")
    return offices
