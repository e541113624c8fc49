"""`make backup`, `make reset` and `make restore` keep the same bookings and violate no law."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from booking.bookings.models import Booking
from core import clock
from devtools.stack import places
from devtools.stack.state import ROOT
from notices.models import Message
from tests.builders import NOW, make_booking, make_open_slot

ASK = "SELECT code, status, place_id, person_key FROM booking_booking ORDER BY code"


class Office:
    """The data of a checkout, and the commands of its Makefile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **{key: value for key, value in os.environ.items() if key != "DATABASE_URL"},
            "DATA_DIR": str(folder),
            "BACKUP_DIR": str(folder / "test-backups"),  # `reset` keeps files with this prefix
            "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
            "DEMO_CLOCK_OFFSET": str(clock.offset_to(NOW) + 60),
            "PYTHONWARNINGS": "ignore",
        }

    def make(self, verb: str, *arguments: str, **env: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", f"devtools.stack.{verb}", *arguments],
            cwd=ROOT,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def newest(self) -> str:
        return str(max((self.folder / "test-backups").glob("*.dump")))

    @property
    def cluster(self) -> Path:
        return places.server_home(self.folder, places.server_owner()) / "postgres"


@pytest.fixture
def office() -> Iterator[Office]:
    folder = ROOT / ".local" / f"test-backup-{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = Office(folder)
    home = places.server_home(folder, places.server_owner())
    yield made
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(home, ignore_errors=True)


def database_of_this_test() -> str:
    given = connection.settings_dict
    url = f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/"
    return urlunsplit(urlsplit(url)._replace(path=f"/{given['NAME']}"))


def bookings_in(office: Office, monkeypatch: Any) -> str:
    """Start the office's server and read its bookings."""
    from devtools.stack import dumps

    with monkeypatch.context() as patch:
        patch.setenv("DATA_DIR", str(office.folder))
        patch.delenv("DATABASE_URL", raising=False)
        with dumps.database_url() as url:
            command = [str(places.client_programs() / "psql"), url, "-Atc", ASK]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.slow  # `make test` restores a dump in test_dumps.py
@pytest.mark.django_db(transaction=True)
def test_restoring_a_backup_returns_the_same_bookings(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = make_open_slot(places=4)
    codes = sorted(make_booking(slot).code for _each in range(3))
    for message in Message.objects.all():
        Message.objects.filter(pk=message.pk).update(sent_at=message.due_at)
    keys = {"PERSON_KEY": settings.PERSON_KEY, "FIELD_KEYS": settings.FIELD_KEYS[0]}
    office.make("backup", DATABASE_URL=database_of_this_test(), **keys)
    office.make(
        "restore", office.newest(), **keys
    )  # the backup of this office, into a new checkout
    before = bookings_in(office, monkeypatch)
    assert [row.split("|")[0] for row in before.splitlines()] == codes

    office.make("backup")
    office.make("reset")
    assert not office.cluster.exists()
    assert "verified" in office.make("restore", office.newest(), **keys)
    assert bookings_in(office, monkeypatch) == before
    assert Booking.objects.count() == len(codes)
