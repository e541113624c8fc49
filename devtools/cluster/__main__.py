"""`python -m devtools.cluster start|status|stop|reset|kill PART`."""

import os
import signal
import sys
import time
import urllib.request
from collections.abc import Callable

from devtools.cluster import supervisor
from devtools.cluster.parts import HOST
from devtools.stack import state
from devtools.stack.errors import StackError

STOP_SECONDS = 120


def running() -> dict[str, int]:
    """Return the ids of the processes. Raises StackError if the cluster does not run."""
    content = state._read(supervisor.state_file()) or {}
    pid = int(content.get("pid", 0))
    if not state.is_alive(pid) or state.start_time(pid) != content.get("started"):
        raise StackError("The cluster does not run here. Start it with: make cluster")
    return {"supervisor": pid, **content["pids"]}


def show_status() -> int:
    running()
    url = f"http://{HOST}:{supervisor.ports().status}/text"
    with urllib.request.urlopen(url, timeout=10) as answer:
        print(answer.read().decode())
    return 0


def stop() -> int:
    pid = running()["supervisor"]
    os.kill(pid, signal.SIGTERM)
    last = time.monotonic() + STOP_SECONDS
    while state.is_alive(pid):
        if time.monotonic() > last:
            raise StackError(f"The cluster does not stop. Its supervisor is process {pid}.")
        time.sleep(0.1)
    return 0


def reset() -> int:
    try:
        running()
    except StackError:
        supervisor.forget()
        print("The cluster's data are deleted.")
        return 0
    raise StackError("Stop the cluster first: make cluster-stop")


def kill() -> int:
    pids = running()
    pids.pop("supervisor")
    supervisor.kill(sys.argv[2] if len(sys.argv) > 2 else "", supervisor.folder(), pids)
    return 0


COMMANDS: dict[str, Callable[[], int]] = {
    "start": supervisor.run,
    "status": show_status,
    "stop": stop,
    "reset": reset,
    "kill": kill,
}

if __name__ == "__main__":
    command = sys.argv[1] if len(sys.argv) > 1 else "start"
    if command not in COMMANDS:
        sys.exit(f"{command!r} is none of: {', '.join(COMMANDS)}")
    try:
        sys.exit(COMMANDS[command]())
    except StackError as error:
        sys.exit(str(error))
