"""`manage.py load_demo`: create the sign-ins of the demo."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from devtools.demo import Credential, credentials_file, load_people


class Command(BaseCommand):
    help = "Gives the officers of the loaded offices and one applicant passwords, and lists them. Running it twice keeps them."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("load_demo is for the demo only; these settings are not the demo's.")
        credentials = load_people(now=clock.now())
        for credential in credentials:
            self.stdout.write(_line(credential))
        self.stdout.write(f"Written to {credentials_file()}")


def _line(credential: Credential) -> str:
    return f"  {credential.role:<11} {credential.office:<12} {credential.email:<38} {credential.password}"
