"""`manage.py apply_retention`: erase what has been kept for its period, now."""

from typing import Any

from django.core.management.base import BaseCommand

from core import clock
from privacy.retention.services import run_retention


class Command(BaseCommand):
    help = "Erases personal data that have been kept for their period, and prints how many rows of each kind. The worker does this every night."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for run in run_retention(now=clock.now()):
            self.stdout.write(f"{run.kind:<18} {run.days:>6} days  {run.erased:>8} erased")
