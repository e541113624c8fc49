"""The world of the gates as a fixture: in a database of its own, at its time."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from devtools.demo import Credential, credentials_file
from devtools.stack.state import write_private
from offices.staff.models import StaffRole
from tests.conftest import Mailbox
from tests.gates.stored import StoredWorld
from tests.gates.world import NOW, World


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
    """The world with the demo's list of its officers and the e-mails sent so far."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings.RATE_LIMIT_LOOPBACK = False
    set_clock(NOW)
    for name, content in stored_world.emails.items():
        (mailbox.folder / name).write_bytes(content)
    with stored_world.copied() as world:
        write_private(credentials_file(), [asdict(row) for row in _officers()])
        yield world


def _officers() -> Iterator[Credential]:
    for row in StaffRole.objects.select_related("user", "office"):
        office = row.office.code if row.office else ""
        yield Credential(row.role, office, row.user.email, password="")
