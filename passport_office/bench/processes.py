"""The processes of a measured run: Django's commands, the web server, a Redis of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from passport_office.bench.stores import BenchError, Stores
from passport_office.stack import state
from passport_office.stack.children import Child
from passport_office.stack.supervisor import web_command

START_SECONDS: Final = 60.0


def environment(stores: Stores, port: int, **more: str) -> dict[str, str]:
    """Return what every process of the run is started with: its stores, and this checkout's keys."""
    return {
        **os.environ,
        "DATABASE_URL": stores.database_url,
        "REDIS_URL": stores.redis_url,
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
        # A checkout without kept keys makes new ones in every process: ours hold for the whole run.
        "SECRET_KEY": settings.SECRET_KEY,
        "PERSON_KEY": settings.PERSON_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        **more,
    }


def python(arguments: Sequence[str], env: Mapping[str, str], *, given: str = "") -> str:
    """Run a program of ours and return what it wrote. Raises BenchError with its last word."""
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, *arguments],
        cwd=state.ROOT,
        env=dict(env),
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines() or ["no word"]
        raise BenchError(f"{' '.join(arguments[:2])} failed: {words[-1]}")
    return done.stdout


def answer_of(module: str, env: Mapping[str, str], **asked: Any) -> Any:
    """Run a module of ours with JSON in and return the JSON that it writes last."""
    return json.loads(python(["-m", module], env, given=json.dumps(asked)).splitlines()[-1])


def verify(env: Mapping[str, str]) -> str:
    """Return what `verify` finds broken, or nothing."""
    done = subprocess.run(
        [sys.executable, "manage.py", "verify"],
        cwd=state.ROOT, env=dict(env), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip()


@contextmanager
def web_server(env: Mapping[str, str], port: int) -> Iterator[Child]:
    """Start the web server as the stack does, and stop it."""
    log = Path(tempfile.gettempdir()) / f"passport-office-bench-{os.getpid()}.log"
    server = Child.start(
        "Web", [sys.executable, *web_command(port)], log=log, env=env, cwd=state.ROOT
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", server)
        yield server
    finally:
        server.stop(seconds=12)
        log.unlink(missing_ok=True)


def _wait_for(url: str, server: Child) -> None:
    last = time.monotonic() + START_SECONDS
    while time.monotonic() < last and server.is_running:
        try:
            with urllib.request.urlopen(url, timeout=3):  # noqa: S310 - our own server
                return
        except urllib.error.HTTPError:
            return  # it answers, and that is all we ask
        except OSError:
            time.sleep(0.1)
    raise BenchError(f"The web server does not start: {server.last_words()[:200]}")
