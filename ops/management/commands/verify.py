"""`manage.py verify`: check the laws on live data."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from ops.verification.law import Finding
from ops.verification.services import verify


class Command(BaseCommand):
    help = "Checks the laws on live data: places, bookings, windows, histories, counters, passports, messages, retention. Exits 1 on a breach."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--json", action="store_true", help="print one JSON list and nothing else"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        findings = verify(now=clock.now())
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_dict() for finding in findings]))
        else:
            for finding in findings:
                self.stdout.write(_line(finding))
        broken = [finding.law for finding in findings if finding.breaches]
        if broken:
            laws = ", ".join(str(number) for number in broken)
            raise CommandError(f"Broken: law {laws}.")


def _line(finding: Finding) -> str:
    verdict = f"{finding.breaches} breaches" if finding.breaches else "holds"
    line = f"{finding.law:<2} {verdict:<12}  {finding.checked:>8} checked  {finding.name}"
    return "\n     ".join([line, *finding.examples])
