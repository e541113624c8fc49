"""A checkout of this project under measurement: its commands and web server, and the load client."""

import base64
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.client import Answer
from benchmarks.stores import BenchError, Stores
from devtools.stack.children import Child

HERE: Final = Path(__file__).parent
START_SECONDS: Final = 60.0
PHASE_SECONDS: Final = 180.0
# The same for every process of a run; a checkout without stored keys would generate new ones in each.
ENVIRONMENT: Final = {
    "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "PYTHONUNBUFFERED": "1",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "PERSON_KEY": secrets.token_urlsafe(32),
    "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
}
Items = Sequence[Mapping[str, str]]
# The web server that `make run` starts.
WEB_COMMAND: Final = """import json
from devtools.stack.supervisor import web_command
print(json.dumps(web_command({port})))"""


@dataclass(frozen=True)
class Checkout:
    """A folder of the project and the environment of its processes."""

    root: Path
    env: Mapping[str, str]

    @classmethod
    def prepare(cls, root: Path, stores: Stores, folder: str, **more: str) -> "Checkout":
        """The checkout with the benchmark's stores; `folder` is its DATA_DIR."""
        urls = {"DATABASE_URL": stores.database_url, "REDIS_URL": stores.redis_url}
        return cls(root, {**os.environ, **ENVIRONMENT, **urls, "DATA_DIR": folder, **more})

    def run(self, *arguments: str, stdin: str = "") -> str:
        """The output of a Python program of the checkout. Raises BenchError with its last line."""
        texts: Any = {"input": stdin, "capture_output": True, "text": True}
        command, env = [sys.executable, *arguments], dict(self.env)
        done = subprocess.run(command, cwd=self.root, env=env, check=False, **texts)
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            raise BenchError(f"{' '.join(arguments[:2])} failed in {self.root}: {lines[-1]}")
        return done.stdout

    def build_world(self, **options: int) -> dict[str, Any]:
        """Run benchmarks/world.py of this benchmark inside the checkout."""
        arguments = [f"--{name}={value}" for name, value in options.items()]
        output = self.run("-", *arguments, stdin=(HERE / "world.py").read_text())
        return dict(json.loads(output.splitlines()[-1]))

    def verify(self) -> str:
        """What `manage.py verify` reports as broken, or an empty string."""
        try:
            self.run("manage.py", "verify")
        except BenchError as error:
            return str(error)
        return ""

    @contextmanager
    def web_server(self, port: int) -> Iterator[Child]:
        """The web server as `make run` starts it."""
        command = [sys.executable, *json.loads(self.run("-c", WEB_COMMAND.format(port=port)))]
        with background("Web", command, port, env=self.env, cwd=self.root) as server:
            yield server


@contextmanager
def background(
    name: str, command: Sequence[str], port: int, *, env: Mapping[str, str], cwd: Path
) -> Iterator[Child]:
    """A server process that answers on a port of 127.0.0.1; it is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="passport-bench-") as folder:
        server = Child.start(name, command, log=Path(folder) / "log", env=env, cwd=cwd)
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", server)
            yield server
        finally:
            server.stop(seconds=12)


def _wait_for(url: str, server: Child) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.is_running:
        try:
            urllib.request.urlopen(url, timeout=3).close()  # noqa: S310 - our own server
            return
        except urllib.error.HTTPError:
            return  # any answer means that it runs
        except OSError:
            time.sleep(0.1)
    raise BenchError(f"{server.name} does not start: {server.last_words()[:200]}")


@dataclass(frozen=True)
class Phase:
    """The result of one phase of the load client; times are of the monotonic clock."""

    began: float
    ended: float
    client_seconds: float
    answers: list[Answer]

    @property
    def seconds(self) -> float:
        return self.ended - self.began

    @property
    def rate(self) -> float:
        return len(self.answers) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True)
class Load:
    """The load client in a process of its own, one phase at a time."""

    process: "subprocess.Popen[str]"
    headers: str

    def send(self, port: int, method: str, items: Items, clients: int, repeat: int = 1) -> Phase:
        """Send the items, each `repeat` times, and wait for all answers."""
        phase = {"host": "127.0.0.1", "port": port, "headers": self.headers, "method": method}
        phase |= {"items": list(items), "repeat": repeat, "seconds": PHASE_SECONDS}
        phase["clients"] = min(clients, len(items) * repeat)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(phase) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise BenchError("The load client ended early.")
        report = json.loads(line)
        return Phase(**{**report, "answers": [Answer(*row) for row in report["answers"]]})


@contextmanager
def load_client(headers: str) -> Iterator[Load]:
    """Start the load client by its file, so that it imports nothing of the project."""
    command = [sys.executable, "-I", str(HERE / "client.py")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Load(process, headers)
        finally:
            process.terminate()
