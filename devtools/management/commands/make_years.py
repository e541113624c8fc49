"""`manage.py make_years`: write four invented years of the demo's offices."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from devtools.years.offices import load_offices
from devtools.years.seasons import first_day
from devtools.years.services import make_years
from reports.forecast.services import make_forecast
from reports.load.services import rebuild


class Command(BaseCommand):
    help = "Writes four invented years of the demo's offices, until yesterday. A second run adds nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", action="append", help="only this office; may be repeated")

    def handle(self, *_args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "make_years is for the demo only; these settings are not the demo's."
            )
        now = clock.now()
        offices = load_offices(options["office"], out=self.stdout)
        rows = make_years(offices, now=now, say=self.stdout.write)
        self.stdout.write(f"{rows} rows.")
        for office in offices:
            today = office.local_day(now)
            rebuild(
                offices=[office],
                first=first_day(today),
                last=today - timedelta(days=1),
                now=now,
            )
            make_forecast(office=office, now=now)
            self.stdout.write(f"{office.name}: reports and forecast.")
