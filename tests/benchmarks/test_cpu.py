"""Processor time of process trees."""

import subprocess
import sys
import time

from benchmarks.cpu import Meter, parent, process_tree

BUSY = "import time\nlast = time.monotonic() + 0.6\nwhile time.monotonic() < last: pass\n"


def test_the_time_of_children_counts_and_idle_time_does_not():
    shell = subprocess.Popen(["/bin/sh", "-c", f"'{sys.executable}' -c '{BUSY}'; sleep 1"])
    with Meter([shell.pid]) as meter:
        time.sleep(1.2)
        ended = time.monotonic()
    shell.terminate()
    shell.wait()
    assert meter.between(ended - 1.2, ended) > 0.1
    assert meter.between(ended - 0.1, ended) < 0.1


def test_excluded_processes_are_not_counted():
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    with Meter([busy.pid], excluded=[busy.pid]) as meter:
        time.sleep(0.3)
        ended = time.monotonic()
    busy.wait()
    assert meter.between(ended - 0.3, ended) == 0.0


def test_a_process_that_ended_has_no_children_and_no_parent():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert parent(child.pid) == 0
    assert process_tree(child.pid) == {child.pid}
