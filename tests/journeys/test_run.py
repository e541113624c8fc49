"""`make run` in a folder with a space: killed, restarted, started twice."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

import pytest

from devtools.stack import places, state
from tests.architecture.sources import ROOT
from tests.stacks import Stack, wait_until_gone

pytestmark = pytest.mark.xdist_group("stack")

MOMENT = "2026-07-03T13:58:00+07:00"


def test_the_stack_starts_survives_a_kill_and_stops(office_stack: Stack) -> None:
    stack = office_stack
    if stack.is_running:
        stack.stop()
    stack.start(DEMO_CLOCK=MOMENT)
    checks = stack.wait_until_ready()["checks"]
    assert all(check["ok"] for check in checks.values())
    facts = stack.facts()
    assert set(facts["pids"]) == {"PostgreSQL", "Valkey", "Web", "Worker", "Beat", "Mail sink"}

    # Every process uses the same clock: a command that runs now reads the demo's time.
    result = stack.manage(
        "shell", "-v", "0", "-c", "from core import clock; print(clock.now().isoformat())"
    )
    moment = datetime.fromisoformat(result.stdout.strip().splitlines()[-1])
    began = datetime(2026, 7, 3, 13, 58, tzinfo=timezone(timedelta(hours=7)))
    assert timedelta(0) <= moment - began < timedelta(minutes=5)

    # A second run in the same folder reports the first and does not disturb it.
    second = subprocess.run(
        [sys.executable, "-m", "devtools.stack"],
        cwd=ROOT,
        env={**stack.environment, "PORT": "0" + str(places.free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "already running" in second.stderr
    assert "Traceback" not in second.stderr

    # A killed child is restarted.
    os.kill(facts["pids"]["Worker"], signal.SIGKILL)
    last = time.monotonic() + 30
    while stack.facts()["pids"]["Worker"] == facts["pids"]["Worker"]:
        assert time.monotonic() < last
        time.sleep(0.1)
    assert "Worker ended unexpectedly; starting it again" in stack.output()

    # Everything is killed at once; the next run reports it and starts.
    stack.kill_everything()
    assert stack.manage("migrate").stderr.strip() == state.HOW_TO_START

    stack.start()
    stack.wait_until_ready()
    assert "Removed the lock that a killed PostgreSQL left behind." in stack.output()

    pids = list(stack.facts()["pids"].values())
    assert stack.stop() == 0
    wait_until_gone(pids)
    assert not (stack.folder / "stack.json").exists()
    assert "Traceback" not in stack.output()
