"""Starting and stopping subscriptions, and queueing the e-mails that are due."""

from datetime import datetime
from typing import Final

from django.db import transaction

from accounts.models import User
from core.db import constraints_as_errors
from offices.directory.models import Office
from offices.permissions import Right, check_right, has_right
from reports.subscriptions.errors import AlreadySubscribed, NoAddress, NotSubscribed
from reports.subscriptions.messages import queue_report_message
from reports.subscriptions.models import ReportDelivery, ReportSubscription
from reports.subscriptions.selectors import due_period

LONGEST_NUMBER: Final = 18


def subscribe(
    *, office: Office, rhythm: str, rows_by: str, by: User, now: datetime
) -> ReportSubscription:
    """Start a subscription of the officer. Raises NotAllowed, NoAddress or AlreadySubscribed."""
    check_right(by, Right.READ_REPORTS, office=office, now=now)
    if not by.email:
        raise NoAddress
    once = {"report_subscription_once": AlreadySubscribed}
    with constraints_as_errors(once), transaction.atomic():
        return ReportSubscription.objects.create(
            officer=by, office=office, rhythm=rhythm, by=rows_by, started_at=now
        )


@transaction.atomic
def stop(*, number: str, by: User, now: datetime) -> None:
    """Stop a subscription of the officer; stopping it twice does no harm. Raises NotSubscribed."""
    rows = (
        ReportSubscription.objects.select_for_update(no_key=True, of=("self",))
        .filter(officer=by)
        .select_related("office")
    )
    is_number = number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER
    subscription = rows.filter(pk=number).first() if is_number else None
    if subscription is None:
        raise NotSubscribed
    check_right(by, Right.READ_REPORTS, office=subscription.office, now=now)
    if subscription.stopped_at is None:
        subscription.stopped_at = now
        subscription.save(update_fields=["stopped_at"])


def queue_due_reports(*, now: datetime) -> int:
    """Queue the e-mail of each subscription whose latest period has none; return their number.

    Officers without the right to the office's reports get none, and none again when they lose it.
    """
    rows = ReportSubscription.objects.filter(stopped_at__isnull=True)
    return sum(_queue(row, now=now) for row in rows.select_related("officer", "office"))


@transaction.atomic
def _queue(subscription: ReportSubscription, *, now: datetime) -> bool:
    period = due_period(subscription, now=now)
    office, officer = subscription.office, subscription.officer
    if period is None or not has_right(officer, Right.READ_REPORTS, office=office, now=now):
        return False
    first, last = period
    delivery, is_new = ReportDelivery.objects.get_or_create(
        subscription=subscription, last=last, defaults={"first": first, "queued_at": now}
    )
    if is_new:
        queue_report_message(delivery, now=now)
    return is_new
