"""The system behind PgBouncer, which gives each transaction another connection."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection, connections

from booking.bookings.models import Booking, Party
from booking.people.models import Applicant
from devtools.stack import places
from devtools.stack.children import Child
from ops.verification.services import verify
from quotas.places.models import Slot
from tests import databases
from tests.builders import NOW, book_online, make_open_slot, make_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.cluster]
ROLE = "pooled_office"
PASSWORD = "only-for-this-test"
CONFIG = """
[databases]
* = host={host} port={port} user={role} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
max_client_conn = 50
"""


@pytest.fixture
def pgbouncer(tmp_path: Path, settings: Any) -> Iterator[None]:
    """PgBouncer in front of the test database; Django's connections lead through it, as a role of its own."""
    settings.DATABASE_POOLED = True
    url = urlsplit(os.environ["TEST_DATABASE_URL"])
    with databases.administration() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    port = places.free_port()
    text = CONFIG.format(
        host=url.hostname, port=url.port, role=ROLE, password=PASSWORD, own_port=port
    )
    config = tmp_path / "pgbouncer.ini"
    config.write_text(text)
    owner = places.server_owner()
    if owner.is_other:
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)
    child = Child.start(
        "PgBouncer",
        ["pgbouncer", str(config)],
        log=tmp_path / "pgbouncer.log",
        env=os.environ,
        **owner.popen_options(),
    )
    before = dict(connection.settings_dict)
    connections.close_all()
    # As an operator does, with the address of the primary.
    connection.settings_dict.update(USER=ROLE, PASSWORD=PASSWORD)
    call_command("set_role_defaults", stdout=StringIO())
    connections.close_all()
    options = {name: value for name, value in before["OPTIONS"].items() if name != "options"}
    connection.settings_dict.update(PORT=port, OPTIONS=options, DISABLE_SERVER_SIDE_CURSORS=True)
    try:
        _wait_until_it_answers(child)
        yield
    finally:
        connections.close_all()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
        child.stop(seconds=2)
        with databases.administration() as cursor:
            cursor.execute(f"DROP ROLE {ROLE}")


def _wait_until_it_answers(child: Child) -> None:
    last = time.monotonic() + 10
    while True:
        try:
            connection.ensure_connection()
        except OperationalError:
            assert child.is_running, child.last_words()
            assert time.monotonic() < last
            time.sleep(0.05)
        else:
            return


def book(slot: Slot, person: Applicant) -> Party:
    return book_online(
        account_id=person.account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key=uuid4().hex,
        now=NOW,
    )


@pytest.mark.usefixtures("pgbouncer")
def test_the_pooler_passes_the_roles_settings_on() -> None:
    with connection.cursor() as cursor:
        shown = {}
        for name in ("statement_timeout", "lock_timeout", "timezone", "plan_cache_mode"):
            cursor.execute(f"SHOW {name}")
            [shown[name]] = cursor.fetchone()
    assert shown == {
        "statement_timeout": "10s",
        "lock_timeout": "3s",
        "timezone": "UTC",
        "plan_cache_mode": "force_generic_plan",
    }


def test_bookings_through_the_pooler_sell_each_place_once(
    pgbouncer: None, run_together: Any
) -> None:
    slot, people = make_open_slot(places=5), [make_person() for _each in range(9)]
    outcomes = run_together(partial(book, slot, person) for person in people)
    assert Counter(type(one).__name__ for one in outcomes) == {"Party": 5, "SlotFull": 4}
    assert Booking.objects.filter(slot=slot).count() == 5
    assert not sum(law.breaches for law in verify(now=NOW))


def test_control_prepared_statements_fail_behind_the_pooler(
    pgbouncer: None, run_together: Any, settings: Any
) -> None:
    """If this fails, the pooler of these tests does not share connections and they prove nothing."""
    settings.DATABASE_POOLED = False
    slot, people = make_open_slot(places=5), [make_person() for _each in range(5)]
    outcomes = run_together(partial(book, slot, person) for person in people)
    assert [one for one in outcomes if isinstance(one, ProgrammingError | OperationalError)]


def test_a_command_with_a_table_of_its_connection_refuses_a_pooler(settings: Any) -> None:
    settings.DATABASE_POOLED, settings.PERSON_KEY_OLD = True, "another"
    with pytest.raises(CommandError, match="DATABASE_POOLED=false"):
        call_command("rotate_person_key")
