"""Reads of places that were given back: on which terms, and in which hours there are some."""

from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q

from offices.models import Lane, Office
from quotas.decrees import ReturnDecree
from quotas.models import ReturnRule, Slot, is_given_back
from quotas.selectors.decrees import decree_of


def return_terms(office: Office, *, lane: str, day: date) -> ReturnDecree:
    """Return the terms of a service day: the office's own, else its region's, else the nation's, else the defaults."""
    row = return_rule_on(office, lane=lane, day=day)
    if row is None:
        return ReturnDecree(lane=lane, valid_from=day)
    return decree_of(row, ReturnDecree)


def return_rule_on(office: Office, *, lane: str, day: date) -> ReturnRule | None:
    """Return the nearest rule in force on a service day, or None where nothing is ordered."""
    its_region = Q(office=None) & (Q(region=office.region_id) | Q(region=None))
    rows = ReturnRule.objects.in_force(day).filter(Q(office=office) | its_region, lane=lane)
    return min(rows, key=lambda row: (row.office_id is None, row.region_id is None), default=None)


def hours_given_back(office: Office, *, now: datetime) -> Any:
    """Return the online hours to come with `free` places for those who wait, the earliest first.

    That is what rests after it was given back, and what was given back in a window that has closed
    since, which nobody else can take. What is kept for a draw, or not open yet, is none of it.
    """
    free = is_given_back(now, "places__")
    rows: Any = Slot.objects.filter(
        office=office, lane__booked_at=Lane.BookedAt.ONLINE, starts_at__gt=now
    ).annotate(free=Count("places", filter=free))
    rows = rows.filter(free__gt=0).select_related("office", "lane", "group")
    return rows.order_by(F("starts_at"), "pk")
