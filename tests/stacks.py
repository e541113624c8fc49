"""The stack of one checkout, operated as in a terminal: started, queried, killed, restarted."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core import clock
from devtools.stack import places, state
from tests.architecture.sources import ROOT

HIDDEN = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE", "DEMO_CLOCK")


def clock_for_processes() -> dict[str, str]:
    """Return the DEMO_CLOCK with which a process shows the tests' time."""
    if not os.environ.get("TEST_CLOCK_OFFSET"):
        return {}
    return {"DEMO_CLOCK": clock.now().isoformat()}


class Stack:
    """`make run` in its own data folder, on a free port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = places.free_port()
        self.log = folder.parent / "run.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key not in HIDDEN}
        return {
            **kept,
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "PYTHONWARNINGS": "ignore",
            **clock_for_processes(),
        }

    # --- starting and stopping --------------------------------------------------------------------
    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, **more: str) -> None:
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "devtools.stack"],
                cwd=ROOT,
                env={**self.environment, **more},
                stdout=file,
                stderr=file,
            )

    def open_at(self, moment: datetime) -> None:
        """Start with the demo's clock at a time, and wait until the office is ready."""
        self.start(DEMO_CLOCK=moment.isoformat())
        self.wait_until_ready()

    def wait_until_ready(self) -> dict[str, Any]:
        last = time.monotonic() + 240
        while time.monotonic() < last and self.is_running:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                    return dict(json.load(answer))
            except urllib.error.HTTPError as error:
                error.close()
            except OSError:
                pass  # nobody listens yet
            time.sleep(0.2)
        raise AssertionError(self.output())

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(how)
        return self.process.wait(timeout=60)

    def remove(self) -> None:
        """Stop if running, and delete everything."""
        if self.is_running:
            self.thaw()
            self.stop()
        home = places.server_home(self.folder, places.server_owner())
        if home != self.folder:
            shutil.rmtree(home, ignore_errors=True)

    # --- breaking ---------------------------------------------------------------------------------
    def freeze(self) -> None:
        """Keep the supervisor from restarting what is killed."""
        os.kill(self.facts()["pid"], signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGCONT)

    def kill(self, name: str) -> None:
        """Kill one program of the stack with all its processes."""
        os.killpg(self.facts()["pids"][name], signal.SIGKILL)

    def kill_everything(self) -> list[int]:
        """Kill every process at once, as a power cut does; return their ids."""
        facts = self.facts()
        pids = [facts["pid"], *facts["pids"].values()]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert self.process
        self.process.wait()
        return pids

    # --- asking -----------------------------------------------------------------------------------
    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def now(self) -> datetime:
        """The time by the clock of this run."""
        return datetime.now(UTC) + timedelta(seconds=self.facts()["clock_offset"])

    def facts(self) -> dict[str, Any]:
        return dict(json.loads((self.folder / "stack.json").read_text()))

    def output(self) -> str:
        return self.log.read_text()

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def page(self, path: str) -> int:
        """Return the status of a page."""
        return self._ask(urllib.request.Request(f"{self.url}{path}"))[0]

    def api(
        self, method: str, path: str, body: Any = None, *, token: str = "", **query: str
    ) -> tuple[int, Any]:
        """Call the API; return the status and the body."""
        address = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        status, text = self._ask(
            urllib.request.Request(address, data=data, headers=headers, method=method)
        )
        return status, json.loads(text) if text else None

    def sign_up(self, email: str) -> str:
        """Register an account by the API; return a token."""
        account = {"email": email, "password": "pagi-hujan-88"}
        status, answer = self.api(
            "POST", "auth/register/", account | {"full_name": "Siti Rahmawati"}
        )
        assert status == 201, answer
        status, answer = self.api("POST", "auth/token/", account)
        assert status == 200, answer
        return str(answer["token"])

    def emails(self, *, kind: str, to: str) -> list[dict[str, str]]:
        """Return the messages of a kind in a user's mailbox."""
        query = urllib.parse.urlencode({"format": "json", "to": to})
        _status, text = self._ask(urllib.request.Request(f"{self.url}/demo/mailbox/?{query}"))
        return [email for email in json.loads(text) if email["kind"] == kind]

    def _ask(self, request: urllib.request.Request) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return int(answer.status), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


def wait_until(is_so: Callable[[], Any], *, seconds: float, what: str) -> None:
    """Poll until a condition is true."""
    last = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < last, f"after {seconds} s: {what}"
        time.sleep(0.2)


def wait_until_gone(pids: list[int]) -> None:
    wait_until(
        lambda: not any(state.is_alive(pid) for pid in pids),
        seconds=40,
        what="a killed run left processes behind",
    )
