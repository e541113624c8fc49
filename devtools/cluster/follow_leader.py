"""Called by Patroni when the role of its PostgreSQL changes: leads PgBouncer to the new primary.

follow_leader.py DATABASES_FILE PGBOUNCER_PID_FILE OWN_PORT OTHER_PORT ACTION ROLE CLUSTER

Runs as the user of PostgreSQL, without the project's packages.
"""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

NAME = "passport_office"
LEADERS = ("primary", "master", "promoted")


def main(file: str, pid_file: str, own: str, other: str, role: str) -> None:
    """Write where primary and standby are, and let PgBouncer read it."""
    if role not in LEADERS:
        return
    draft = Path(f"{file}.new")
    draft.write_text(
        f"[databases]\n{NAME} = host=127.0.0.1 port={own}\n"
        f"{NAME}_replica = host=127.0.0.1 port={other} dbname={NAME}\n"
    )
    draft.replace(file)
    with suppress(OSError, ValueError):
        os.kill(int(Path(pid_file).read_text()), signal.SIGHUP)


if __name__ == "__main__":
    main(*[*sys.argv[1:5], sys.argv[6]])
