"""`manage.py capacity_tables`: write docs/capacity.md."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from devtools.capacity_tables import capacity_tables


class Command(BaseCommand):
    help = "Writes docs/capacity.md: the capacity of two days in Palembang. Changes no data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "capacity.md"
        path.write_text(capacity_tables())
        self.stdout.write(f"{path} is written.")
