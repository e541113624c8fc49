"""`make backup` and `make restore FILE=`: dump the whole database to one file, and restore it, verified."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from devtools.stack import places, state
from devtools.stack.errors import StackError
from devtools.stack.locks import hold_run_lock
from devtools.stack.postgres import Postgres

FOLDER = Path(os.environ.get("BACKUP_DIR") or state.ROOT / "backups")
NAME = "passport-office-%Y%m%dT%H%M%SZ"
DRAFT = "restored"
# Backups age out, so that erased data do not live on in them; 0 keeps every file.
KEEP_DAYS = int(os.environ.get("BACKUP_KEEP_DAYS") or 30)


@contextmanager
def database_url() -> Iterator[str]:
    """Yield the database URL: DATABASE_URL, the running stack's, or that of a server started for this."""
    given = os.environ.get("DATABASE_URL", "")
    stack = state.read_stack()
    if given or stack:
        yield given or (stack or {})["database_url"]
        return
    with ExitStack() as stack_of_exits:
        stack_of_exits.enter_context(hold_run_lock(state.data_dir()))
        keys = state.load_secrets(create=True)
        postgres = Postgres(state.data_dir(), keys["database_password"])
        postgres.start()
        stack_of_exits.callback(postgres.stop)
        yield postgres.url


def backup() -> int:
    """Write a dump and print its path."""
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    target = FOLDER / f"{datetime.now(UTC):{NAME}}.dump"
    with database_url() as url:
        draft = target.with_suffix(".part")
        _run("pg_dump", url, "--format=custom", "--compress=6", f"--file={draft}")
        draft.chmod(0o600)
        draft.rename(target)
    deleted = delete_old(target)
    print(f"Backup written: {_short(target)} ({target.stat().st_size // 1024} KB)")
    if deleted:
        print(f"Older than {KEEP_DAYS} days and deleted: {deleted} backups.")
    print(
        "It holds personal data, and is of use only with the keys in secrets.json or the environment."
    )
    return 0


def delete_old(newest: Path) -> int:
    """Delete backups whose name is older than KEEP_DAYS before the newest one; return how many."""
    if KEEP_DAYS <= 0:
        return 0
    made_at = datetime.strptime(newest.stem, NAME).replace(tzinfo=UTC)
    oldest = f"{made_at - timedelta(days=KEEP_DAYS):{NAME}}.dump"
    old = [path for path in FOLDER.glob("passport-office-*.dump") if path.name < oldest]
    for path in old:
        path.unlink()
    return len(old)


def restore(name: str) -> int:
    """Restore a dump into a second database, verify it, and only then replace the present one."""
    if not name:
        raise StackError(
            f"Which file? For example: make restore FILE={_newest() or 'backups/….dump'}"
        )
    source = Path(name)
    if not source.is_file():
        raise StackError(f"There is no file {name}. The newest backup here: {_newest() or 'none'}")
    with database_url() as url:
        live = urlsplit(url).path.lstrip("/")
        draft_name = f"{live}_{DRAFT}"
        draft_url = _with_database(url, draft_name)
        administration = _with_database(url, "postgres")
        _sql(administration, f'DROP DATABASE IF EXISTS "{draft_name}" WITH (FORCE)')
        _sql(administration, f'CREATE DATABASE "{draft_name}" TEMPLATE template0')
        _run(
            "pg_restore", draft_url, "--no-owner", "--no-privileges", "--exit-on-error", str(source)
        )
        _manage(draft_url, "migrate", "--no-input", "--verbosity", "0")
        # Data that were erased after the backup was made are erased again before anybody reads them.
        _manage(draft_url, "apply_retention")
        if not _verified(draft_url):
            raise StackError(
                f"The dump breaks a law (above), so the present data stays. It lies in the database {draft_name}."
            )
        _sql(
            administration,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{live}'",  # noqa: S608
            f'ALTER DATABASE "{live}" RENAME TO "{live}_before"',
            f'ALTER DATABASE "{draft_name}" RENAME TO "{live}"',
            f'DROP DATABASE "{live}_before" WITH (FORCE)',
        )
    (state.data_dir() / "prepared.json").unlink(missing_ok=True)
    print(f"Restored from {name} and verified.")
    return 0


def _newest() -> str:
    dumps = sorted(FOLDER.glob("*.dump"))
    return _short(dumps[-1]) if dumps else ""


def _short(path: Path) -> str:
    return str(path.relative_to(state.ROOT)) if path.is_relative_to(state.ROOT) else str(path)


def _verified(url: str) -> bool:
    return _manage(url, "verify", is_check=True) == 0


def _manage(url: str, *arguments: str, is_check: bool = False) -> int:
    env = {
        "DJANGO_SETTINGS_MODULE": "passport_office.settings.demo",
        **os.environ,
        "DATABASE_URL": url,
    }
    command = [sys.executable, str(state.ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=env, check=False)
    if done.returncode and not is_check:
        raise StackError(
            f"The dump could not be brought up to date ({arguments[0]} failed, above)."
        )
    return done.returncode


def _with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _sql(url: str, *statements: str) -> None:
    arguments = [argument for statement in statements for argument in ("-c", statement)]
    _run("psql", url, "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", *arguments)


def _run(program: str, url: str, *arguments: str) -> None:
    """Run a client program. The password is passed in the environment, because process lists show arguments."""
    parts = urlsplit(url)
    env = {**os.environ, "PGPASSWORD": unquote(parts.password or "")}
    where = [
        f"--host={parts.hostname}",
        f"--port={parts.port or 5432}",
        f"--username={parts.username}",
        f"--dbname={parts.path.lstrip('/')}",
    ]
    done = subprocess.run(
        [str(places.client_programs() / program), *where, *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no word"]
        raise StackError(f"{program} failed: {lines[0]}")


def main(action: Callable[[], int]) -> int:
    """Run an action; a failure is one sentence and exit code 1."""
    try:
        return action()
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
