"""Open outages of an office or counter."""

from datetime import datetime
from typing import Any

from core.formats import hour_zone, local_time
from offices.directory.models import Counter, Office
from offices.outages.models import Outage


def open_outages(office: Office) -> list[Outage]:
    """Return open outages, longest first."""
    rows = Outage.objects.open().filter(office=office)
    return list(
        rows.select_related("device__counter", "counter__hall", "noted_by").order_by("started_at")
    )


def since_text(outage: Outage, office: Office, *, now: datetime) -> str:
    """Return the start of an outage as text: the time, with the day if it is not today."""
    started_at = outage.started_at
    if office.local_day(started_at) == office.local_day(now):
        return hour_zone(started_at, office)
    return local_time(started_at, office)


def concerning(counter: Counter, outages: list[Any]) -> list[Any]:
    """Return the outages that affect a counter: its own and those of shared devices."""
    return [
        row
        for row in outages
        if row.counter_id == counter.pk
        or (row.device is not None and row.device.counter_id in (None, counter.pk))
    ]
