"""Owners of ready passports are reminded by rule; what nobody collects is cancelled, each with a message."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client

from counters.drive_thru.models import DriveThruStatus
from counters.drive_thru.services import book_hour
from counters.production.models import BookStatus, CollectionRule, PassportBook
from counters.production.selectors import collect_until
from counters.uncollected.selectors import waiting_books
from counters.uncollected.services import remind_and_cancel
from counters.uncollected.tasks import remind_and_cancel_uncollected
from notices.models import Message
from tests.counters.drive_thru.world import open_lane
from tests.counters.world import DAY, World
from tests.outbox import text_of

LAST = date(2026, 12, 26)  # a month after DAY


def after(world: World, days: int, hour: int = 9) -> datetime:
    return world.office.at(DAY + timedelta(days=days), time(hour))


def reminders() -> list[int]:
    rows = Message.objects.filter(kind="passport_waiting").order_by("pk")
    return [row.context["days"] for row in rows]


def test_the_owner_is_reminded_on_the_days_of_the_rule(world: World) -> None:
    world.ready_book()
    for days, sent in ((6, []), (7, [7]), (8, [7]), (14, [7, 14]), (25, [7, 14, 25])):
        remind_and_cancel(world.office, now=after(world, days))
        remind_and_cancel(world.office, now=after(world, days, 16))
        assert reminders() == sent
    text = text_of(Message.objects.filter(kind="passport_waiting").first())
    assert "Sabtu, 26\xa0Desember\xa02026" in text


def test_after_days_without_power_one_reminder_is_sent(world: World) -> None:
    world.ready_book()
    remind_and_cancel(world.office, now=after(world, 15))
    assert reminders() == [14]


def test_nobody_is_reminded_at_night(world: World) -> None:
    world.ready_book()
    remind_and_cancel(world.office, now=after(world, 7, 1))
    assert reminders() == []


def test_a_passport_is_cancelled_after_the_month(world: World) -> None:
    book = world.ready_book()
    remind_and_cancel(world.office, now=world.office.at(LAST, time(23)))
    book.refresh_from_db()
    assert book.status == BookStatus.READY, "the last day counts"
    later = world.office.at(LAST + timedelta(days=1), time(9))
    for _twice in range(2):
        remind_and_cancel(world.office, now=later)
    book.refresh_from_db()
    assert book.status == BookStatus.CANCELLED
    assert book.history.last().by is None
    message = Message.objects.get(kind="passport_cancelled")
    assert "dibatalkan" in text_of(message)


def test_a_month_ends_with_a_shorter_month(world: World) -> None:
    book = PassportBook(office=world.office, ready_at=world.office.at(date(2027, 1, 31), time(9)))
    assert collect_until(book, CollectionRule()) == date(2027, 2, 28)
    assert collect_until(book, CollectionRule(cancelled_after_months=12)) == date(2028, 1, 31)


def test_the_rule_is_data(world: World) -> None:
    CollectionRule.objects.create(
        office=world.office,
        reminder_days=[3],
        cancelled_after_months=2,
        valid_from=DAY,
        instrument="SK uji",
    )
    book = world.ready_book()
    remind_and_cancel(world.office, now=after(world, 3))
    assert reminders() == [3]
    remind_and_cancel(world.office, now=after(world, 40))
    book.refresh_from_db()
    assert book.status == BookStatus.READY


def test_cancelling_frees_the_drive_thru_hour(world: World) -> None:
    open_lane(world)
    book = world.ready_book()
    visit = book_hour(
        book_id=book.pk,
        starts_at=world.at(9, day=DAY + timedelta(days=1)),
        by=book.visit.booking.account,
        now=world.at(15),
    )
    remind_and_cancel(world.office, now=world.office.at(LAST + timedelta(days=1), time(9)))
    visit.refresh_from_db()
    assert (visit.status, visit.hour.taken) == (DriveThruStatus.CANCELLED, 0)


def test_the_list_shows_the_longest_waiting_first(world: World) -> None:
    old, new = world.ready_book(8), world.ready_book(9)
    PassportBook.objects.filter(pk=new.pk).update(ready_at=after(world, 2))
    rows = waiting_books(world.office, now=after(world, 8))
    assert [(row.book, row.days) for row in rows] == [(old, 8), (new, 6)]
    assert (rows[0].until, rows[0].next_reminder) == (LAST, DAY + timedelta(days=14))


@pytest.mark.django_db
def test_the_task_and_the_screen(world: World, set_clock: object) -> None:
    book = world.ready_book()
    set_clock(after(world, 7))
    remind_and_cancel_uncollected()
    assert reminders() == [7]
    client = Client()
    client.force_login(world.pickup)
    page = client.get("/admin/pickup/uncollected/").content.decode()
    assert book.visit.booking.code in page
    assert "7 hari" in page
