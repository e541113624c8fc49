"""What the terminal shows once the office is open."""

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

JAKARTA = timezone(timedelta(hours=7))
PLACES = (
    ("Public site", "/"),
    ("Officers", "/admin/"),
    ("API", "/api/docs/"),
    ("Mailbox", "/demo/mailbox/"),
)


def opened(*, data_dir: Path, port: int, seconds: float, clock_offset: float) -> None:
    """Print the addresses, the demo's time if it was moved, and the demo sign-ins."""
    print(f"\nThe passport office is open (ready after {seconds:.1f} s).\n")
    if clock_offset:
        moment = datetime.now(UTC) + timedelta(seconds=clock_offset)
        print(f"  Demo clock      {moment.astimezone(JAKARTA):%Y-%m-%d %H:%M} WIB")
    for what, path in PLACES:
        print(f"  {what:<15} http://127.0.0.1:{port}{path}")
    print(f"  {'Logs':<15} {data_dir / 'log'}")
    _print_sign_ins(data_dir / "demo-credentials.json")
    print("\nCtrl-C stops everything; the data stays. `make reset` forgets it.", flush=True)


def _print_sign_ins(path: Path) -> None:
    try:
        people = json.loads(path.read_text())
    except (OSError, ValueError):
        return
    print(f"\n  Demo sign-ins (also in {path})")
    for person in people:
        role, office = person.get("role", ""), person.get("office") or ""
        print(
            f"  {role:<11} {office:<11} {person.get('email', ''):<38} {person.get('password', '')}"
        )
