"""Reads from a real standby of the test run's PostgreSQL; its replay is paused to make it lag."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory

from core import replica
from devtools.stack import places
from devtools.stack.children import Child
from devtools.stack.postgres import SETTINGS
from devtools.stack.state import ROOT
from tests import servers
from tests.builders import NOW, book_online, make_open_slot, make_person, make_user

pytestmark = [
    pytest.mark.django_db(transaction=True, databases="__all__"),
    pytest.mark.cluster,
]


@pytest.fixture(scope="module")
def standby(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Child]:
    """A standby of the whole test server, started from a base backup."""
    owner = places.server_owner()
    home = places.server_home(ROOT / ".local" / f"test-{servers.suffix()}", owner)
    programs = places.postgres_programs(home, owner)
    folder = home / f"standby-{uuid4().hex[:8]}"
    folder.mkdir(mode=0o700)
    if owner.is_other:
        os.chown(folder, owner.uid, owner.gid)
    url = urlsplit(os.environ["TEST_DATABASE_URL"])
    env = {"PGPASSWORD": str(url.password), "LC_ALL": "C", "PATH": os.environ["PATH"]}
    options: dict[str, Any] = {"cwd": "/", "env": env, **owner.popen_options()}
    source = f"host={url.hostname} port={url.port} user={url.username}"
    copy = [programs / "pg_basebackup", "-d", source, "-D", folder, "-R", "-c", "fast", "-N"]
    subprocess.run([str(word) for word in copy], check=True, capture_output=True, **options)
    port = places.free_port()
    command = [str(programs / "postgres"), "-D", str(folder), "-c", f"port={port}"]
    for setting in (*(f"{name}={value}" for name, value in SETTINGS.items()), "fsync=off"):
        command += ["-c", setting]
    log = tmp_path_factory.mktemp("standby") / "postgres.log"
    child = Child.start("Standby", command, log=log, **options)
    try:
        # As a mirror, because tests create and empty no rows in it.
        as_mirror = {
            "PORT": port,
            "TEST": {**connection.settings_dict["TEST"], "MIRROR": "default"},
        }
        connections.settings[replica.REPLICA] = {**connection.settings_dict, **as_mirror}
        yield child
    finally:
        del connections.settings[replica.REPLICA]
        child.stop(seconds=2)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def lagging(
    standby: Child, transactional_db: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Child]:
    """A running replica that this process knows to be fresh; the bound is a second."""
    settings.DATABASE_ROUTERS = ["core.replica.ReplicaRouter"]
    settings.REPLICA_MAX_LAG = 1.0
    monkeypatch.setattr(replica, "freshness", replica.Freshness())
    monkeypatch.setattr(replica, "MEASURED_EVERY", 0.05)
    monkeypatch.setattr(replica, "AFTER_FAILURE", 0.2)
    connections.settings[replica.REPLICA]["NAME"] = connection.settings_dict["NAME"]
    yield standby
    connections[replica.REPLICA].close()
    del connections[replica.REPLICA]


def wait_until_fresh() -> None:
    last = time.monotonic() + 10
    while not replica.freshness.is_within_bound() or not same_rows():
        assert time.monotonic() < last, "the standby does not follow"
        time.sleep(0.05)


def same_rows() -> bool:
    """True if the standby has replayed everything that this process has written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        [end] = cursor.fetchone()
    with connections[replica.REPLICA].cursor() as cursor:
        cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [end])
        return bool(cursor.fetchone()[0])


def replay(name: str) -> None:
    with connections[replica.REPLICA].cursor() as cursor:
        cursor.execute(f"SELECT pg_wal_replay_{name}()")


def free_places(reader: Client, slot: Any, day: date) -> int:
    """Return the free places that a reader's page of the office's calendar shows for a day."""
    answer = reader.get(
        f"/api/v1/offices/{slot.office.code}/calendar/",
        {"from": day, "to": day, "service_type": "new"},
    )
    [row] = answer.json()["days"]
    return int(row["left"])


def book(client: Client, slot: Any, person: Any) -> None:
    book_online(
        account_id=person.account_id,
        slot_id=slot.pk,
        applicant_ids=[person.pk],
        service_type="new",
        key=uuid4().hex,
        now=NOW,
    )
    # Any form that the person sends marks the browser.
    client.force_login(person.account)
    client.post("/preferences/language/", {"language": "id"})


def test_without_a_replica_nothing_is_marked(client: Client) -> None:
    client.force_login(make_user())
    assert replica.WRITTEN_COOKIE not in client.post("/preferences/language/").cookies


def test_only_the_booker_sees_the_new_number_at_once(lagging: Child, set_clock: Any) -> None:
    set_clock(NOW)
    slot, person = make_open_slot(places=10), make_person()
    wait_until_fresh()
    replay("pause")
    try:
        booker, other = Client(), Client()
        book(booker, slot, person)
        assert replica.WRITTEN_COOKIE in booker.cookies
        assert free_places(booker, slot, slot.day) == 9
        assert free_places(other, slot, slot.day) == 10, "the control: this page was not stale"
        time.sleep(1.1)  # the bound
        assert free_places(other, slot, slot.day) == 9
    finally:
        replay("resume")


def test_only_marked_reads_of_a_get_use_the_replica(lagging: Child, rf: RequestFactory) -> None:
    wait_until_fresh()

    @replica.may_lag
    def marked() -> str:
        return replica.database_for_reads()

    def used(method: str = "get", read: Any = marked, **headers: str) -> str:
        aliases = []

        def view(_request: Any) -> Any:
            aliases.append(read())
            return HttpResponse()

        replica.ReplicaMiddleware(view)(getattr(rf, method)("/", headers=headers))
        return str(aliases[0])

    assert used() == "replica"
    assert used("post") == used(authorization="Token x") == "default"
    assert used(read=replica.database_for_reads) == "default"
    assert used(cookie="written=1") == "default"
    assert marked() == "default"  # a task


def test_a_page_is_read_from_the_primary_when_the_replica_dies(
    lagging: Child, set_clock: Any
) -> None:
    set_clock(NOW)
    slot = make_open_slot(places=10)
    wait_until_fresh()
    with connections[replica.REPLICA].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    os.kill(pid, 15)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)
    assert free_places(Client(), slot, slot.day) == 10
    lagging.stop(seconds=1)
    assert free_places(Client(), slot, slot.day) == 10
    assert not replica.freshness.is_within_bound()
