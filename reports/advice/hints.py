"""What the form of a quota says about the coming week."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from core.formats import number
from offices.directory.models import Office
from quotas.capacity.selectors import office_days
from quotas.rules.hints import register_hint
from reports.advice.selectors import expected_demand, next_week
from reports.simulation.days import ONLINE

A_WEEK = timedelta(days=6)


def week_hint(office: Office, lane: str, group: int, now: datetime) -> str | None:
    """Say what the counters can serve a day next week, and the demand of the busiest day."""
    if lane != ONLINE:
        return None
    today = office.local_day(now)
    monday = next_week(today)
    open_days = [row for row in office_days(office, first=monday, last=monday + A_WEEK) if row.cuts]
    if not open_days:
        return None
    capacity = number(min(row.capacity for row in open_days))
    demand = expected_demand(office, monday, monday + A_WEEK, group=group, today=today)
    if not demand:
        return _("Minggu depan loket dapat melayani %(capacity)s orang per hari, semua jalur.") % {
            "capacity": capacity
        }
    return _(
        "Minggu depan loket dapat melayani %(capacity)s orang per hari, semua jalur; prakiraan pemesanan daring pada hari teramai %(demand)s."
    ) % {"capacity": capacity, "demand": number(max(demand.values()))}


register_hint(week_hint)
