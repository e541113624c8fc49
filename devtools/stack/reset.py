"""`make reset`: delete the demo's data but keep its keys, so that backups stay readable."""

import shutil
import sys

from devtools.stack import dumps, places, state
from devtools.stack.locks import hold_run_lock

KEPT = {"secrets.json", "run.lock", "lock"}


def reset() -> int:
    """Delete the data of earlier runs. Raises StackError while the stack is running."""
    data_dir = state.data_dir()
    with hold_run_lock(data_dir):
        home = places.server_home(data_dir, places.server_owner())
        shutil.rmtree(home / "postgres", ignore_errors=True)
        for path in data_dir.iterdir():
            if path.name in KEPT or path.name.startswith("test-"):
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    print(
        "Forgotten. `make run` starts anew; the keys stay, so that a backup can still be restored."
    )
    return 0


if __name__ == "__main__":
    sys.exit(dumps.main(reset))
