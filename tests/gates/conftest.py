"""One world for all tests of this folder: created once for each test process, then cloned."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import override_settings
from pytest_django import DjangoDbBlocker, Settings

from core import clock
from devtools.demo import Credential, credentials_file
from devtools.stack.state import write_private
from offices.staff.models import StaffRole
from tests import databases
from tests.conftest import Mailbox
from tests.gates.world import NOW, World, make_world


@dataclass(frozen=True)
class StoredWorld:
    """The database that contains the world, its objects, and the e-mails sent while it was created."""

    database: str
    world: World
    emails: dict[str, bytes]


@pytest.fixture(scope="session")
def stored_world(
    template_database: str,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    _mail_sink: tuple[Path, int],
) -> Iterator[StoredWorld]:
    folder, port = _mail_sink
    smtp = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": port,
        "MAILBOX_DIR": folder,
        "DEMO_CLOCK_OFFSET": 0.0,
        "RATE_LIMIT_LOOPBACK": False,
    }
    name, before = f"{databases.own_name()}_gates", connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        databases.clone(name, template=template_database)
        databases.point_to(name)
        with override_settings(**smtp):
            world = make_world(_set_clock, Mailbox(folder, port))
        databases.point_to(before)
        emails = {path.name: path.read_bytes() for path in folder.glob("*.eml")}
    yield StoredWorld(name, world, emails)
    with django_db_blocker.unblock():
        databases.drop(name)


def _set_clock(moment: datetime) -> None:
    django_settings.DEMO_CLOCK_OFFSET = clock.offset_to(moment)


@pytest.fixture
def world(
    transactional_db: None,
    stored_world: StoredWorld,
    set_clock: Callable[[datetime], None],
    mailbox: Mailbox,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[World]:
    """The world in a database of its own, at its time, with the demo's list of its officers."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.RATE_LIMIT_LOOPBACK = False
    set_clock(NOW)
    for name, content in stored_world.emails.items():
        (mailbox.folder / name).write_bytes(content)
    with databases.throwaway_database("world", template=stored_world.database):
        write_private(credentials_file(), [asdict(row) for row in _officers()])
        yield deepcopy(stored_world.world)


def _officers() -> Iterator[Credential]:
    for row in StaffRole.objects.select_related("user", "office"):
        office = row.office.code if row.office else ""
        yield Credential(row.role, office, row.user.email, password="")
