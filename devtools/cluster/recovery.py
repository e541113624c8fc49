"""Restores a lost database to a chosen moment, with Barman, and measures that: `make recovery`.

Starts a PostgreSQL of its own in `.local/recovery`. Barman takes an encrypted base backup and receives the WAL.
People book before and after the chosen moment; then the server is killed and its data are deleted. Two restores
follow: to the chosen moment, and to the end of the WAL that Barman has. Each ends with `verify`.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from devtools.cluster import programs
from devtools.cluster.parts import HOST, Layout, Ports
from devtools.stack import places, state
from devtools.stack.children import Child
from devtools.stack.errors import StackError
from devtools.stack.locks import hold_run_lock
from devtools.stack.postgres import NAME, Postgres

PACKAGES: Final = state.ROOT / ".local" / "barman-packages"
DEBIAN: Final = {"rsync": "rsync", "gpg": "gnupg"}
SERVER: Final = "office"
KEY: Final = "backup@passport-office.example"
PEOPLE: Final = 60
PLACES: Final = 200  # 40 slots of five
WAIT_SECONDS: Final = 60.0


def configuration(layout: Layout, port: int, user: str) -> str:
    """Return Barman's configuration. The password is in a file of its own: process lists show arguments."""
    home = layout.home
    where = f"host={HOST} port={port} user={NAME} passfile={home}/pgpass"
    return f"""[barman]
barman_user = {user}
barman_home = {home}/barman
barman_lock_directory = {home}/barman
log_file = {home}/barman.log
configuration_files_directory = {home}/barman.d

[{SERVER}]
description = Passport offices
conninfo = {where} dbname=postgres
streaming_conninfo = {where}
path_prefix = {layout.programs}
backup_method = postgres
backup_compression = gzip
backup_compression_format = tar
streaming_archiver = on
slot_name = barman
create_slot = auto
encryption = gpg
encryption_key_id = {KEY}
encryption_passphrase_command = cat {home}/passphrase
staging_path = {home}/staging
staging_location = local
minimum_redundancy = 1
# As long as dumps are kept: erased data do not live on in backups (docs/privacy.md).
retention_policy = RECOVERY WINDOW OF 30 DAYS
"""


@dataclass(frozen=True)
class Result:
    """One restore: who has a booking in it, and how long it took until the server answered and was verified."""

    booked: frozenset[str]
    copied: float
    answered: float
    verified: float


class Drill:
    """One drill, in a folder of its own that is deleted at its end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["DATA_DIR"] = str(folder)
        self.password = state.load_secrets(create=True)["database_password"]
        self.layout = Layout(folder, Ports(0), self.password)
        self.postgres = Postgres(folder, self.password)
        self.receiver: Child | None = None

    # --- The office before its loss --------------------------------------------------------------
    def prepare(self) -> list[dict[str, str]]:
        """Start the server, fill it and take the base backup; return people who can book."""
        self.postgres.start()
        for command in programs.PREPARATION:
            programs.django(self.postgres.url, "manage.py", *command)
        people = programs.make_people(self.postgres.url, PEOPLE, PLACES)
        self._configure()
        self._receive()
        self.barman("switch-wal", "--force", "--archive", SERVER)
        self.barman("backup", "--wait", SERVER)
        return people

    def _configure(self) -> None:
        home = self.layout.home
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        for each in (home, *(home / name for name in ("barman", "barman.d", "staging", "gnupg"))):
            each.mkdir(mode=0o700, exist_ok=True)
            self.layout.own(each)
        self.layout.write("pgpass", f"{HOST}:*:*:{NAME}:{self.password}\n")
        self.layout.write("passphrase", state.load_secrets(create=False)["secret_key"])
        user = subprocess.run(
            ["id", "-un", str(self.layout.owner.uid)], capture_output=True, text=True, check=True
        ).stdout.strip()
        self.layout.write("barman.conf", configuration(self.layout, self.postgres.port, user))
        gpg = ["gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase-file"]
        self._own_run([*gpg, str(home / "passphrase"), "--quick-generate-key", KEY])

    def _receive(self) -> None:
        """Start the process that receives the WAL, and wait until the server sends it."""
        options = self._options()
        env = options.pop("env")
        command = self._barman("receive-wal", SERVER)
        log = self.folder / "log" / "receive-wal.log"
        self.receiver = Child.start("receive-wal", command, log=log, env=env, **options)
        query = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
        self._wait_for(self.postgres, query, "1", "Barman does not receive the WAL")

    def lose(self) -> None:
        """Kill the server and delete its data, as a lost machine does."""
        assert self.postgres.child is not None
        os.killpg(self.postgres.child.pid, signal.SIGKILL)
        self.postgres.child.process.wait()
        assert self.receiver is not None
        self.receiver.stop(signal.SIGINT)
        shutil.rmtree(self.postgres.cluster)

    # --- Restore ---------------------------------------------------------------------------------
    def restore(self, moment: datetime | None) -> Result:
        """Restore to a moment, or to the end of the WAL; erase what is past its period, and verify."""
        restored = Postgres(self.folder / "restored", self.password)
        started = time.monotonic()
        restored.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.layout.own(restored.home)
        target = ["--target-time", moment.isoformat(sep=" ")] if moment else []
        target += ["--target-action", "promote"] if moment else []
        self.barman("archive-wal", SERVER)
        self.barman("restore", "--partial-wal", *target, SERVER, "latest", str(restored.cluster))
        copied = time.monotonic() - started
        try:
            restored.start()
            query = "SELECT pg_is_in_recovery()"
            self._wait_for(restored, query, "f", "The restored server does not leave recovery")
            answered = time.monotonic() - started
            programs.django(restored.url, "manage.py", "apply_retention")
            programs.django(restored.url, "manage.py", "verify")
            verified = time.monotonic() - started
            booked = frozenset(programs.booked(restored.url))
        finally:
            restored.stop()
            shutil.rmtree(restored.cluster, ignore_errors=True)
        return Result(booked=booked, copied=copied, answered=answered, verified=verified)

    # --- Programs --------------------------------------------------------------------------------
    def _options(self) -> dict[str, Any]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
        home = self.layout.home
        env = {**kept, "PYTHONPATH": str(PACKAGES), "LC_ALL": "C.UTF-8", "HOME": str(home)}
        env |= {"GNUPGHOME": str(home / "gnupg"), "TZ": "UTC"}
        return {**self.layout.owner.popen_options(), "cwd": "/", "env": env}

    def _barman(self, *arguments: str) -> list[str]:
        file = str(self.layout.home / "barman.conf")
        return [self.layout.python, "-m", "barman.cli", "-q", "-c", file, *arguments]

    def barman(self, *arguments: str) -> None:
        self._own_run(self._barman(*arguments))

    def _own_run(self, command: list[str]) -> None:
        """Run a program as the user of PostgreSQL. Raises StackError with its last words."""
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, **self._options()
        )
        if done.returncode != 0:
            raise StackError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}".strip())

    def query(self, postgres: Postgres, text: str) -> str:
        """Return the one value that the server answers; nothing if it does not answer."""
        where = ["-h", HOST, "-p", str(postgres.port), "-U", NAME, "-d", "postgres"]
        env = {"PATH": os.environ["PATH"], "PGPASSWORD": self.password}
        command = [str(places.client_programs() / "psql"), *where, "-Atc", text]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def _wait_for(self, postgres: Postgres, text: str, wanted: str, otherwise: str) -> None:
        last = time.monotonic() + WAIT_SECONDS
        while self.query(postgres, text) != wanted:
            if time.monotonic() > last:
                raise StackError(f"{otherwise}; logs: {self.folder}/log")
            time.sleep(0.1)

    def end(self) -> None:
        """Stop what runs and delete the data."""
        if self.receiver is not None:
            self.receiver.stop(signal.SIGINT)
        self.postgres.stop()
        if shutil.which("gpgconf"):
            subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False, **self._options())
        for each in (self.layout.home, self.postgres.cluster, self.folder):
            shutil.rmtree(each, ignore_errors=True)


def check_programs() -> None:
    """Raise StackError with the command that installs what is missing."""
    missing = [package for name, package in DEBIAN.items() if shutil.which(name) is None]
    if missing:
        raise StackError(f"The drill needs Debian's packages: apt-get install {' '.join(missing)}")
    if not (PACKAGES / "barman").is_dir():
        raise StackError("Barman is not installed. Start with: make recovery")


def run(folder: Path) -> int:
    """Run the drill and print its figures; 1 if a restore is not what it must be."""
    check_programs()
    drill = Drill(folder)
    try:
        people = drill.prepare()
        say("Base backup taken, encrypted; the WAL is received.")
        half = len(people) // 2
        before = programs.book(drill.postgres.url, people[:half])
        time.sleep(1)
        # The server's clock: the WAL has its times.
        moment = datetime.fromisoformat(drill.query(drill.postgres, "SELECT clock_timestamp()"))
        time.sleep(1)
        after = programs.book(drill.postgres.url, people[half:])
        drill.lose()
        say(f"{len(before)} bookings before {moment:%H:%M:%S} UTC, {len(after)} after it; killed.")
        chosen = drill.restore(moment)
        newest = drill.restore(None)
    finally:
        drill.end()
    return report(before, after, chosen, newest)


def report(
    before: dict[str, float], after: dict[str, float], chosen: Result, newest: Result
) -> int:
    """Print the figures of both restores; return 0 if nothing is lost that must be there."""
    lost, too_new = set(before) - chosen.booked, chosen.booked - set(before)
    confirmed = before | after
    missing = sorted(confirmed[one] for one in set(confirmed) - newest.booked)
    seconds = max(confirmed.values()) - missing[0] if missing else 0.0
    say(f"To the moment: {len(lost)} bookings before it lost, {len(too_new)} after it kept.")
    say(f"To the end (RPO): {len(missing)} of {len(confirmed)} bookings lost, {seconds:.2f} s.")
    for name, one in (("moment", chosen), ("end", newest)):
        say(
            f"RTO to the {name}: files {one.copied:.1f} s, server answers {one.answered:.1f} s, "
            f"verified {one.verified:.1f} s."
        )
    say("verify: clean, twice")
    return int(bool(lost or too_new))


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    folder = state.ROOT / ".local" / "recovery"
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, lambda *_given: sys.exit(1))
    with hold_run_lock(folder):
        return run(folder)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StackError as error:
        sys.exit(str(error))
