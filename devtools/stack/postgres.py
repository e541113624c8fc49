"""The embedded PostgreSQL: one cluster, TCP on 127.0.0.1 only, a random password."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from devtools.stack import places
from devtools.stack.children import Child
from devtools.stack.errors import StackError
from devtools.stack.memory import memory_here, page_cache
from devtools.stack.state import is_alive

NAME = "passport_office"
WAIT_SECONDS = 60
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_lock_waits": "on",
    "log_destination": "stderr",
    # Values of statements are personal data: the log must not have them.
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For tests only: a throw-away cluster need not survive a crash.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
}


@dataclass
class Postgres:
    """A cluster in `data_dir`; `start` creates it if needed and returns when it answers."""

    data_dir: Path
    password: str
    port: int = 0
    is_throw_away: bool = False
    log: Path | None = None
    notes: list[str] = field(default_factory=list)
    child: Child | None = None

    def __post_init__(self) -> None:
        self.owner = places.server_owner()
        self.programs = places.postgres_programs(self.data_dir, self.owner)
        self.home = places.server_home(self.data_dir, self.owner)
        self.cluster = self.home / "postgres"
        self.log = self.log or self.data_dir / "log" / "postgres.log"

    @property
    def url(self) -> str:
        return self.url_of(NAME)

    def url_of(self, database: str) -> str:
        """Return the URL of a database of this cluster."""
        return f"postgres://{NAME}:{quote(self.password)}@127.0.0.1:{self.port}/{database}"

    @property
    def is_new(self) -> bool:
        return not (self.cluster / "PG_VERSION").exists()

    def start(self) -> Child:
        """Start the server; clean up after a killed run. Raises StackError with the reason."""
        if self.is_new:
            self._init()
        self._take_over()
        self.port = places.free_port(self.port)
        last = time.monotonic() + WAIT_SECONDS
        while True:
            self.child = self._spawn()
            if self._wait_until_ready(self.child, last):
                break
            if time.monotonic() > last:
                raise StackError(f"PostgreSQL does not start. Its reason stands in {self.log}")
            time.sleep(0.5)  # backends of a killed server may still use its memory
        self._make_database()
        return self.child

    def restart(self) -> Child:
        """Start again on the same port after the server died."""
        self._take_over()
        self.child = self._spawn()
        return self.child

    def stop(self) -> None:
        """Stop at once (fast shutdown); committed data are kept."""
        if self.child:
            self.child.stop(signal.SIGINT, seconds=30)

    def is_ready(self) -> bool:
        command = [str(self.programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False, **self._options()).returncode == 0

    def _options(self) -> dict[str, Any]:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        environment.update(LC_ALL="C", PGPASSWORD=self.password)
        return {"cwd": "/", "env": environment, **self.owner.popen_options()}

    def _init(self) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)  # an interrupted initdb
        self.cluster.mkdir(mode=0o700)
        password_file = self.cluster.with_name(f".password-{secrets.token_hex(4)}")
        password_file.touch(mode=0o600)
        password_file.write_text(self.password)
        if self.owner.is_other:
            for path in (self.cluster, password_file):
                os.chown(path, self.owner.uid, self.owner.gid)
        try:
            self._run_initdb(password_file)
        finally:
            password_file.unlink(missing_ok=True)

    def _run_initdb(self, password_file: Path) -> None:
        command = [
            str(self.programs / "initdb"),
            "-D",
            str(self.cluster),
            "-U",
            NAME,
            "-A",
            "scram-sha-256",
            f"--pwfile={password_file}",
            "-E",
            "UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            *(["--no-sync"] if self.is_throw_away else []),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, **self._options()
        )
        if done.returncode != 0:
            shutil.rmtree(self.cluster, ignore_errors=True)
            reason = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise StackError(
                f"PostgreSQL cannot make its data folder {self.cluster}: {' '.join(reason)}"
            )

    def _take_over(self) -> None:
        """Stop a server that a killed run left on our data, or remove the lock of a dead one."""
        pid_file = self.cluster / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return
        if not self._is_ours(pid):
            self.notes.append("Removed the lock that a killed PostgreSQL left behind.")
            pid_file.unlink(missing_ok=True)
            return
        self.notes.append("Stopped the PostgreSQL that an earlier run left running.")
        os.kill(pid, signal.SIGINT)
        last = time.monotonic() + WAIT_SECONDS
        while is_alive(pid):
            if time.monotonic() > last:
                raise StackError(
                    f"A PostgreSQL of an earlier run does not stop. End it with: kill -9 {pid}"
                )
            time.sleep(0.05)

    def _is_ours(self, pid: int) -> bool:
        if not is_alive(pid):
            return False
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            return False
        return str(self.cluster) in command

    def _spawn(self) -> Child:
        settings = {
            **SETTINGS,
            "port": str(self.port),
            "shared_buffers": page_cache(memory_here()),
            **(THROW_AWAY if self.is_throw_away else {}),
        }
        command = [str(self.programs / "postgres"), "-D", str(self.cluster)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        options = self._options()
        assert self.log is not None
        return Child.start(
            "PostgreSQL",
            command,
            log=self.log,
            env=options.pop("env"),
            death_signal=signal.SIGINT,
            **options,
        )

    def _wait_until_ready(self, child: Child, last: float) -> bool:
        while child.is_running and time.monotonic() < last:
            if self.is_ready():
                return True
            time.sleep(0.05)
        return False

    def _make_database(self) -> None:
        """Create our database in a new cluster."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", NAME]
        question = f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"  # noqa: S608
        result = subprocess.run(
            [str(self.programs / "psql"), *where, "-d", "postgres", "-Atc", question],
            capture_output=True,
            text=True,
            check=False,
            **self._options(),
        )
        if result.returncode != 0:
            raise StackError(
                f"PostgreSQL refuses this checkout's password ({result.stderr.strip()}). The keys in "
                "secrets.json do not belong to its data. Bring the file back, or forget the data: make reset"
            )
        if result.stdout.strip() != "1":
            command = [str(self.programs / "createdb"), *where, NAME]
            subprocess.run(command, check=True, **self._options())
