"""Requests one URL with the public host name, for the health check of a container."""

import os
import sys
import urllib.request

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
request = urllib.request.Request(sys.argv[1], headers={"Host": host})  # noqa: S310
with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
    sys.exit(0 if answer.status == 200 else 1)
