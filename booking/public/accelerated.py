"""Today's accelerated lane on an office's page."""

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from booking.applications.products import accelerated_fee
from offices.day_rules.models import DayRule
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import ACCELERATED, Office, ServiceType
from quotas.calendar.selectors import OPEN, SlotView, day_slots


@dataclass(frozen=True)
class AcceleratedHour:
    """One hour that can be booked today."""

    slot: SlotView
    url: str


@dataclass(frozen=True)
class AcceleratedToday:
    """The accelerated lane today: its terms and the hours that can still be booked."""

    rule: DayRule
    fee: str
    is_over: bool
    left: int
    hours: list[AcceleratedHour]


def accelerated_today(
    office: Office, service: ServiceType | None, now: dt.datetime
) -> AcceleratedToday | None:
    """Return today's accelerated lane for a service that makes a passport, or None without such places."""
    if service is None or not service.makes_passport:
        return None
    today = office.local_day(now)
    slots = day_slots(
        office, day=today, group=service.group, now=now, lane=ACCELERATED, service=service.pk
    )
    if not slots:
        return None
    rule = day_rule_on(office, today)
    is_over = now >= office.at(today, rule.accelerated_until)
    can_book = not is_over and not office.booking_stopped_reason
    ahead = [row for row in slots if can_book and row.status == OPEN and row.ends_at > now]
    query = urlencode({"service_type": service.code})
    return AcceleratedToday(
        rule=rule,
        fee=accelerated_fee(today),
        is_over=is_over,
        left=sum(row.left for row in ahead),
        hours=[
            AcceleratedHour(row, f"{reverse('booking:book', args=[row.id])}?{query}")
            for row in ahead
        ],
    )
