"""`manage.py release_windows`: run the scheduled window tasks at once."""

from argparse import ArgumentTypeError
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from booking.lottery.results import hold_due_draws
from core import clock
from core.errors import Busy
from offices.directory.selectors import list_offices
from quotas.windows.openings import open_due_windows
from quotas.windows.services import prepare_windows


def moment(text: str) -> datetime:
    """Parse an ISO 8601 time with an offset."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        value = None
    if value is None or value.tzinfo is None:
        raise ArgumentTypeError(
            f"must be a moment with its offset, such as 2026-11-27T14:00:00+07:00, not {text!r}"
        )
    return value


class Command(BaseCommand):
    help = "Prepares, opens, announces and draws every window that is due. Running it twice does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now", type=moment, help="act as at this moment (ISO 8601 with offset)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        now: datetime = options["now"] or clock.now()
        for office in list_offices():
            try:
                done = prepare_windows(office_id=office.pk, now=now)
            except Busy:
                raise CommandError(
                    f"{office.code} is being prepared by another worker; try again."
                ) from None
            self.stdout.write(
                f"{office.code}: {done.windows} windows prepared, {done.inserted} places made, "
                f"{done.withdrawn} withdrawn"
            )
        self.stdout.write(f"{open_due_windows(now=now)} windows opened and announced")
        draws = hold_due_draws(now=now)
        self.stdout.write(
            f"{draws.prepared} draws prepared, {draws.closed} lists closed, {draws.held} draws held, "
            f"{draws.passed_on} places passed on"
        )
