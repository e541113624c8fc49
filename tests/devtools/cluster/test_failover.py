"""A real failover: needs Debian's etcd, PgBouncer and nginx, and some minutes (`make test-cluster`)."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from devtools.stack import places
from tests.architecture.sources import ROOT


@pytest.fixture
def etcd() -> str:
    """Without it this test is not collected."""
    return str(shutil.which("etcd"))


@pytest.mark.slow
@pytest.mark.usefixtures("etcd")
def test_a_killed_primary_loses_no_confirmed_booking() -> None:
    env = {**os.environ, "CLUSTER_PORT": str(places.free_port())}
    for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        env.pop(name, None)
    command = [sys.executable, "-m", "devtools.cluster.chaos", "1", "PostgreSQL, agent alive"]
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=1_500
    )
    assert done.returncode == 0, done.stdout + done.stderr
    counted = re.search(r"(\d+) bookings confirmed, 0 of them lost, 0 double", done.stdout)
    assert counted, done.stdout
    assert int(counted[1]) > 10, "people booked before and after"
    assert "verify: clean" in done.stdout
