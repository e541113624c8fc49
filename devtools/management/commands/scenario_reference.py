"""`manage.py scenario_reference`: write docs/scenarios.md."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from scenarios.reference import scenario_reference


class Command(BaseCommand):
    help = "Writes docs/scenarios.md: the fields of scenario files. Changes no data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "scenarios.md"
        path.write_text(scenario_reference())
        self.stdout.write(f"{path} is written.")
