"""Update the catalogues: new texts are added without a translation, removed ones are dropped."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from devtools import catalogues


class Command(BaseCommand):
    help = "Update the catalogue of each language except the source language."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail if it would")

    def handle(self, *args: Any, **options: Any) -> None:
        texts = catalogues.marked_texts()
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                self._update(language, texts, is_check=options["check"])

    def _update(self, language: str, texts: Any, *, is_check: bool) -> None:
        path = catalogues.catalogue_path(language)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = catalogues.updated_text(language, texts)
        if is_check and before != after:
            raise CommandError(
                f"locale/{language}/LC_MESSAGES/django.po is out of date: run make messages"
            )
        if before != after:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(after, encoding="utf-8")
        untranslated = [
            message
            for message in catalogues.read_catalogue(language)
            if message.id and (message.fuzzy or not all(_strings(message.string)))
        ]
        self.stdout.write(f"{language}: {len(untranslated)} texts without a translation")
        for message in untranslated:
            self.stdout.write(f"  {message.id}")


def _strings(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, tuple | list) else (string,)
