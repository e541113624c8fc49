"""The offices that get four years: those of the demo, and two more without a season."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.core.management.base import CommandError

from devtools.years.seasons import PROFILES
from offices.directory.models import Office

FOLDER: Final = Path(__file__).parent / "kantor"


def load_offices(codes: Sequence[str] | None, *, out: Any) -> list[Office]:
    """Load the two additional offices and return the wanted ones, by default all that have a profile.

    Raises CommandError for an office without a profile.
    """
    if unknown := sorted(set(codes or ()) - set(PROFILES)):
        raise CommandError(f"There are no years for {', '.join(unknown)}.")
    for path in sorted(FOLDER.glob("*.yaml")):
        if not codes or path.stem in codes:
            call_command("load_scenario", str(path), stdout=out)
    rows = {row.code: row for row in Office.objects.filter(code__in=codes or PROFILES)}
    return [rows[code] for code in PROFILES if code in rows]
