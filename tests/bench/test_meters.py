"""Processor time from the kernel's books."""

import subprocess
import sys
import time

from passport_office.bench.meters import Meter, family, parent

BUSY = "import time\nlast = time.monotonic() + 0.6\nwhile time.monotonic() < last: pass\n"


def test_a_busy_process_is_seen_with_its_children_and_an_idle_moment_costs_nothing():
    shell = subprocess.Popen(["/bin/sh", "-c", f"'{sys.executable}' -c '{BUSY}'; sleep 1"])
    with Meter([shell.pid], every=0.02) as meter:
        time.sleep(1.2)
        ended = time.monotonic()
    shell.terminate()
    shell.wait()
    assert meter.between(ended - 1.2, ended) > 0.1
    assert meter.between(ended - 0.1, ended) < 0.1


def test_strangers_in_the_same_tree_are_left_out():
    busy = subprocess.Popen([sys.executable, "-c", BUSY])
    with Meter([busy.pid], strangers=[busy.pid], every=0.02) as meter:
        time.sleep(0.3)
        ended = time.monotonic()
    busy.wait()
    assert meter.between(ended - 0.3, ended) == 0.0


def test_a_process_that_is_gone_has_no_family_and_no_parent():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert parent(child.pid) == 0
    assert family(child.pid) == {child.pid}
