"""Health check of a container.

probe.py URL             0 if the URL answers 200 for the site's host name
probe.py FILE SECONDS    0 if the file was changed in the last SECONDS
"""

import os
import sys
import time
import urllib.request
from pathlib import Path


def answers(url: str) -> bool:
    """Request the URL with the first public host name."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
    request = urllib.request.Request(url, headers={"Host": host})  # noqa: S310
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        return bool(answer.status == 200)


def is_recent(file: str, seconds: float) -> bool:
    """Whether the file exists and is at most this old."""
    path = Path(file)
    return path.exists() and time.time() - path.stat().st_mtime <= seconds


if __name__ == "__main__":
    first, *rest = sys.argv[1:]
    is_healthy = answers(first) if first.startswith("http") else is_recent(first, float(rest[0]))
    sys.exit(0 if is_healthy else 1)
