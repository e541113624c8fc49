"""`manage.py make_forecasts`: count past days and forecast the next eight weeks now."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import NotFound
from offices.directory.selectors import get_office, list_offices
from reports.forecast import services
from reports.forecast.models import ForecastRun, Measure
from reports.forecast.selectors import as_numbers, days_of, scores_of


class Command(BaseCommand):
    help = "Counts what was wanted of the offices until yesterday and forecasts the next eight weeks, as the worker does each night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--office", default="", help="code of one office; all without it")
        parser.add_argument("--json", action="store_true", help="one line of JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        now = clock.now()
        try:
            offices = [get_office(options["office"])] if options["office"] else list_offices()
        except NotFound:
            raise CommandError(f"There is no office {options['office']!r}.") from None
        results = []
        for office in offices:
            services.count_days(office=office, now=now)
            run = services.make_forecast(office=office, now=now)
            results.append((office.code, run))
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(code, run) for code, run in results]))
            return
        for code, run in results:
            self.stdout.write(_as_text(code, run))


def _as_json(code: str, run: ForecastRun | None) -> dict[str, Any]:
    if run is None:
        return {"office": code, "days": []}
    rows = run.points.order_by("day").values_list("day", flat=True)
    days = days_of(run, rows[0], rows[len(rows) - 1]) if rows else []
    return {"office": code, "days": [as_numbers(day) for day in days]}


def _as_text(code: str, run: ForecastRun | None) -> str:
    if run is None:
        return f"{code:<12} no past days"
    score = scores_of(run)[Measure.DEMAND]
    ratio = "-" if score.ratio is None else f"{score.ratio:.2f}"
    coverage = "-" if score.coverage is None else f"{score.coverage:.0%}"
    shown = score.naive if score.is_naive else score.model
    return f"{code:<12} {shown:<16} error against naive {ratio}, interval holds {coverage}, {score.folds} folds"
