"""What docs/operations.md describes is done on a database of its own (`make test-cluster`; minutes)."""

import os
import subprocess
import sys

import pytest

from devtools.cluster import drills
from devtools.stack.errors import StackError
from tests.architecture.sources import ROOT


def test_an_unknown_drill_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StackError, match=r"no drill upgraed\. Drills: keys, upgrade"):
        drills.main(["upgraed"])


def test_a_check_that_cannot_fail_ends_the_drill() -> None:
    def fails() -> None:
        raise StackError("refused")

    drills.must_fail(fails, "not refused")
    with pytest.raises(StackError, match="not refused"):
        drills.must_fail(lambda: None, "not refused")


def test_the_runbooks_name_every_drill() -> None:
    text = (ROOT / "docs" / "runbooks" / "README.md").read_text()
    assert [name for name in drills.DRILLS if f"`make drill NAME={name}`" not in text] == []


@pytest.mark.slow
@pytest.mark.cluster
@pytest.mark.parametrize("name", drills.DRILLS)
def test_a_drill_passes(name: str) -> None:
    names = ("DATABASE_URL", "REDIS_URL", "QUEUE_URL", "DJANGO_SETTINGS_MODULE", "DATA_DIR")
    env = {key: value for key, value in os.environ.items() if key not in names}
    done = subprocess.run(
        [sys.executable, "-m", "devtools.cluster.drills", name],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"PASS {name}")
