"""`manage.py run_stack`: same as `make run`."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from devtools.stack.supervisor import run


class Command(BaseCommand):
    help = "Start PostgreSQL, Valkey, web, worker, beat and the mail sink; stop them on Ctrl-C."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        sys.exit(run())
