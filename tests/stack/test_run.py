"""`make run`, for real: in a folder with a space, killed, started again, asked twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from passport_office.stack import places, state
from tests.architecture.sources import ROOT

MOMENT = "2026-06-05T13:58:00+07:00"


class Stack:
    """One checkout's stack, driven as a person at the terminal would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = places.free_port()
        self.log = folder.parent / "run.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        hidden = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "DEMO_CLOCK")
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        return {
            **kept,
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "PYTHONWARNINGS": "ignore",
        }

    def start(self, **more: str) -> None:
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "passport_office.stack"],
                cwd=ROOT, env={**self.environment, **more}, stdout=file, stderr=file,
            )  # fmt: skip

    def wait_until_ready(self) -> dict[str, Any]:
        last = time.monotonic() + 240
        while time.monotonic() < last and self.process and self.process.poll() is None:
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{self.port}/readyz", timeout=5
                ) as answer:
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                error.close()
            except OSError:
                pass
            time.sleep(0.2)
        raise AssertionError(self.said())

    def facts(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "stack.json").read_text()))

    def said(self) -> str:
        return self.log.read_text()

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path / "data with space")
    yield made
    if made.process and made.process.poll() is None:
        made.stop()
    home = places.server_home(made.folder, places.server_owner())
    if home != made.folder:
        shutil.rmtree(home, ignore_errors=True)


def wait_until_gone(pids: list[int]) -> None:
    last = time.monotonic() + 40
    while any(state.is_alive(pid) for pid in pids):
        assert time.monotonic() < last, "a killed run left processes behind"
        time.sleep(0.1)


def test_the_office_opens_survives_a_kill_and_closes(stack: Stack) -> None:
    stack.start(DEMO_CLOCK=MOMENT)
    checks = stack.wait_until_ready()["checks"]
    assert all(check["ok"] for check in checks.values())
    facts = stack.facts()
    assert set(facts["pids"]) == {"PostgreSQL", "Valkey", "Web", "Worker", "Beat", "Mail sink"}

    # Every process has the one clock: a command that runs now reads the demo's time.
    told = stack.manage(
        "shell", "-v", "0", "-c", "from core import clock; print(clock.now().isoformat())"
    )
    moment = datetime.fromisoformat(told.stdout.strip().splitlines()[-1])
    began = datetime(2026, 6, 5, 13, 58, tzinfo=timezone(timedelta(hours=7)))
    assert timedelta(0) <= moment - began < timedelta(minutes=5)

    # A second run in the same folder says who is there and leaves it alone.
    second = subprocess.run(
        [sys.executable, "-m", "passport_office.stack"],
        cwd=ROOT, env={**stack.environment, "PORT": "0" + str(places.free_port())},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert second.returncode == 1
    assert "already running" in second.stderr
    assert "Traceback" not in second.stderr

    # A dead child is started again.
    os.kill(facts["pids"]["Worker"], signal.SIGKILL)
    last = time.monotonic() + 30
    while stack.facts()["pids"]["Worker"] == facts["pids"]["Worker"]:
        assert time.monotonic() < last
        time.sleep(0.1)
    assert "Worker ended unexpectedly; starting it again" in stack.said()

    # Everything is killed at once; the next run says what it found and opens all the same.
    facts = stack.facts()
    pids = [facts["pid"], *facts["pids"].values()]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert stack.process
    stack.process.wait()
    assert stack.manage("migrate").stderr.strip() == state.HOW_TO_START

    stack.start()
    stack.wait_until_ready()
    assert "Removed the lock that a killed PostgreSQL left behind." in stack.said()

    pids = list(stack.facts()["pids"].values())
    assert stack.stop() == 0
    wait_until_gone(pids)
    assert not (stack.folder / "stack.json").exists()
    assert "Traceback" not in stack.said()
