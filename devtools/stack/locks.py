"""The lock of a data folder: one run of the stack at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devtools.stack import state
from devtools.stack.errors import StackError


@contextmanager
def hold_run_lock(data_dir: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel frees it at exit. Raises StackError if it is held."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "run.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            running = state.read_stack() or {}
            where = f" at {running['url']} (process {running['pid']})" if running else ""
            raise StackError(
                f"The passport office of this folder is already running{where}. "
                "Stop it with Ctrl-C in its terminal, or use that one."
            ) from None
        yield
