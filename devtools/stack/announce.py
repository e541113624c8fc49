"""The output of the terminal once the stack is running."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

JAKARTA = timezone(timedelta(hours=7))
PLACES = (
    ("Try a day", "/demo/"),
    ("Public site", "/"),
    ("Officers", "/admin/"),
    ("API", "/api/docs/"),
    ("Mailbox", "/demo/mailbox/"),
)
# Two officers of a role are enough to try races; a list of fifty would push the addresses off the screen.
SHOWN_OF_A_KIND: Final = 2


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
    print(f"\n  Demo sign-ins (all {len(people)} in {path})")
    shown: Counter[tuple[str, str]] = Counter()
    for person in people:
        kind = _kind(person)
        shown[kind] += 1
        if shown[kind] <= SHOWN_OF_A_KIND:
            named, secret = person.get("email", ""), person.get("password", "")
            print(f"  {kind[0]:<11} {kind[1]:<11} {named:<38} {secret}")


def _kind(person: dict[str, Any]) -> tuple[str, str]:
    return person.get("role", ""), person.get("office") or ""
