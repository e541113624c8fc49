"""The metrics and who can read them."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django_redis import get_redis_connection
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from core import clock
from notices.models import Message
from notices.services import queue_message
from ops import broker, metrics
from passport_office.settings import base
from reports.promises.selectors import two_hours
from tests.builders import NOW, fill_slot, make_booking, make_open_slot, make_person, make_user
from tests.quotas.waiting_room.waiting_room_world import (
    OPENS,
    WAITS,
    join,
    make_room_office,
    window_of,
)
from tests.reports.load.stories import DAY, make_day
from tests.reports.promises.test_selectors import a_mixed_day

pytestmark = pytest.mark.django_db
SetClock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _fresh_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(metrics, "KEEP_SECONDS", 0)
    yield
    metrics._Recent.at = float("-inf")


def figures() -> dict[tuple[str, ...], float]:
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    values = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            name = sample.name.removeprefix("passport_office_")
            values[(name, *sample.labels.values())] = sample.value
    return values


def say(now: datetime, key: str = "one") -> None:
    queue_message(
        kind="account_changed",
        dedupe_key=key,
        address="siti@example.org",
        language="id",
        context={"change": "password_set"},
        now=now,
    )


def test_only_this_machine_reads_metrics_by_default(settings: Settings) -> None:
    assert Client().get("/metrics").status_code == 200
    other = Client(REMOTE_ADDR="203.0.113.9")
    assert other.get("/metrics").status_code == 404
    settings.METRICS_NETWORKS = ["203.0.113.0/24"]
    assert other.get("/metrics").status_code == 200


def test_the_proxy_does_not_expose_metrics() -> None:
    assert Client().get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_the_token_gives_access_from_anywhere(settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-long-token"
    far = Client(REMOTE_ADDR="203.0.113.9")
    assert far.get("/metrics", headers={"Authorization": "Bearer a-long-token"}).status_code == 200
    assert far.get("/metrics", headers={"Authorization": "Bearer guessed"}).status_code == 404
    assert far.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_an_empty_token_gives_no_access() -> None:
    far = Client(REMOTE_ADDR="203.0.113.9")
    assert far.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_queue_and_heartbeat_are_read_from_redis() -> None:
    get_redis_connection("redis").rpush(broker.QUEUE_KEY, "one", "two")
    broker.write_heartbeat(clock.now() - timedelta(seconds=30))
    read = figures()
    assert read[("queue_length",)] == 2
    assert 29 < read[("heartbeat_age_seconds",)] < 40


def test_the_measured_queue_is_the_one_tasks_use() -> None:
    from passport_office.celery import app

    app.send_task("ops.tasks.beat_heartbeat")
    assert figures()[("queue_length",)] == 1


def test_the_oldest_unsent_message_is_reported_with_its_age() -> None:
    assert figures()[("oldest_unsent_message_seconds",)] == 0
    now = clock.now()
    say(now - timedelta(minutes=10))
    say(now + timedelta(hours=1), key="not yet due")
    read = figures()
    assert read[("unsent_messages",)] == 1
    assert 590 < read[("oldest_unsent_message_seconds",)] < 660
    Message.objects.update(sent_at=now)
    assert figures()[("oldest_unsent_message_seconds",)] == 0


def test_bookings_are_counted_by_channel(set_clock: SetClock) -> None:
    set_clock(NOW)
    slot = make_open_slot(places=2)
    make_booking(slot)
    assert figures()[("bookings", "booked", "first_come")] == 1


def test_a_refusal_is_counted_by_reason_on_every_channel(set_clock: SetClock) -> None:
    set_clock(NOW)
    slot = make_open_slot(places=1)
    fill_slot(slot)
    account = make_user()
    person = make_person(account)
    before = figures().get(("refusals_total", "full"), 0)
    client = Client()
    client.force_login(account)
    form = {"applicants": [person.pk], "service_type": "new", "key": "k" * 20}
    assert client.post(f"/book/{slot.pk}/", form).status_code == 409
    assert figures()[("refusals_total", "full")] == before + 1


def test_responses_are_measured_by_url_name() -> None:
    Client().get("/healthz")
    read = figures()
    assert read[("request_seconds_count", "2xx", "healthz")] >= 1
    assert not [key for key in read if "/healthz" in key]


def test_waiting_rooms_are_reported_together(
    set_clock: Callable[[datetime], None], settings: Settings
) -> None:
    settings.WAITING_ROOM_RATE = 2.0
    window = window_of(make_room_office())
    set_clock(WAITS)
    for _each in range(30):
        join(window)
    before = figures()
    assert (before["rooms",], before["room_waiting",], before["room_let_in",]) == (1, 30, 0)
    set_clock(OPENS + timedelta(seconds=5))
    after = figures()
    assert after["room_let_in",] == pytest.approx(10, abs=3)
    assert after["room_waiting",] + after["room_let_in",] == pytest.approx(30)
    assert after["room_rate",] == 2


@pytest.mark.django_db(transaction=True)
def test_lock_waits_are_reported() -> None:
    import threading

    from django.db import connections

    account = make_user()
    table = account._meta.db_table

    def wait() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'")  # a loaded machine may take long
            cursor.execute(f"UPDATE {table} SET language = language WHERE id = %s", [account.pk])
        connections.close_all()

    with transaction.atomic():
        type(account).objects.select_for_update(no_key=True).get(pk=account.pk)
        rival = threading.Thread(target=wait)
        rival.start()
        read = figures()
        while not read[("lock_waits",)] and rival.is_alive():
            read = figures()
    rival.join()
    assert read[("lock_waits",)] >= 1


def test_without_redis_the_other_metrics_are_reported(settings: Settings) -> None:
    settings.CACHES = base.caches("redis://127.0.0.1:1/0")
    read = figures()
    assert read[("source_up", "redis")] == 0
    assert read[("source_up", "database")] == 1
    assert ("queue_length",) not in read


def test_no_metric_contains_a_name() -> None:
    slot = make_open_slot(places=1)
    booking = make_booking(slot)
    text = Client().get("/metrics").content.decode()
    assert booking.code not in text
    assert booking.applicant.full_name not in text


def test_messages_that_were_sent_late_are_counted(set_clock: SetClock) -> None:
    set_clock(NOW)
    for key, minutes, sent_at in (
        ("in time", 0, NOW),
        ("late", 5, NOW),
        ("long ago", 30, NOW - timedelta(minutes=20)),
        ("waiting", 5, None),
    ):
        say(NOW - timedelta(minutes=minutes), key)
        Message.objects.filter(dedupe_key=key).update(sent_at=sent_at)
    counted = figures()
    assert (counted["recent_messages",], counted["recent_late_messages",]) == (2, 1)


def test_visits_are_counted_as_the_reports_count_the_promise(set_clock: SetClock) -> None:
    day = make_day()
    a_mixed_day(day)
    set_clock(day.at(12))
    total = two_hours(day.office, DAY, DAY, now=day.at(12)).total
    counted = figures()
    assert counted["recent_visits", "kept"] == total.kept > 0
    assert counted["recent_visits", "broken"] == total.late + total.unserved > 0
