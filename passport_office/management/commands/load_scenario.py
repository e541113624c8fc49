"""`manage.py load_scenario FILE`: an office with everything it works by, from one file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from quotas.errors import ScenarioRefused
from quotas.services import load_scenario, prepare_windows


class Command(BaseCommand):
    help = (
        "Loads an office's halls, counters, devices, hours, policies, release rules and staff from a YAML file and "
        "prepares its windows. Loading it again changes nothing. A mistake names its file, line and field, and "
        "nothing is loaded."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a scenario, such as scenarios/palembang.yaml")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        now = clock.now()
        try:
            loaded = load_scenario(path=path, now=now)
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
