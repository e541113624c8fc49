"""`manage.py load_scenario FILE`: load an office with all its rows, or a preset for an existing one."""

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.errors import NotFound
from offices.directory.selectors import get_office
from quotas.windows.services import prepare_windows
from scenarios.errors import ScenarioRefused
from scenarios.services import find_mistakes, load_scenario


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a day of the calendar") from None


class Command(BaseCommand):
    help = (
        "Loads an office's halls, counters, devices, hours, policies, release rules and staff from a YAML file and "
        "prepares its windows. Loading it again changes nothing. A mistake names its file, line and field, and "
        "nothing is loaded. A preset is loaded for one office: --office CODE."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a scenario, such as scenarios/palembang.yaml")
        parser.add_argument(
            "--check", action="store_true", help="only report mistakes, load nothing"
        )
        parser.add_argument("--office", default="", help="the office that a preset is loaded for")
        parser.add_argument(
            "--from", dest="start", type=_day, help="a preset's first day, such as 2026-12-01"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        now = clock.now()
        try:
            office = get_office(options["office"]) if options["office"] else None
            if options["check"]:
                mistakes = find_mistakes(path=path, now=now, office=office, start=options["start"])
                if mistakes:
                    raise ScenarioRefused(mistakes=mistakes)
                self.stdout.write(f"{path}: no mistakes; nothing was loaded.")
                return
            loaded = load_scenario(path=path, now=now, office=office, start=options["start"])
        except NotFound:
            raise CommandError(f"There is no office {options['office']!r}.") from None
        except ScenarioRefused as refused:
            lines = "\n".join(str(mistake) for mistake in refused.mistakes)
            raise CommandError(f"{lines}\nNothing of {path} was loaded.") from None
        if loaded.office is None:
            self.stdout.write(f"{path}: the rows that all offices share are loaded.")
            return
        done = prepare_windows(office_id=loaded.office.pk, now=now)
        self.stdout.write(
            f"{loaded.office.code}: loaded; {done.windows} windows prepared, "
            f"{done.inserted} places made, {done.withdrawn} withdrawn."
        )
