"""Prepares the database and the demo data before the stack starts, in one process."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from core.db import analyze_tables
from offices.directory.models import Office

SCENARIOS = "scenarios/*.yaml"


def refuse_older_data() -> None:
    """Raise CommandError if the database has migrations that this version does not know.

    Version 0.2.0 has one migration for each app; older data cannot be upgraded.
    """
    loader = MigrationLoader(connection)
    if set(loader.applied_migrations) - set(loader.disk_migrations):
        raise CommandError(
            "The data of this checkout were made by another version and cannot be upgraded. "
            "Delete them with `make reset`, then start again."
        )


def load_scenarios(out: OutputWrapper) -> None:
    """Load the demo's offices. An office that was changed after its load stays as it is."""
    is_in_use = Office.objects.exists()
    for scenario in sorted(Path(settings.BASE_DIR).glob(SCENARIOS)):
        out.write(f"Loading {scenario.name} ...")
        try:
            call_command("load_scenario", str(scenario), stdout=out)
        except CommandError as error:
            if not is_in_use:
                raise
            out.write(f"{error}\n{scenario.name}: not loaded again, because it was changed since.")


class Command(BaseCommand):
    help = "Migrate, compile the messages, load the demo. Running it twice does no harm."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("compile_messages")
        refuse_older_data()
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEMO:
            return
        known = get_commands()
        load_scenarios(self.stdout)
        for name in ("load_demo", "release_windows"):
            if name in known:
                self.stdout.write(f"{name} ...")
                call_command(name)
        analyze_tables()
