"""What docs/operations.md describes, done on a database of its own: `make drill NAME=upgrade`.

Each drill starts an embedded PostgreSQL in `.local/drill`, fills it with an office and applicants, does what the
page says while they book, and deletes its data. It ends with PASS and its figures, or with the first check that
failed. No other drill of this checkout may run at the same time.
"""

import base64
import io
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from devtools.cluster import programs
from devtools.cluster.parts import HOST
from devtools.cluster.programs import NONE, Changes
from devtools.stack import mail_sink, places, state
from devtools.stack.children import Child
from devtools.stack.errors import StackError
from devtools.stack.locks import hold_run_lock
from devtools.stack.postgres import Postgres
from devtools.stack.valkey import Valkey

PEOPLE, PLACES = 80, 200
SENT_WITHIN: Final = 120.0
RELEASED: Final = "deploy/released_migrations.txt"
READ: Final = """
import sys, time
import django
django.setup()
from django.test import Client
for path in sys.argv[1:]:
    started = time.monotonic()
    print(Client(SERVER_NAME="127.0.0.1").get(path).status_code, time.monotonic() - started)
"""
SWITCH: Final = """
from django.contrib.auth import get_user_model
from core import clock
from offices.directory.models import Office
from offices.switch.services import resume_bookings, stop_bookings
by, _created = get_user_model().objects.get_or_create(
    email="drill@example.org", defaults={"full_name": "Drill", "is_superuser": True, "is_staff": True}
)
office = Office.objects.get(code="bench")
"""
STOP: Final = (
    f"{SWITCH}stop_bookings(office_id=office.pk, reason='Pindah server.', by=by, now=clock.now())"
)
RESUME: Final = f"{SWITCH}resume_bookings(office_id=office.pk, by=by, now=clock.now())"
DELIVER: Final = (
    "from core import clock; from notices import services; "
    "print(services.deliver_due(now=clock.now()))"
)
MESSAGES: Final = (
    "from notices.models import Message; rows = Message.objects.filter(channel='email', "
    "suppressed_at__isnull=True); "
    "print(rows.count(), rows.filter(sent_at__isnull=False).count(), "
    "rows.filter(given_up_at__isnull=False).count())"
)
People = list[dict[str, str]]


class Office:
    """An office on a server of its own, with people who can book; remembers who has a ticket."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.people: Iterator[dict[str, str]] = iter(())
        self.confirmed: dict[str, dict[str, str]] = {}

    def fill(self, *, code: Path = state.ROOT) -> None:
        """Make the tables, the office and its applicants."""
        for command in programs.PREPARATION:
            programs.django(self.url, "manage.py", *command, code=code)
        self.people = iter(programs.make_people(self.url, PEOPLE, PLACES, code=code))

    def take(self, count: int) -> People:
        return [next(self.people) for _each in range(count)]

    def book(self, count: int, *, code: Path = state.ROOT, changes: Changes = NONE) -> None:
        """Let the next people book. Raises StackError if one is refused."""
        people = self.take(count)
        confirmed = programs.book(self.url, people, code=code, changes=changes)
        self.confirmed |= {one["applicant"]: one for one in people if one["applicant"] in confirmed}

    def manage(self, *arguments: str, changes: Changes = NONE) -> str:
        return programs.django(self.url, "manage.py", *arguments, changes=changes)

    def shell(self, text: str, changes: Changes = NONE) -> str:
        return self.manage("shell", "-v", "0", "-c", text, changes=changes).strip()

    def check(self, changes: Changes = NONE) -> None:
        """Raise StackError unless exactly the confirmed bookings are there and `verify` is clean."""
        rows = programs.booked(self.url, changes=changes)
        if sorted(rows) != sorted(self.confirmed):
            raise StackError(f"{len(self.confirmed)} bookings confirmed, {len(rows)} in the table.")
        self.manage("verify", changes=changes)


@contextmanager
def server(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL whose data are deleted at the end."""
    password = state.load_secrets(create=True)["database_password"]
    postgres = Postgres(folder, password, is_throw_away=True)
    postgres.start()
    try:
        yield postgres
    finally:
        postgres.stop()
        shutil.rmtree(postgres.cluster, ignore_errors=True)


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """An office with applicants."""
    with server(folder) as postgres:
        one = Office(postgres.url)
        one.fill()
        yield one


def must_fail(action: Callable[[], object], reason: str) -> None:
    """Raise StackError unless the action does: shows that a check of the drill can fail."""
    try:
        action()
    except StackError:
        return
    raise StackError(reason)


# --- The drills ----------------------------------------------------------------------------------
def keys(folder: Path) -> str:
    """Change FIELD_KEYS, SECRET_KEY and PERSON_KEY as the table of the page says."""
    old = state.load_secrets(create=True)
    field = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    with office(folder) as one:
        one.book(4)

        both = {"FIELD_KEYS": f"{field},{old['field_keys']}"}
        started = time.monotonic()
        one.manage("rotate_field_keys", changes=both)
        numbers = time.monotonic() - started
        one.book(2, changes=both)
        new = {"FIELD_KEYS": field}
        # Reads every number with the new key alone.
        one.manage("rotate_field_keys", changes=new)
        must_fail(lambda: one.manage("rotate_field_keys"), "The old key still reads the numbers.")
        one.book(2, changes=new)

        new["SECRET_KEY"] = secrets.token_urlsafe(50)
        must_fail(
            lambda: programs.book(one.url, one.take(1), changes=new),
            "A session of the old key is valid without a fallback.",
        )
        new["SECRET_KEY_FALLBACKS"] = old["secret_key"]
        one.book(2, changes=new)

        new["PERSON_KEY"] = secrets.token_urlsafe(32)
        started = time.monotonic()
        one.manage("rotate_person_key", changes={**new, "PERSON_KEY_OLD": old["person_key"]})
        hashes = time.monotonic() - started
        one.book(2, changes=new)
        # Who has a ticket of the old key gets no second one with the new key.
        again = dict(next(iter(one.confirmed.values())))
        pairs = [pair for pair in again["body"].split("&") if not pair.startswith("key=")]
        again["body"] = "&".join([*pairs, f"key={secrets.token_hex(16)}"])
        must_fail(
            lambda: programs.book(one.url, [again], changes=new), "A person has booked twice."
        )
        one.check(changes=new)
        return (
            f"FIELD_KEYS {numbers:.1f} s, PERSON_KEY {hashes:.1f} s; sessions went on with the old "
            f"SECRET_KEY as a fallback; {len(one.confirmed)} bookings, none lost, none double"
        )


def previous_release(folder: Path) -> tuple[Path, str]:
    """Return the files of the previous release, and its commit."""
    git = ["git", "-C", str(state.ROOT)]
    log = subprocess.check_output([*git, "log", "-1", "--format=%H", "--", RELEASED], text=True)
    if not log.strip():
        raise StackError("This drill needs the history of git.")
    content = subprocess.check_output([*git, "archive", log.strip()])
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        archive.extractall(folder / "previous", filter="data")
    return folder / "previous", log


def migrate_while_booking(one: Office, code: Path) -> tuple[float, int]:
    """Migrate while this code books, one person after the other; return the seconds and the bookings."""
    failures: list[StackError] = []
    ended = threading.Event()
    before = len(one.confirmed)

    def book_with_old_code() -> None:
        try:
            while not ended.is_set():
                one.book(1, code=code)
        except StackError as error:
            failures.append(error)

    booking = threading.Thread(target=book_with_old_code)
    booking.start()
    started = time.monotonic()
    try:
        one.manage("migrate", "--no-input")
        seconds = time.monotonic() - started
    finally:
        ended.set()
        booking.join()
    if failures:
        raise failures[0]
    return seconds, len(one.confirmed) - before


def upgrade(folder: Path) -> str:
    """Upgrade from the previous release while its code books, and go back to it."""
    previous, log = previous_release(folder)
    with server(folder) as postgres:
        one = Office(postgres.url)
        one.fill(code=previous)
        one.book(4, code=previous)

        migrated, during = migrate_while_booking(one, previous)
        one.book(4)
        one.check()

        # Rollback: the code goes back, the tables stay.
        started = time.monotonic()
        one.book(4, code=previous)
        rolled_back = time.monotonic() - started
        one.check()
        one.book(2)
        one.check()
        return (
            f"migrations {migrated:.1f} s while {during} people booked with release {log[:8]}; "
            f"after the rollback its first four bookings within {rolled_back:.1f} s; {len(one.confirmed)} bookings, none lost"
        )


def move(folder: Path) -> str:
    """Move a cluster to another server: stop, backup, restore, verify, open again."""
    dumps = folder / "dumps"
    with office(folder) as one, server(folder / "new") as target:
        one.book(8)
        stopped = time.monotonic()
        one.shell(STOP)
        must_fail(lambda: programs.book(one.url, one.take(1)), "The office still takes bookings.")
        backup = {"BACKUP_DIR": str(dumps)}
        programs.django(one.url, "-m", "devtools.stack.backup", changes=backup)
        [file] = dumps.glob("*.dump")
        moved = Office(target.url)
        moved.people, moved.confirmed = one.people, dict(one.confirmed)
        programs.django(moved.url, "-m", "devtools.stack.restore", str(file), changes=backup)
        moved.shell(RESUME)
        seconds = time.monotonic() - stopped
        moved.book(4)
        moved.check()
        must_fail(lambda: programs.book(one.url, one.take(1)), "The old server takes bookings.")
        return (
            f"{seconds:.1f} s without bookings, of a dump of {file.stat().st_size // 1024} kB; "
            f"{len(moved.confirmed)} bookings, none lost"
        )


def services(folder: Path) -> str:
    """A day without Redis, mail and replica; then Redis and mail come back empty."""
    with office(folder) as one:
        # Nothing of the three answers: their addresses lead nowhere.
        lost = {"REPLICA_URL": f"postgres://{HOST}:1/nobody", "EMAIL_URL": f"smtp://{HOST}:1"}
        one.book(8, changes=lost)
        paths = ("/", "/offices/bench/", "/transparency/")
        answers = [
            line.split()
            for line in programs.django(one.url, "-c", READ, *paths, changes=lost).splitlines()
        ]
        if {code for code, _seconds in answers} != {"200"}:
            raise StackError(f"Pages answered {answers}.")
        slowest = max(float(seconds) for _code, seconds in answers)
        one.manage("release_windows", changes=lost)
        if one.shell(DELIVER, changes=lost) != "0":
            raise StackError("Messages were sent without a mail server.")
        kept, sent, given_up = (int(n) for n in one.shell(MESSAGES).split())
        if kept < len(one.confirmed) or sent or given_up:
            raise StackError(f"Of {kept} messages {sent} are sent and {given_up} given up.")

        back = time.monotonic()
        with background(folder, one.url) as mailbox:
            while int(one.shell(MESSAGES).split()[1]) < kept:
                if time.monotonic() - back > SENT_WITHIN:
                    raise StackError(f"Not every message is sent; logs: {folder}/log")
                time.sleep(1)
            seconds = time.monotonic() - back
            delivered = len(list(mailbox.glob("*.eml")))
        if delivered < kept:
            raise StackError(f"{kept} messages are marked as sent, {delivered} have arrived.")
        one.check()
        return (
            f"{len(one.confirmed)} bookings without Redis, mail and replica, slowest first page "
            f"{slowest:.1f} s; {kept} messages kept, all delivered {seconds:.0f} s after the start "
            "of an empty Redis, the mail server, worker and beat"
        )


@contextmanager
def background(folder: Path, url: str) -> Iterator[Path]:
    """Redis, a mail server, a worker and beat; yields the folder of the messages."""
    mailbox = folder / "mailbox"
    valkey = Valkey(folder)
    valkey.start()
    port = places.free_port()
    sink = mail_sink.start(mailbox, port=port)
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
        "DATABASE_URL": url,
        "REDIS_URL": valkey.url,
        "QUEUE_URL": valkey.url,
        "EMAIL_URL": f"smtp://{HOST}:{port}",
    }
    celery = [sys.executable, "-m", "celery", "-A", "passport_office.celery:app"]
    commands = {
        "worker": [*celery, "worker", "--concurrency", "1", "--without-gossip", "--without-mingle"],
        "beat": [*celery, "beat", "--scheduler", "passport_office.beat:LeasedScheduler"],
    }
    commands["beat"] += ["--pidfile="]
    children = [
        Child.start(name, command, log=folder / "log" / f"{name}.log", env=env, cwd=state.ROOT)
        for name, command in commands.items()
    ]
    try:
        yield mailbox
    finally:
        for child in children:
            child.stop(seconds=15)
        sink.stop()
        valkey.stop()


DRILLS: Final = {"keys": keys, "upgrade": upgrade, "move": move, "services": services}


def main(arguments: list[str]) -> int:
    names = arguments or list(DRILLS)
    if unknown := set(names) - set(DRILLS):
        raise StackError(f"There is no drill {', '.join(unknown)}. Drills: {', '.join(DRILLS)}")
    folder = state.ROOT / ".local" / "drill"
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["DATA_DIR"] = str(folder)
    for name in ("FIELD_KEYS", "SECRET_KEY", "SECRET_KEY_FALLBACKS", "PERSON_KEY", "REPLICA_URL"):
        os.environ.pop(name, None)
    # A signal to this program also stops the servers in order.
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(1))
    with hold_run_lock(folder):
        for name in names:
            started = time.monotonic()
            try:
                figures = DRILLS[name](folder)
            except StackError as error:
                print(f"FAIL {name}: {error}", flush=True)
                return 1
            seconds = time.monotonic() - started
            print(f"PASS {name} ({seconds:.0f} s): {figures}.", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StackError as error:
        sys.exit(str(error))
