"""Subscriptions and the periods that they are due for."""

from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from core.dates import monday_of
from notices.errors import LinkNotValid
from reports.subscriptions.models import ReportDelivery, ReportSubscription

# After the night's rebuild, before the office opens.
SENT_AT: Final = time(6, 30)
ONE_DAY: Final = timedelta(days=1)
Rhythm = ReportSubscription.Rhythm


def subscriptions_of(officer: User) -> QuerySet[ReportSubscription]:
    """Return an officer's running subscriptions, newest first."""
    rows = ReportSubscription.objects.filter(officer=officer, stopped_at__isnull=True)
    return rows.select_related("office")


def delivery_for(number: str, officer: User) -> ReportDelivery:
    """Return a delivery of this officer. Raises LinkNotValid for another's."""
    rows = ReportDelivery.objects.filter(pk=number, subscription__officer=officer)
    delivery = rows.select_related("subscription__office").first()
    if delivery is None:
        raise LinkNotValid
    return delivery


def latest_period(rhythm: str, today: date) -> tuple[date, date]:
    """Return the last whole day, week (Monday to Sunday) or month before a day."""
    if rhythm == Rhythm.DAILY:
        return today - ONE_DAY, today - ONE_DAY
    starts = monday_of(today) if rhythm == Rhythm.WEEKLY else today.replace(day=1)
    last = starts - ONE_DAY
    return (monday_of(last) if rhythm == Rhythm.WEEKLY else last.replace(day=1)), last


def due_period(subscription: ReportSubscription, *, now: datetime) -> tuple[date, date] | None:
    """Return the period that is due now by the office's clock, or None before its first end."""
    office = subscription.office
    today = office.local_day(now)
    if now < office.at(today, SENT_AT):
        today -= ONE_DAY
    first, last = latest_period(subscription.rhythm, today)
    return (first, last) if last >= office.local_day(subscription.started_at) else None
