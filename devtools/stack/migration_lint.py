"""Checks the migrations since the last release: the previous version must work with their tables.

`make manifests` runs it. django-migration-linter lies in `.local/linter`, beside the project's own packages. It reads
the SQL of each migration, for which a throw-away PostgreSQL is started.
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path

from devtools.stack.postgres import Postgres
from devtools.stack.state import ROOT

RELEASED = ROOT / "deploy" / "released_migrations.txt"
LINTER = ROOT / ".local" / "linter"


def main() -> int:
    """Print the findings; 1 if a migration breaks the previous version."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        postgres = Postgres(Path(folder), "only-for-this-check", is_throw_away=True)
        postgres.start()
        try:
            return _lint(postgres.url)
        finally:
            postgres.stop()


def _lint(url: str) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "passport_office.settings.demo"
    os.environ["DATABASE_URL"] = url
    sys.path.insert(0, str(LINTER))
    import django
    from django.db.migrations.loader import MigrationLoader

    django.setup()
    released = dict(line.split() for line in RELEASED.read_text().splitlines())
    linter = importlib.import_module("django_migration_linter").MigrationLinter(
        path=str(ROOT), quiet=["ok", "ignore"], no_cache=True
    )
    disk = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    ours = {row.app_label for row in disk.values() if (ROOT / row.app_label).is_dir()}
    new = [
        row
        for (app, name), row in sorted(disk.items())
        if app in ours and name > released.get(app, "")
    ]
    for migration in new:
        linter.lint_migration(migration)
    print(f"{len(new)} migrations since the release; {linter.nb_erroneous} break its code.")
    return int(linter.has_errors)


if __name__ == "__main__":
    sys.exit(main())
