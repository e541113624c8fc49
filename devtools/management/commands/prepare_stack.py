"""Everything a fresh or changed checkout needs before it opens, in one process."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from core.db import count_rows_anew
from offices.directory.models import Office

SCENARIOS = "scenarios/*.yaml"


def load_scenarios(out: OutputWrapper) -> None:
    """Load the demo's offices. What their supervisors have ordered since stays: it does not keep us from opening."""
    is_lived_in = Office.objects.exists()
    for scenario in sorted(Path(settings.BASE_DIR).glob(SCENARIOS)):
        out.write(f"Loading {scenario.name} ...")
        try:
            call_command("load_scenario", str(scenario), stdout=out)
        except CommandError as error:
            if not is_lived_in:
                raise
            out.write(f"{error}\n{scenario.name}: left as it has been changed since.")


class Command(BaseCommand):
    help = "Migrate, compile the messages, load the demo offices and people. Running it twice does no harm."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("compile_messages")
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEMO:
            return
        known = get_commands()
        load_scenarios(self.stdout)
        for name in ("load_demo", "release_windows"):
            if name in known:
                self.stdout.write(f"{name} ...")
                call_command(name)
        count_rows_anew()
