"""Metrics for monitoring: queue lengths, waiting times, refusals.

Most figures are read from PostgreSQL and Redis on request, so they are right in every process of
the web server. Figures that only a process has (duration of answers, refusals) are counted in
memory, and summed over all processes if PROMETHEUS_MULTIPROC_DIR names a shared folder.
"""

import hmac
import ipaddress
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from core import clock
from core.web import COUNTED
from offices.promises import VISIT_TIME
from ops import broker
from quotas.waiting_room.order import mark_at, watermark
from quotas.waiting_room.selectors import rooms_now

KEEP_SECONDS: Final = 5.0
PREFIX: Final = "passport_office_"
SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS = Histogram(
    "passport_office_request_seconds",
    "How long answers took that no cache gave, by page and kind of answer.",
    ["view", "status"],
    registry=COUNTED,
    buckets=SECONDS,
)
Answer = Callable[[HttpRequest], HttpResponse]
Row = tuple[Any, ...]

UNSENT: Final = """
SELECT count(*), coalesce(extract(epoch FROM %(now)s - min(due_at)), 0) FROM notices_message
 WHERE sent_at IS NULL AND given_up_at IS NULL AND suppressed_at IS NULL AND due_at <= %(now)s
"""
# Of the newest messages, because nothing else orders them: those sent in the last quarter of an hour, and those of
# them that were sent more than a minute after their time.
DELIVERED: Final = """
SELECT count(*), count(*) FILTER (WHERE sent_at > due_at + interval '1 minute')
  FROM (SELECT sent_at, due_at FROM notices_message ORDER BY id DESC LIMIT 2000) newest
 WHERE sent_at > %(now)s - interval '15 minutes' AND sent_at <= %(now)s
"""
# Visits of the last twelve hours that kept or broke the promise of two hours; open ones break it when they are over.
PROMISES: Final = """
SELECT coalesce(sum(kept), 0), coalesce(sum(broken), 0)
  FROM offices_office office CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE status IN ('finished', 'incomplete') AND ended_at <= clock_from + %(visit_time)s) AS kept,
           count(*) FILTER (WHERE coalesce(ended_at, %(now)s) > clock_from + %(visit_time)s) AS broken
      FROM counters_visit
     WHERE office_id = office.id AND day >= %(now)s::date - 1 AND status NOT IN ('undone', 'refused')
       AND clock_from > %(now)s - interval '12 hours' AND clock_from <= %(now)s) visits
"""
LATE_WINDOWS: Final = """
SELECT coalesce(extract(epoch FROM %(now)s - min(opens_at)), 0) FROM quotas_releasewindow
 WHERE announced_at IS NULL AND opens_at <= %(now)s
"""
BOOKINGS: Final = """
SELECT booking.via, booking.status, count(*) FROM booking_booking booking
  JOIN quotas_slot slot ON slot.id = booking.slot_id WHERE slot.day >= %(now)s::date GROUP BY 1, 2 ORDER BY 1, 2
"""
WAITING: Final = """
SELECT (SELECT coalesce(sum(size), 0) FROM booking_waitinglistentry WHERE status = 'waiting'),
       (SELECT count(*) FROM booking_offer WHERE status = 'open'),
       (SELECT greatest(0, coalesce(extract(epoch FROM %(now)s - min(CASE WHEN notified_at IS NULL THEN tell_at ELSE answer_by END)), 0))
          FROM booking_offer WHERE status = 'open')
"""
STOPPED: Final = "SELECT count(*) FROM offices_office WHERE booking_stopped_reason <> ''"
LOCK_WAITS: Final = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(lock.waitstart)), 0) FROM pg_locks lock
  JOIN pg_stat_activity activity USING (pid) WHERE NOT lock.granted AND activity.datname = current_database()
"""
DEADLOCKS: Final = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


class MeasureMiddleware:
    """Measure each answer, under the name of its URL pattern: a URL may contain a code or an id."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        answer = self.get_response(request)
        match = request.resolver_match
        view = match.view_name if match and match.view_name else "unknown"
        kind = f"{answer.status_code // 100}xx"
        REQUESTS.labels(view, kind).observe(time.perf_counter() - began)
        return answer


@require_safe
@never_cache
def show(request: HttpRequest) -> HttpResponse:
    """Return the metrics to requests from this machine, from an allowed network, or with the token; else 404."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(_counted() + _Recent.text(), content_type=CONTENT_TYPE_LATEST)


def _may_read(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    token = settings.METRICS_TOKEN
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    # Behind the proxy every request has the proxy's address.
    if "X-Forwarded-For" in request.headers:
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(net) for net in settings.METRICS_NETWORKS)


def _counted() -> bytes:
    """Return the counts of the web server's processes: of all, or of this one."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(COUNTED)
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
    return generate_latest(everyone)


class _Recent:
    """The state, at most five seconds old: many scrapes cost as much as one."""

    lock = threading.Lock()
    at = float("-inf")
    kept = b""

    @classmethod
    def text(cls) -> bytes:
        with cls.lock:
            if time.monotonic() - cls.at >= KEEP_SECONDS:
                registry = CollectorRegistry()
                registry.register(_State())
                cls.kept, cls.at = generate_latest(registry), time.monotonic()
            return cls.kept


class _State(Collector):
    """The current state of the database and Redis. An unavailable source is reported and has no figures."""

    def collect(self) -> Iterator[Metric]:
        now = clock.now()
        up = GaugeMetricFamily(
            f"{PREFIX}source_up", "1 while the source answers.", labels=["source"]
        )
        for source, read in (("database", _from_database), ("redis", _from_redis)):
            try:
                metrics = list(read(now))
            except (DatabaseError, RedisError, OSError):
                metrics = []
            yield from metrics
            up.add_metric([source], 1 if metrics else 0)
        yield up


def _from_redis(now: datetime) -> Iterable[Metric]:
    waiting, in_hand = broker.queue_lengths()
    yield _gauge("queue_length", "Tasks that wait for a worker.", waiting)
    yield _gauge("tasks_in_hand", "Tasks that a worker has taken and not finished.", in_hand)
    beat = broker.read_heartbeat()
    if beat is not None:
        age = max(0.0, (now - beat).total_seconds())
        yield _gauge(
            "heartbeat_age_seconds", "Since a worker last ran what beat sends every 5 s.", age
        )


def _from_database(now: datetime) -> Iterable[Metric]:
    (unsent, oldest), *_rest = _ask(UNSENT, now)
    yield _gauge("unsent_messages", "Messages that are due and not delivered.", unsent)
    yield _gauge("oldest_unsent_message_seconds", "For how long the oldest of them is due.", oldest)
    delivered, slow = _ask(DELIVERED, now)[0]
    yield _gauge(
        "recent_messages", "Messages sent in the last 15 minutes, of the newest 2,000.", delivered
    )
    yield _gauge(
        "recent_late_messages", "Those of them sent more than a minute after their time.", slow
    )
    kept, broken = _ask(PROMISES, now)[0]
    promises = GaugeMetricFamily(
        f"{PREFIX}recent_visits",
        "Visits of the last 12 hours by the promise of two hours.",
        labels=["promise"],
    )
    promises.add_metric(["kept"], kept)
    promises.add_metric(["broken"], broken)
    yield promises
    late = _ask(LATE_WINDOWS, now)[0][0]
    yield _gauge(
        "late_announcement_seconds", "Since when an open window waits to be announced.", late
    )
    stopped = _ask(STOPPED, now)[0][0]
    yield _gauge("stopped_offices", "Offices that take no new bookings by their switch.", stopped)
    yield from _from_rooms(now)
    people, offers, late = _ask(WAITING, now)[0]
    yield _gauge("waiting_people", "People on the waiting lists.", people)
    yield _gauge("open_offers", "Offers of the waiting lists that are not answered yet.", offers)
    yield _gauge("late_offer_seconds", "Longest delay in sending or ending an offer.", late)
    waits, longest = _ask(LOCK_WAITS, now)[0]
    yield _gauge("lock_waits", "Statements that wait for a lock right now.", waits)
    yield _gauge("lock_wait_longest_seconds", "For how long the first of them has waited.", longest)
    deadlocks = CounterMetricFamily(f"{PREFIX}deadlocks", "Deadlocks that the database resolved.")
    deadlocks.add_metric([], float(_ask(DEADLOCKS, now)[0][0]))
    yield deadlocks
    bookings = GaugeMetricFamily(
        f"{PREFIX}bookings",
        "Bookings for today and later, by how they came about.",
        labels=["via", "status"],
    )
    for via, status, count in _ask(BOOKINGS, now):
        bookings.add_metric([via, status], count)
    yield bookings


def _from_rooms(now: datetime) -> Iterable[Metric]:
    """Sum up the waiting rooms: a label for each window would grow without limit."""
    rooms = [room for room in rooms_now(now=now).values() if not room.has_ended(now)]
    reached = [min(watermark(room, now), room.total) for room in rooms]
    rates = [mark_at(room, now).rate for room in rooms if room.guards(now)]
    yield _gauge("rooms", "Waiting rooms that people may be in.", len(rooms))
    waiting = sum(room.total for room in rooms) - sum(reached)
    yield _gauge("room_waiting", "Tickets that have not been let in.", waiting)
    yield _gauge("room_let_in", "Tickets that have been let in.", sum(reached))
    yield _gauge("room_rate", "People a second whom the doors let in now.", sum(rates))


def _ask(statement: str, now: datetime) -> list[Row]:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"now": now, "visit_time": VISIT_TIME}
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _gauge(name: str, text: str, value: Any) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, text, value=float(value))
