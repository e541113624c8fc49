"""`manage.py preset_tables`: write docs/presets.md."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from devtools.preset_tables import preset_tables


class Command(BaseCommand):
    help = "Writes docs/presets.md: each preset over one quarter, for an office in each time zone. Changes no data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "presets.md"
        path.write_text(preset_tables())
        self.stdout.write(f"{path} is written.")
