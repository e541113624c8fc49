"""Make the audio files of the boards: `make sounds`, and the image of the production shape."""

import json
import shutil
import subprocess
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

import yaml
from django.conf import settings
from django.core.management import BaseCommand, CommandError

from counters.display.sounds import pieces

# Words a minute and pause between words of espeak-ng: a call is slower than speech.
SPEED: Final = "140"
INDEX: Final = "sounds.json"


class Command(BaseCommand):
    help = "Speak the pieces of calls into static/sounds/ with espeak-ng (Indonesian voice)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", default=str(Path(settings.BASE_DIR) / "static" / "sounds"))

    def handle(self, *args: Any, **options: Any) -> None:
        speaker = shutil.which("espeak-ng")
        if speaker is None:
            raise CommandError("espeak-ng is needed: apt-get install espeak-ng")
        folder = Path(options["to"])
        folder.mkdir(parents=True, exist_ok=True)
        known = pieces(_halls(Path(settings.BASE_DIR) / "scenarios"))
        for name, words in known.items():
            file = str(folder / f"{name}.wav")
            command = [speaker, "-v", "id", "-s", SPEED, "-w", file, words]
            subprocess.run(command, check=True, capture_output=True)
        index = {words: f"{name}.wav" for name, words in known.items()}
        (folder / INDEX).write_text(json.dumps(index, sort_keys=True), encoding="utf-8")
        size = sum(file.stat().st_size for file in folder.glob("*.wav"))
        self.stdout.write(f"{len(known)} sounds in {folder}, {size // 1024} KB")


def _halls(folder: Path) -> list[str]:
    """Return the halls of the scenario files as a board says them."""
    rows = [
        hall
        for file in sorted(folder.glob("**/*.yaml"))
        for hall in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("halls", [])
    ]
    return [f"{hall['name']}, lantai {hall['floor']}" for hall in rows]
