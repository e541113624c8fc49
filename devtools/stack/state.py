"""The files for other processes: `.local/stack.json` and `.local/secrets.json`."""

import base64
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[2]
# Written when /demo/ moves the clock; `make reset` deletes it with the other data.
CLOCK_FILE = "demo-clock"
HOW_TO_START = "The passport office is not running here. Start it with: make run"

# These commands need no database: they work while the stack is stopped.
WITHOUT_DATABASE = frozenset(
    {
        "",
        "help",
        "version",
        "--help",
        "-h",
        "--version",
        "check",
        "makemigrations",
        "scenario_reference",
        "makemessages",
        "compilemessages",
        "compile_messages",
        "build_sounds",
        "update_messages",
        "collectstatic",
        "run_stack",
        "spectacular",
        "bundle_css",
        "startapp",
        "diffsettings",
        "findstatic",
        "verify_draw",
        "permission_table",
    }
)


def data_dir() -> Path:
    """Return the folder of everything that is not source: DATA_DIR, or `.local` in the checkout."""
    given = os.environ.get("DATA_DIR", "")
    return (Path.cwd() / given).resolve() if given else ROOT / ".local"


def stack_file() -> Path:
    return data_dir() / "stack.json"


def secrets_file() -> Path:
    return data_dir() / "secrets.json"


def read_stack() -> dict[str, Any] | None:
    """Return the running stack's addresses, or None if it is not running."""
    stack = _read(stack_file())
    if not stack or not is_alive(int(stack.get("pid", 0))):
        return None
    # Another process may have this id by now.
    return stack if stack.get("started") == start_time(int(stack["pid"])) else None


def read_left_over() -> dict[str, Any]:
    """Return the file of a run that was killed; empty if it ended in order."""
    return _read(stack_file()) or {}


def is_alive(pid: int) -> bool:
    """True if a process has this id and is no zombie."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def start_time(pid: int) -> str:
    """Return the start time of a process; with its id, it identifies one process for ever."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def write_private(path: Path, content: Mapping[str, Any] | Sequence[Any]) -> None:
    """Write JSON atomically to a file that only its owner can read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    draft.replace(path)


SECRETS: Final = frozenset(
    {"secret_key", "person_key", "field_keys", "database_password", "bank_notice_secret"}
)


def load_secrets(*, create: bool) -> dict[str, str]:
    """Return this checkout's own keys, which the first run generates."""
    kept = _read(secrets_file()) or {}
    if set(kept) >= SECRETS:
        return kept
    made = {
        "secret_key": secrets.token_urlsafe(50),
        "person_key": secrets.token_urlsafe(32),
        "field_keys": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "database_password": secrets.token_urlsafe(24),
        "bank_notice_secret": secrets.token_urlsafe(32),
        **kept,
    }
    if create:
        write_private(secrets_file(), made)
    return made


def explain_missing_database(arguments: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """Return the error text for a command that needs the running stack when there is none."""
    command = arguments[0] if arguments else ""
    if command in WITHOUT_DATABASE or {"--help", "-h"} & set(arguments):
        return None
    is_demo = environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".demo")
    if not is_demo or environ.get("DATABASE_URL") or read_stack():
        return None
    return HOW_TO_START


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
