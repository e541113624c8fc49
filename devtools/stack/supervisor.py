"""`make run`: start everything, keep it running, stop it in order."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import FrameType

from core.shared_clock import read_offset
from devtools.stack import announce, places, state
from devtools.stack.children import Child, end_left_over
from devtools.stack.errors import StackError
from devtools.stack.locks import hold_run_lock
from devtools.stack.postgres import Postgres
from devtools.stack.valkey import Valkey

DEFAULT_PORT = 8000
WEB_WORKERS = 2
WEB_THREADS = 3
WORKERS = 2
READY_SECONDS = 90
STABLE_SECONDS = 10
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
JAKARTA = timezone(timedelta(hours=7))


class Supervisor:
    """One run of the stack."""

    def __init__(self) -> None:
        self.data_dir = state.data_dir()
        self.port = _wanted_port()
        self.clock_offset = _clock_offset()
        self.children: dict[str, Child] = {}
        self.restarts: dict[str, Callable[[], Child]] = {}
        self.is_late = False
        self.fast_deaths: dict[str, int] = {}
        self.rest_until: dict[str, float] = {}
        self.postgres: Postgres | None = None
        self.valkey: Valkey | None = None
        self.stopping = threading.Event()
        self.began = time.monotonic()
        self.env: dict[str, str] = {}

    def run(self) -> int:
        """Run until Ctrl-C or SIGTERM. Raises StackError if it cannot start."""
        with hold_run_lock(self.data_dir):
            self._end_left_over()
            self._check_port()
            for number in STOP_SIGNALS:
                signal.signal(number, self._on_signal)
            try:
                self._explain_a_kept_clock()
                self._start_servers()
                self._prepare()
                self._start_processes()
                self._watch()
            finally:
                self._stop()
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _explain_a_kept_clock(self) -> None:
        """Data of a later time are kept: DEMO_CLOCK cannot turn the clock back before them."""
        kept = read_offset(self.data_dir / state.CLOCK_FILE, at_least=self.clock_offset)
        if os.environ.get("DEMO_CLOCK") and kept > self.clock_offset:
            print(
                "The demo's clock only moves forward, and these data are of a later time than "
                "DEMO_CLOCK. `make reset` deletes them.",
                flush=True,
            )

    def _end_left_over(self) -> None:
        """Kill the workers of a killed web server; the run lock proves that no other stack uses them."""
        left = state.read_left_over()
        pids = {int(pid) for pid in left.get("pids", {}).values()}
        if pids and end_left_over(pids, mark=f"DATA_DIR={self.data_dir}"):
            print("Ended what a killed run had left running.", flush=True)
            time.sleep(0.2)

    def _check_port(self) -> None:
        if not places.port_is_free(self.port):
            raise StackError(
                f"Port {self.port} is taken by another program. "
                f"Choose another: PORT={self.port + 1} make run"
            )

    # --- the two servers -------------------------------------------------------------------------
    def _start_servers(self) -> None:
        is_first_run = not state.secrets_file().exists()
        keys = state.load_secrets(create=True)
        ports = self._kept_ports()
        self.env = self._environment()
        if not os.environ.get("REDIS_URL"):
            self.valkey = Valkey(self.data_dir, port=ports.get("redis", 0))
            self._keep("Valkey", self.valkey.start, self.valkey.restart)
            self.env["REDIS_URL"] = self.valkey.url
        if not os.environ.get("DATABASE_URL"):
            self.postgres = Postgres(
                self.data_dir, keys["database_password"], port=ports.get("database", 0)
            )
            self._start_postgres(self.postgres, is_first_run=is_first_run)
            self.env["DATABASE_URL"] = self.postgres.url
        self.mail_port = places.free_port(ports.get("mail", 0))
        self.env.setdefault("EMAIL_URL", f"smtp://127.0.0.1:{self.mail_port}")
        self._write_stack()

    def _environment(self) -> dict[str, str]:
        """Return the environment of every child process."""
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
            "DATA_DIR": str(self.data_dir),
            "PORT": str(self.port),
            "PUBLIC_URL": os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{self.port}",
            "DEMO_CLOCK_OFFSET": str(self.clock_offset),
            "PYTHONUNBUFFERED": "1",
            "CELERY_SKIP_CHECKS": "1",  # `make check` and the tests run them; here they would take seconds
        }
        env.pop("DEMO_CLOCK", None)
        return env

    def _start_postgres(self, postgres: Postgres, *, is_first_run: bool) -> None:
        if postgres.home != self.data_dir:
            print(f"PostgreSQL keeps its data in {postgres.home}", flush=True)
            if is_first_run and not postgres.is_new:
                # From a deleted checkout at this path, whose keys are gone too.
                print(
                    "Removed the data there of an earlier checkout, whose keys are gone.",
                    flush=True,
                )
                shutil.rmtree(postgres.cluster)
        if postgres.is_new:
            print("Making the database ...", flush=True)
            (self.data_dir / "prepared.json").unlink(missing_ok=True)
        self._keep("PostgreSQL", postgres.start, postgres.restart)
        for note in postgres.notes:
            print(note, flush=True)

    def _kept_ports(self) -> dict[str, int]:
        try:
            kept = json.loads((self.data_dir / "ports.json").read_text())
        except (OSError, ValueError):
            return {}
        return {str(key): int(value) for key, value in kept.items()}

    def _write_stack(self) -> None:
        ports = {
            "database": self.postgres.port if self.postgres else 0,
            "redis": self.valkey.port if self.valkey else 0,
            "mail": self.mail_port,
        }
        state.write_private(self.data_dir / "ports.json", ports)
        state.write_private(
            state.stack_file(),
            {
                "pid": os.getpid(),
                "started": state.start_time(os.getpid()),
                "port": self.port,
                "url": f"http://127.0.0.1:{self.port}",
                "database_url": self.env["DATABASE_URL"],
                "redis_url": self.env["REDIS_URL"],
                "email_url": self.env["EMAIL_URL"],
                "clock_offset": self.clock_offset,
                "cluster": str(self.postgres.cluster) if self.postgres else None,
                "pids": {name: child.pid for name, child in self.children.items()},
            },
        )

    # --- data ------------------------------------------------------------------------------------
    def _prepare(self) -> None:
        """Migrate and load the demo, unless their sources are unchanged since the last run."""
        marker = self.data_dir / "prepared.json"
        wanted = {"sources": _sources_hash(), "database": self._database_identity()}
        # Without a marker, or with an incomplete one of a killed run: prepare.
        with contextlib.suppress(OSError, ValueError):
            if json.loads(marker.read_text()) == wanted:
                return
        print("Preparing the database and the demo offices ...", flush=True)
        command = [sys.executable, str(state.ROOT / "manage.py"), "prepare_stack"]
        log = self.data_dir / "log" / "prepare.log"
        with log.open("wb") as file:
            done = subprocess.run(
                command, stdout=file, stderr=subprocess.STDOUT, env=self.env, check=False
            )
        if done.returncode != 0:
            lines = log.read_text(errors="replace").strip().splitlines() or ["no word"]
            raise StackError(f"The database could not be prepared: {lines[-1]} (all of it: {log})")
        state.write_private(marker, wanted)

    def _database_identity(self) -> str:
        """Return the identity of the database; that of the embedded one does not depend on its port."""
        name = str(self.postgres.cluster) if self.postgres else self.env["DATABASE_URL"]
        return hashlib.sha256(name.encode()).hexdigest()

    # --- child processes -------------------------------------------------------------------------
    def _start_processes(self) -> None:
        mail = [
            "-m",
            "devtools.stack.mail_sink",
            "--folder",
            str(self.data_dir / "mailbox"),
            "--port",
            str(self.mail_port),
            "--clock-offset",
            str(self.clock_offset),
            "--clock-file",
            str(self.data_dir / state.CLOCK_FILE),
        ]
        celery = ["-m", "celery", "-A", "passport_office.celery:app"]
        worker = [
            *celery,
            "worker",
            "--concurrency",
            str(WORKERS),
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
        beat = [
            *celery,
            "beat",
            "--scheduler",
            "celery.beat:Scheduler",
            "--pidfile=",
            "--loglevel",
            "INFO",
        ]
        for name, arguments in (
            ("Web", web_command(self.port)),
            ("Worker", worker),
            ("Beat", beat),
            ("Mail sink", mail),
        ):
            start = self._starter(name, [sys.executable, *arguments])
            self._keep(name, start, start)
        self._write_stack()

    def _starter(self, name: str, command: list[str]) -> Callable[[], Child]:
        log = self.data_dir / "log" / f"{name.lower().replace(' ', '-')}.log"
        env = {**self.env, "APPLICATION_NAME": f"passport_office {name.lower()}"}
        if name == "Web":
            # Each of its processes counts for itself; /metrics sums the files in this folder.
            env["PROMETHEUS_MULTIPROC_DIR"] = str(self.data_dir / "metrics")
            shutil.rmtree(self.data_dir / "metrics", ignore_errors=True)
        return lambda: Child.start(name, command, log=log, env=env, cwd=state.ROOT)

    def _keep(self, name: str, start: Callable[[], Child], restart: Callable[[], Child]) -> None:
        self.children[name] = start()
        self.restarts[name] = restart

    # --- while it runs ---------------------------------------------------------------------------
    def _watch(self) -> None:
        announced = False
        while not self.stopping.wait(0.2):
            for name, child in list(self.children.items()):
                if not child.is_running:
                    self._revive(name, child)
            if not announced:
                announced = self._announce_when_ready()

    def _revive(self, name: str, child: Child) -> None:
        now = time.monotonic()
        if now < self.rest_until.get(name, 0):
            return
        lived = now - child.started
        deaths = self.fast_deaths.get(name, 0) + 1 if lived < STABLE_SECONDS else 0
        self.fast_deaths[name] = deaths
        print(f"{name} ended unexpectedly; starting it again (its log: {child.log}).", flush=True)
        if deaths >= 2:
            # It crashes repeatedly: wait longer, and print the end of its log.
            self.rest_until[name] = now + min(60, 2**deaths)
            print(f"{name} said: {child.last_words()[:200]}", flush=True)
        child.end_its_own()
        self.children[name] = self.restarts[name]()
        self._write_stack()

    def _announce_when_ready(self) -> bool:
        seconds = time.monotonic() - self.began
        answer = self._ask_readiness()
        if answer == 200:
            announce.opened(
                data_dir=self.data_dir,
                port=self.port,
                seconds=seconds,
                clock_offset=read_offset(
                    self.data_dir / state.CLOCK_FILE, at_least=self.clock_offset
                ),
            )
            return True
        if seconds > READY_SECONDS and not self.is_late:
            self.is_late = True
            print(
                f"Not ready after {READY_SECONDS} s, still waiting. The logs are in {self.data_dir / 'log'}",
                flush=True,
            )
        return False

    def _ask_readiness(self) -> int:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/readyz", timeout=3
            ) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    # --- the end ---------------------------------------------------------------------------------
    def _stop(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if self.children:
            print("\nStopping ...", flush=True)
        ours = [
            self.children[name]
            for name in ("Beat", "Web", "Worker", "Mail sink")
            if name in self.children
        ]
        for child in ours:
            child.ask_to_stop()
        for child in ours:
            child.stop(seconds=12)
        if self.valkey:
            self.valkey.stop()
        if self.postgres:
            self.postgres.stop()
        state.stack_file().unlink(missing_ok=True)
        if self.children:
            print("Stopped. The data is kept.", flush=True)


def web_command(port: int) -> list[str]:
    """Return the Python arguments of the web server; the benchmark uses the same."""
    return [
        "-m",
        "granian",
        "passport_office.wsgi:application",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        str(WEB_WORKERS),
        "--blocking-threads",
        str(WEB_THREADS),
        "--blocking-threads-idle-timeout",
        "600",
        "--http",
        "1",
        "--no-ws",
        "--respawn-failed-workers",
        "--workers-kill-timeout",
        "8",
    ]


def _wanted_port() -> int:
    given = os.environ.get("PORT") or str(DEFAULT_PORT)
    if not given.isdigit() or not 1 <= int(given) <= 65535:
        raise StackError(
            f"PORT must be a number from 1 to 65535, not {given!r}. For example: PORT=8080 make run"
        )
    return int(given)


def _clock_offset() -> float:
    """Return the seconds by which DEMO_CLOCK moves the clock, the same for every process."""
    given = os.environ.get("DEMO_CLOCK", "")
    if not given:
        return 0.0
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise StackError(
            f"DEMO_CLOCK must be a moment such as 2026-06-05T13:58:00+07:00, not {given!r}."
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=JAKARTA)
    return (moment - datetime.now(UTC)).total_seconds()


def _sources_hash() -> str:
    """Return a digest of the sources of tables and demo data: migrations, packages, scenarios, messages."""
    digest = hashlib.sha256()
    for pattern in (
        "*/migrations/*.py",
        "requirements/runtime.txt",
        "scenarios/*.y*ml",
        "locale/*/LC_MESSAGES/*.po",
        "*/management/commands/load_*.py",
    ):
        for path in sorted(state.ROOT.glob(pattern)):
            if not path.relative_to(state.ROOT).parts[0].startswith("."):
                digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def run() -> int:
    """Run the stack; every way it can fail to start is one sentence and exit code 1."""
    try:
        return Supervisor().run()
    except StackError as error:
        print(error, file=sys.stderr)
    except PermissionError as error:
        print(
            f"No permission for {error.filename}. Run as its owner, or set DATA_DIR elsewhere.",
            file=sys.stderr,
        )
    except OSError as error:
        print(
            f"The system refused: {error.strerror} ({error.filename or 'no file'}).",
            file=sys.stderr,
        )
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    return 1
