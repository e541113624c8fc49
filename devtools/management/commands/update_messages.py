"""Brings locale/en in step with the sources: new sentences empty, vanished ones gone, all others as they were."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from devtools import catalogues

LANGUAGE = "en"


class Command(BaseCommand):
    help = "Bring locale/en/LC_MESSAGES/django.po in step with the marked sentences of the sources."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if it would")

    def handle(self, *args: Any, **options: Any) -> None:
        path = catalogues.catalogue_path(LANGUAGE)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = catalogues.updated_text(LANGUAGE, catalogues.all_found())
        if options["check"]:
            if before != after:
                raise CommandError(
                    "locale/en/LC_MESSAGES/django.po is not in step: run make messages"
                )
            return
        if before != after:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
        open_ones = [
            message
            for message in catalogues.read_catalogue(LANGUAGE)
            if message.id and (message.fuzzy or not all(_strings(message.string)))
        ]
        self.stdout.write(f"{path.name}: {len(open_ones)} sentences wait for their English")
        for message in open_ones:
            self.stdout.write(f"  {message.id}")


def _strings(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string,)
