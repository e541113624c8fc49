"""Reports over years of visits: `python -m benchmarks.reports`, in a running demo after `make demo-years`.

Prints median and slowest time, queries, and the ratio to an empty view. Writes the rollups of one day."""

import logging
import os
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

import django

ROUNDS = 7
QUERIES = ("by=day", "by=lane", "by=hour", "format=xlsx", "format=pdf")
PAGES = (
    *((f"/admin/reports/daily-load/?offices=all&{query}", 31) for query in QUERIES),
    ("/admin/reports/daily-load/?offices=all&by=month", 1_090),
    *((f"/admin/reports/{name}/?", 31) for name in ("promises", "evidence", "forecast")),
    *((path, 0) for path in ("/admin/today/?", "/transparency/?")),
)


def measured(name: str, call: Callable[[], Any], reference: float = 0) -> float:
    """Print the times of a call in milliseconds, and its queries; return the median."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    times, queries = [], 0
    for _round in range(ROUNDS):
        with CaptureQueriesContext(connection) as captured:
            began = time.perf_counter()
            call()
            times.append((time.perf_counter() - began) * 1_000)
        queries = len(captured)
    ratio = f"{median(times) / reference:>8,.0f} x" if reference else ""
    print(f"{name:<60}{median(times):>8,.1f} {max(times):>8,.1f} ms {queries:>4} queries{ratio}")
    return median(times)


def main() -> None:
    """Measure pages, files and the rollup of a day."""
    from django.test import Client

    from core import clock
    from offices.directory.models import Office
    from offices.staff.models import Role, StaffRole
    from reports.load.services import rebuild

    logging.disable(logging.WARNING)  # the lines of our own requests
    client, now = Client(HTTP_HOST="127.0.0.1"), clock.now()
    client.force_login(StaffRole.objects.filter(role=Role.NATIONAL)[0].user)
    empty = measured("empty view", partial(client.get, "/healthz"))
    for path, days in PAGES:
        first, last = (now.date() - timedelta(days=ago) for ago in (days, 1))
        url = f"{path}&first={first}&last={last}" if days else path
        measured(path, lambda url=url: b"".join(client.get(url)), empty)  # type: ignore[misc]
    day, office = now.date() - timedelta(days=7), [Office.objects.all()[0]]
    measured("rollup", partial(rebuild, offices=office, first=day, last=day, now=now))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport_office.settings.demo")
    django.setup()
    main()
