"""`manage.py verify_draw FILE`: recompute a published lottery. Needs no database and no network."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from booking.lottery.proof import check_text


class Command(BaseCommand):
    help = "Recomputes a published draw from its proof file (docs/draw-proof.md). Exits 1 when it is not true."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the proof, a JSON file")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        wrong = check_text(text)
        if wrong:
            raise CommandError(
                "This draw is not proved:\n" + "\n".join(f"- {one}" for one in wrong)
            )
        self.stdout.write(
            "Seed, list, ranks and every place agree: this draw is true to its seals."
        )
