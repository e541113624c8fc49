"""CPU time of process trees."""

import subprocess
import sys
import time

from devtools.stack.processor import Meter, parent, process_tree

BUSY = "import time\nwhile time.process_time() < 0.3: pass\n"


def test_cpu_time_includes_children_but_not_idle_time() -> None:
    commands = f"'{sys.executable}' -c '{BUSY}'; echo done; sleep 5"
    shell = subprocess.Popen(["/bin/sh", "-c", commands], stdout=subprocess.PIPE)
    began = time.monotonic()
    with Meter([shell.pid]) as meter:
        shell.stdout.readline()
        ended = time.monotonic()
        time.sleep(0.5)
    shell.terminate()
    shell.wait()
    shell.stdout.close()
    assert meter.between(began, ended + 0.2) > 0.15
    assert meter.between(ended + 0.2, ended + 0.5) < 0.1


def test_excluded_processes_are_not_counted() -> None:
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    with Meter([busy.pid], excluded=[busy.pid]) as meter:
        time.sleep(0.3)
        ended = time.monotonic()
    busy.wait()
    assert meter.between(ended - 0.3, ended) == 0.0


def test_an_ended_process_has_no_relatives() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert parent(child.pid) == 0
    assert process_tree(child.pid) == {child.pid}
