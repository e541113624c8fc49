"""Two beats: one sends the tasks, and the other continues when it ends."""

import time
from typing import Any

import pytest
from django_redis import get_redis_connection

from ops import broker
from ops.broker import BeatLease
from passport_office.beat import WITHOUT_LEASE, LeasedScheduler
from passport_office.celery import app

pytestmark = pytest.mark.django_db


@pytest.fixture
def beats() -> Any:
    """Two schedulers of the real schedule, with nothing else in the queue."""
    both = [LeasedScheduler(app=app, lazy=False) for _each in range(2)]
    yield both
    for one in both:
        one.close()
    get_redis_connection("queue").flushdb()


def sent() -> int:
    return broker.queue_lengths()[0]


def tick_all(beat: LeasedScheduler) -> None:
    """Tick until nothing is due at once, as beat does at its start."""
    while beat.tick() == 0:
        pass


def test_the_second_beat_sends_nothing_while_the_first_runs(beats: Any) -> None:
    first, second = beats
    tick_all(first)
    after_first = sent()
    assert after_first >= len(app.conf.beat_schedule)
    assert second.tick() == WITHOUT_LEASE
    assert sent() == after_first


def test_the_second_beat_continues_when_the_first_ends(beats: Any) -> None:
    first, second = beats
    tick_all(first)
    after_first = sent()
    first.close()
    tick_all(second)
    assert sent() >= after_first + len(app.conf.beat_schedule)
    assert first.tick() == WITHOUT_LEASE


def test_a_killed_beat_loses_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "LEASE_SECONDS", 0.2)
    killed, other = BeatLease(), BeatLease()
    assert killed.renew()
    assert killed.renew(), "a lease in force is extended"
    assert not other.renew()
    time.sleep(0.3)
    assert other.renew()
    assert not killed.renew()
    other.release()
    assert killed.renew()
    killed.release()
