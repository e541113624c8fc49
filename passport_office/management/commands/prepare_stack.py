"""Everything a fresh or changed checkout needs before it opens, in one process."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand

from core.db import count_rows_anew

SCENARIOS = "scenarios/*.yaml"


class Command(BaseCommand):
    help = "Migrate, compile the messages, load the demo offices and people. Running it twice does no harm."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("compile_messages")
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEMO:
            return
        known = get_commands()
        for scenario in sorted(Path(settings.BASE_DIR).glob(SCENARIOS)):
            if "load_scenario" in known:
                self.stdout.write(f"Loading {scenario.name} ...")
                call_command("load_scenario", str(scenario))
        for name in ("load_demo", "release_windows"):
            if name in known:
                self.stdout.write(f"{name} ...")
                call_command(name)
        count_rows_anew()
