"""Bundle the public site's three stylesheets into one file, without comments and extra spaces."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

SHEETS = ("tokens", "parts", "site")


def bundle(folder: Path) -> str:
    """Return the three sheets as one minified text."""
    css = "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    return re.sub(r"\s*([{};,])\s*", r"\1", css).replace(";}", "}").strip() + "\n"


class Command(BaseCommand):
    """Write static/css/site.bundle.css; with --check only report whether it is up to date."""

    help = "Writes static/css/site.bundle.css from tokens.css, parts.css and site.css."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="fail when the file is out of date"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "static" / "css"
        target, text = folder / "site.bundle.css", bundle(folder)
        if options["check"]:
            if not target.exists() or target.read_text(encoding="utf-8") != text:
                raise CommandError(
                    "static/css/site.bundle.css is out of date: run manage.py bundle_css"
                )
            return
        target.write_text(text, encoding="utf-8")
        self.stdout.write(f"{target.name}: {len(text)} characters")
