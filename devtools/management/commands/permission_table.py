"""`manage.py permission_table`: write the table of rights and roles."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from offices.permissions import permission_table


class Command(BaseCommand):
    help = "Writes docs/permissions.md from offices/permissions.py. Changes no data."

    def handle(self, *_args: Any, **_options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "permissions.md"
        path.write_text(permission_table())
        self.stdout.write(f"{path} is written.")
