"""Moves the demo's clock over a span of time, and does in it what beat and the officers would have done."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings

from core import clock
from core.errors import Busy
from counters.visits.models import UNFINISHED, Visit
from devtools.trial.office_day import OfficeDay
from notices.services import deliver_due
from offices.directory.models import Office
from offices.hours.selectors import working_hours
from offices.outages.uptime import count_as_uptime
from ops import broker
from quotas.places.models import ReleaseWindow

LONGEST: Final = timedelta(days=62)
HOURLY: Final = 3600.0
NIGHT, MORNING, AFTERNOON = time(0, 20), time(6, 20), time(17, 30)
# At an opening: its stamp, its announcement, its lottery.
AT_OPENINGS: Final = (
    "quotas.windows.tasks.open_due_windows",
    "booking.lottery.tasks.hold_due_draws",
)
# This machine's time, or the scene itself.
NOT_REPEATED: Final = (
    "ops.tasks.beat_heartbeat",
    "devtools.tasks.play_requested_scene",
    "accounts.tasks.delete_expired_limits",
    "booking.integrity.tasks.find_churn_signals",
    "notices.tasks.deliver_due_messages",
)
# Prepared for four weeks ahead, it need not be repeated on each night of a journey.
NOT_EVERY_NIGHT: Final = "quotas.windows.tasks.prepare_windows"
EVERY_SO_MANY_DAYS: Final = 4
ROUNDS: Final = 40

Report = Callable[[str], None]


def show(moment: datetime) -> datetime:
    """Move the clock forward to a moment that is minutes away at most, without what lies between."""
    now = clock.move_to(moment)
    broker.write_heartbeat(now)
    return now


def play_through(
    scene: OfficeDay,
    actors: Sequence[Iterator[datetime]],
    *,
    until: datetime,
    is_over: Callable[[], bool] = lambda: False,
) -> None:
    """Play a day from now on. Beat's heartbeat, every few real seconds, would see gaps of an hour in it."""
    scene.now = clock.now()
    count_as_uptime(until=until, now=scene.now)
    scene.run(actors, until=until, is_over=is_over)


def travel(to: datetime) -> datetime:
    """Move the clock forward to a moment. In order of time, on the way:

    offices with people in them serve them and close; the tasks of beat run each night, morning and
    afternoon, and at each opening; due messages are sent.
    """
    to = min(to, clock.now() + LONGEST)
    count_as_uptime(until=to, now=clock.now())
    for office in _offices_with_people():
        _finish_the_day(office, before=to)
    for moment, names in _stops(clock.now(), to):
        show(moment)
        for name in names:
            # A row that a worker or a reader holds is done by beat in a few seconds.
            with suppress(Busy):
                current_app.tasks[name]()
        send_due_messages()
    now = show(to)
    send_due_messages()
    return now


def send_due_messages() -> None:
    """Send what is due now, as beat does every few seconds."""
    for _round in range(ROUNDS):
        if not deliver_due(now=clock.now()):
            return


def _offices_with_people() -> list[Office]:
    ids = Visit.objects.filter(status__in=UNFINISHED).values("office_id")
    return list(Office.objects.filter(pk__in=ids).order_by("pk"))


def _finish_the_day(office: Office, *, before: datetime) -> None:
    """Serve everybody who is still in the office today, and close its counters."""
    day = office.local_day(clock.now())
    if working_hours(office, day) is None:
        return
    scene = OfficeDay(office, day, at=show)
    if before <= scene.closes_at:
        return
    scene.now = clock.now()
    workers = [scene.work(session) for session in scene.sessions()] or scene.open_counters(
        3, every=timedelta()
    )
    until = min(scene.evening(), before)
    play_through(
        scene,
        [scene.arrivals(), *workers],
        until=until,
        is_over=lambda: scene.now > scene.closes_at and not scene.in_hall,
    )
    scene.leave_counters()


def _stops(begin: datetime, to: datetime) -> Iterator[tuple[datetime, tuple[str, ...]]]:
    """Yield the moments to stop at, in order, and the tasks to run at each."""
    schedule = current_app.conf.beat_schedule.values()
    every = {row["task"]: float(row["schedule"]) for row in schedule}
    names = tuple(name for name in every if name not in NOT_REPEATED)
    frequent = tuple(name for name in names if every[name] < HOURLY)
    zone = ZoneInfo(settings.TIME_ZONE)
    day, stops = begin.astimezone(zone).date(), []
    while datetime.combine(day, NIGHT, zone) <= to:
        nightly = tuple(
            name
            for name in names
            if name != NOT_EVERY_NIGHT or day.toordinal() % EVERY_SO_MANY_DAYS == 0
        )
        for hour, tasks in ((NIGHT, nightly), (MORNING, frequent), (AFTERNOON, frequent)):
            stops.append((datetime.combine(day, hour, zone).astimezone(UTC), tasks))
        day += timedelta(days=1)
    opens = ReleaseWindow.objects.filter(
        opens_at__gt=begin, opens_at__lte=to, lane__booked_at="online"
    )
    openings = opens.values_list("opens_at", flat=True).distinct()
    stops += [(moment, AT_OPENINGS) for moment in openings]
    yield from sorted(stop for stop in stops if begin < stop[0] <= to)
