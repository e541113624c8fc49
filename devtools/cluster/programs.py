"""Programs that the drills run on a database: commands, an office with applicants, and their bookings."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from devtools.cluster.parts import HOST
from devtools.stack import state
from devtools.stack.errors import StackError

# Settings that differ from those of the demo.
Changes = Mapping[str, str]
NONE: Final[Changes] = MappingProxyType({})
PREPARATION: Final = (("migrate", "--no-input"), ("load_scenario", "scenarios/national.yaml"))
# Each confirmed booking: the applicant and the time at which the answer had arrived.
BOOK: Final = """
import json, sys, time
import django
django.setup()
from django.test import Client
for person in json.loads(sys.argv[1]):
    headers = dict(line.split(": ", 1) for line in person["headers"].splitlines() if line)
    answer = Client(headers=headers).post(
        person["book"], person["body"], content_type="application/x-www-form-urlencoded"
    )
    if answer.status_code in (302, 303) and answer["Location"].startswith("/bookings/"):
        print(json.dumps([person["applicant"], time.time()]), flush=True)
    else:
        sys.exit(f"booking answered {answer.status_code}")
"""
BOOKED: Final = (
    "import json; from booking.bookings.models import Booking; "
    "rows = Booking.objects.filter(slot__office__code='bench', status='booked'); "
    "print(json.dumps([str(pk) for pk in rows.values_list('applicant_id', flat=True)]))"
)


def django(
    url: str, *arguments: str, stdin: str = "", code: Path = state.ROOT, changes: Changes = NONE
) -> str:
    """Return the output of a program with the settings of the site and these changes. Raises StackError."""
    nowhere = f"redis://{HOST}:1/0"
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
        "DATABASE_URL": url,
        # No Redis is needed: sessions and limits are in the database too.
        "REDIS_URL": nowhere,
        "QUEUE_URL": nowhere,
        **changes,
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=code,
        env=env,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise StackError(f"{' '.join(arguments[:2])[:80]} failed: {lines[-1]}")
    return done.stdout


def make_people(
    url: str, people: int, places: int, *, code: Path = state.ROOT
) -> list[dict[str, str]]:
    """Create an office with an open window and people who can book (benchmarks/world.py)."""
    program = (code / "benchmarks" / "world.py").read_text()
    arguments = ("-", f"--applicants={people}", f"--places={places}")
    world = json.loads(django(url, *arguments, stdin=program, code=code).splitlines()[-1])
    for person in world["people"]:
        pairs = dict(pair.split("=", 1) for pair in person["body"].split("&"))
        person["applicant"] = pairs["applicants"]
        person["headers"] = world["headers"] + person["headers"]
    return list(world["people"])


def book(
    url: str, people: list[dict[str, str]], *, code: Path = state.ROOT, changes: Changes = NONE
) -> dict[str, float]:
    """Let people book; return when each booking was confirmed. Raises StackError if one is refused."""
    output = django(url, "-c", BOOK, json.dumps(people), code=code, changes=changes)
    return dict(json.loads(line) for line in output.splitlines())


def booked(url: str, *, changes: Changes = NONE) -> list[str]:
    """Return the applicant of each live booking."""
    output = django(url, "manage.py", "shell", "-v", "0", "-c", BOOKED, changes=changes)
    return list(json.loads(output.splitlines()[-1]))
