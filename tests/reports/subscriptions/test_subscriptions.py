"""Reports by e-mail: due once a period, with a link that works only for the officer, only for a time."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.errors import NotAllowed
from notices import links
from notices.models import Message
from offices.staff.models import Role, StaffRole
from reports.subscriptions.errors import AlreadySubscribed, NotSubscribed
from reports.subscriptions.messages import REPORT_LINK
from reports.subscriptions.models import ReportDelivery, ReportSubscription
from reports.subscriptions.selectors import latest_period
from reports.subscriptions.services import queue_due_reports, stop, subscribe
from tests.builders import NOW, make_office, make_officer

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=1)


def make_subscription(rhythm: str = "daily") -> ReportSubscription:
    office = make_office()
    officer = make_officer(office, Role.SUPERVISOR)
    return subscribe(office=office, rhythm=rhythm, rows_by="hour", by=officer, now=NOW)


def address(delivery: ReportDelivery, now: Any) -> str:
    token = links.sign(REPORT_LINK, delivery.pk, message_id=None, now=now)
    return reverse("reports:sent", args=[token])


@pytest.mark.parametrize(
    ("rhythm", "first", "last"),
    [
        ("daily", date(2026, 3, 1), date(2026, 3, 1)),
        ("weekly", date(2026, 2, 23), date(2026, 3, 1)),
        ("monthly", date(2026, 2, 1), date(2026, 2, 28)),
    ],
)
def test_the_last_whole_period_is_due(rhythm: str, first: date, last: date) -> None:
    assert latest_period(rhythm, date(2026, 3, 2)) == (first, last)


def test_a_report_is_sent_once_a_period() -> None:
    made = make_subscription()
    assert queue_due_reports(now=NOW) == 0, "yesterday was before the subscription"
    tomorrow = NOW + DAYS
    assert (queue_due_reports(now=tomorrow), queue_due_reports(now=tomorrow)) == (1, 0)
    delivery = ReportDelivery.objects.get()
    assert delivery.last == made.office.local_day(NOW)
    message = Message.objects.get(kind="report")
    assert message.address == made.officer.email
    assert "served" not in str(message.context)


def test_the_link_opens_the_period_for_its_officer_only(client: Client, set_clock: Any) -> None:
    made = make_subscription()
    now = NOW + DAYS
    queue_due_reports(now=now)
    delivery = ReportDelivery.objects.get()
    link = address(delivery, now)
    set_clock(now)
    assert client.get(link).headers["Location"].startswith(reverse("account_login"))
    client.force_login(make_officer(made.office, Role.SUPERVISOR))
    assert client.get(link).headers["Location"] == reverse("reports:daily_load")
    client.force_login(made.officer)
    target = client.get(link).headers["Location"]
    assert f"last={delivery.last.isoformat()}" in target
    assert client.get(target).status_code == 200
    set_clock(now + 15 * DAYS)
    assert client.get(link).headers["Location"] == reverse("reports:daily_load")


def test_who_lost_the_right_gets_no_report_and_opens_none(client: Client, set_clock: Any) -> None:
    made = make_subscription()
    now = NOW + DAYS
    queue_due_reports(now=now)
    link = address(ReportDelivery.objects.get(), now)
    StaffRole.objects.filter(user=made.officer).update(valid_until=made.office.local_day(now))
    later = now + DAYS
    assert queue_due_reports(now=later) == 0
    set_clock(later)
    client.force_login(made.officer)
    assert client.get(link).status_code == 403


def test_a_stopped_report_is_not_sent() -> None:
    made = make_subscription()
    stop(number=str(made.pk), by=made.officer, now=NOW)
    assert queue_due_reports(now=NOW + DAYS) == 0


def test_subscriptions_are_the_officers_own() -> None:
    made = make_subscription()
    other = make_officer(made.office, Role.SUPERVISOR)
    for number in (str(made.pk), "x", "9" * 30):
        with pytest.raises(NotSubscribed):
            stop(number=number, by=other, now=NOW)
    with pytest.raises(AlreadySubscribed):
        subscribe(office=made.office, rhythm="daily", rows_by="hour", by=made.officer, now=NOW)
    with pytest.raises(NotAllowed):
        subscribe(office=make_office(), rhythm="daily", rows_by="day", by=made.officer, now=NOW)


def test_the_screen_starts_and_stops(client: Client) -> None:
    office = make_office()
    client.force_login(make_officer(office, Role.SUPERVISOR))
    page = reverse("reports:subscriptions")
    assert client.post(page, {"rhythm": "weekly", "by": "day"}).status_code == 302
    made = ReportSubscription.objects.get()
    assert "setiap Senin" in client.get(page).content.decode()
    assert client.post(page, {"stop": made.pk}).status_code == 302
    made.refresh_from_db()
    assert made.stopped_at is not None
    assert client.post(page, {"rhythm": "yearly", "by": "day"}).status_code == 200
