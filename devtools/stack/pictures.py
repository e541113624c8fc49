"""`make pictures`: start an office of its own on a Tuesday morning, and take pictures with a browser.

`--measure` measures the public pages on a slow phone instead. The data of `make run` are not
changed.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from devtools.stack import places
from devtools.stack.state import ROOT

MORNING = "2026-11-24T10:10:00+08:00"
READY_SECONDS = 180


def main() -> int:
    """Start the stack, run the command against it, stop the stack. Returns the command's exit status."""
    command = "measure_pages" if "--measure" in sys.argv else "make_pictures"
    with tempfile.TemporaryDirectory(prefix="passport-office-pictures-") as folder:
        port = places.free_port()
        env = {**os.environ, "DATA_DIR": folder, "PORT": str(port), "DEMO_CLOCK": MORNING}
        with Path(folder, "stack.log").open("w") as log:
            stack = subprocess.Popen(
                [sys.executable, "-m", "devtools.stack"],
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            if not _wait_until_ready(port, stack):
                print(Path(folder, "stack.log").read_text())
                return 1
            status = subprocess.call([sys.executable, "manage.py", command], cwd=ROOT, env=env)
            if status:
                _print_tails(Path(folder, "log"))
            return status
        finally:
            stack.send_signal(signal.SIGTERM)
            stack.wait(timeout=60)


def _wait_until_ready(port: int, stack: "subprocess.Popen[bytes]") -> bool:
    ends = time.monotonic() + READY_SECONDS
    while time.monotonic() < ends and stack.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    return False


def _print_tails(logs: Path) -> None:
    """Print the ends of the stack's logs before their folder is deleted."""
    for log in sorted(logs.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()[-15:]
        print(f"--- {log.name}", *lines, sep="\n")


if __name__ == "__main__":
    sys.exit(main())
