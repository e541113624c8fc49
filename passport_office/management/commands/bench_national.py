"""`manage.py bench_national`: 130 offices open at one moment, 50,000 places, 200,000 people who wait."""

import json
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from passport_office.bench.national import run_national
from passport_office.bench.stores import BenchError
from passport_office.management.commands.bench_history import whole_number
from passport_office.management.commands.bench_release import _database_url


class Command(BaseCommand):
    help = (
        "Lives through a national Friday in stores of its own: every tenth of the crowd waits and books through HTTP, "
        "the others through the services. Fails when a place is lost, when anybody is let in out of order, or when "
        "verify finds a breach. The full size takes about ten minutes and 1 GB of disk."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--offices", type=whole_number(2, 500), default=130, help="offices (130)"
        )
        parser.add_argument(
            "--places",
            type=whole_number(50, 200_000),
            default=50_050,
            help="of all offices (50050)",
        )
        parser.add_argument(
            "--waiting", type=whole_number(100, 500_000), default=200_000, help="people (200000)"
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON object and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            figures = run_national(
                offices=options["offices"],
                places=options["places"],
                waiting=options["waiting"],
                database_url=os.environ.get("DATABASE_URL") or _database_url(),
                redis_url=settings.REDIS_URL,
                say=(lambda _text: None) if options["json"] else self.stdout.write,
            )
        except BenchError as error:
            raise CommandError(str(error)) from None
        rows = figures.as_json()
        told = [f"{name.replace('_', ' '):<24} {value}" for name, value in rows.items()]
        self.stdout.write(json.dumps(rows) if options["json"] else "\n".join(told))
        if faults := figures.faults():
            raise CommandError("\n".join(faults))
