"""The world of the gates, created once for a whole run; every test that uses it gets a database of its own."""

import fcntl
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import override_settings

from core import clock
from tests import databases, servers
from tests.builders import numbers_from
from tests.gates.world import World, make_world

NUMBERS_FROM = 900_000  # no process counts so far


@dataclass(frozen=True)
class StoredWorld:
    """The database that contains the world, its objects, and the e-mails sent while it was created."""

    database: str
    world: World
    emails: dict[str, bytes]

    @contextmanager
    def copied(self) -> Iterator[World]:
        """Connect to a copy of the world."""
        with databases.throwaway_database("world", template=self.database):
            yield deepcopy(self.world)


def ready_world(*, template: str, mailbox: Any, folder: Path) -> StoredWorld:
    """Return the run's world; the first process that needs it creates it. `folder` is shared by the run."""
    path = folder / "world.pickle"
    with (folder / "world.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            path.write_bytes(pickle.dumps(_create(template, mailbox)))
    stored = pickle.loads(path.read_bytes())  # noqa: S301 - written above
    assert isinstance(stored, StoredWorld)
    return stored


def _create(template: str, mailbox: Any) -> StoredWorld:
    smtp = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": mailbox.port,
        "MAILBOX_DIR": mailbox.folder,
        "DEMO_CLOCK_OFFSET": 0.0,
        "RATE_LIMIT_LOOPBACK": False,
    }
    # The next run replaces it: at the end of this one, other processes may still copy it.
    name, before = f"world_{servers.suffix()}", connection.settings_dict["NAME"]
    databases.clone(name, template=template)
    databases.point_to(name)
    try:
        with override_settings(**smtp), numbers_from(NUMBERS_FROM):
            world = make_world(_set_clock, mailbox)
    finally:  # after a failure too: all later tests of several processes would share the world's database
        databases.point_to(before)
    databases.wait_until_unused(name)
    emails = {path.name: path.read_bytes() for path in mailbox.folder.glob("*.eml")}
    return StoredWorld(name, world, emails)


def _set_clock(moment: datetime) -> None:
    settings.DEMO_CLOCK_OFFSET = clock.offset_to(moment)
