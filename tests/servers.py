"""The real servers of a test run, started before Django reads its settings.

Loaded with `-p tests.servers`. The controlling process starts a throw-away PostgreSQL and Valkey;
parallel workers inherit their addresses. With DATABASE_URL and REDIS_URL set, those are used.
TEST_DB_SUFFIX keeps the runs of several people on one machine apart.
"""

import atexit
import fcntl
import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from core.clock import offset_to
from core.management.commands.compile_messages import compile_catalogue
from devtools.stack.errors import StackError
from devtools.stack.postgres import Postgres
from devtools.stack.state import ROOT
from devtools.stack.valkey import Valkey

PASSWORD = "tests-only"


def suffix() -> str:
    return os.environ.get("TEST_DB_SUFFIX", "") or "main"


def _folder() -> Path:
    """Return a folder for the run's servers that no other concurrent run uses."""
    folder = ROOT / ".local" / f"test-{suffix()}"
    folder.mkdir(parents=True, exist_ok=True)
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return Path(tempfile.mkdtemp(prefix="passport-office-test-"))
    atexit.register(lock.close)
    return folder


def start() -> None:
    """Start the servers that the environment does not name."""
    needs_database = not os.environ.get("DATABASE_URL")
    needs_redis = not os.environ.get("REDIS_URL")
    folder = _folder() if needs_database or needs_redis else None
    if needs_database and folder:
        postgres = Postgres(folder, PASSWORD, is_throw_away=True)
        postgres.start()
        atexit.register(postgres.stop)
        os.environ["TEST_DATABASE_URL"] = postgres.url
    else:
        os.environ["TEST_DATABASE_URL"] = os.environ["DATABASE_URL"]
    if needs_redis and folder:
        valkey = Valkey(folder)
        valkey.start()
        atexit.register(valkey.stop)
        os.environ["TEST_REDIS_URL"] = valkey.url
    else:
        os.environ["TEST_REDIS_URL"] = os.environ["REDIS_URL"]


def move_clock() -> None:
    """Convert TEST_CLOCK, a time with its UTC offset, into the offset that all processes of the run share."""
    given = os.environ.get("TEST_CLOCK")
    if not given:
        return
    try:
        offset = offset_to(datetime.fromisoformat(given))
    except (ValueError, TypeError):  # TypeError if it has no UTC offset
        sys.exit(f"TEST_CLOCK must be a moment such as 2026-12-31T23:58:00+07:00, not {given!r}.")
    os.environ.setdefault("TEST_CLOCK_OFFSET", str(offset))


move_clock()
if "TEST_DATABASE_URL" not in os.environ and "--collect-only" not in sys.argv:
    for source in sorted((ROOT / "locale").glob("*/LC_MESSAGES/*.po")):
        compile_catalogue(source)
    try:
        start()
    except StackError as error:
        sys.exit(str(error))
