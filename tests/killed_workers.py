"""Kills a worker during its work: a separate process on the test's database, ended by SIGKILL."""

import signal
import subprocess
import sys

from django.conf import settings
from django.db import connection

PROGRAM = """
import os, signal
import django
django.setup()
from django.db import connections
connections["default"].settings_dict.update({known})
from datetime import datetime
import {module} as module
left = {lives}
spared = module.{dies_in}
def die(*args, **given):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return spared(*args, **given)
module.{dies_in} = die
module.{work}
"""


def kill_in_the_middle(*, module: str, work: str, dies_in: str, after: int = 0) -> None:
    """Run `module.work` in a process that is killed when it calls `dies_in` after `after` complete calls."""
    names = ("NAME", "HOST", "PORT", "USER", "PASSWORD")
    known = {name: connection.settings_dict[name] for name in names}
    program = PROGRAM.format(module=module, work=work, dies_in=dies_in, lives=after, known=known)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=settings.BASE_DIR,
        check=False,
        capture_output=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr[-600:]
