"""The Monday scene at the demo's own offices, with the rules of their scenario files."""

from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import OutputWrapper
from django.test import Client

from core import clock
from counters.visits.models import UNFINISHED, Visit
from devtools.management.commands.prepare_stack import load_scenarios
from devtools.tasks import play_requested_scene
from offices.directory.models import Office
from ops.verification.services import verify
from passport_office.celery import app
from tests.builders import NOW


@pytest.mark.slow
@pytest.mark.parametrize("code", ["balikpapan", "palembang", "jaksel"])
def test_the_hall_of_every_demo_office_is_full(
    code: str, db: None, folder: Path, set_clock: Callable[[datetime], None], client: Client
) -> None:
    set_clock(NOW)
    app.loader.import_default_modules()
    load_scenarios(OutputWrapper(StringIO()))
    call_command("load_demo", verbosity=0)
    office = Office.objects.get(code=code)
    client.post("/demo/scene/", {"scene": "monday", "office": office.code})
    play_requested_scene()
    assert client.get("/demo/progress/", follow=True).status_code == 200
    local = clock.now().astimezone(office.zone)
    assert (local.weekday(), f"{local:%H:%M}") == (0, "09:40")
    assert Visit.objects.filter(office=office, status__in=UNFINISHED).count() == 40
    assert not [finding for finding in verify(now=clock.now()) if finding.breaches]
