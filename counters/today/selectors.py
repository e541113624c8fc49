"""Data for the supervisor's page of the day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from booking.bookings.models import Booking
from booking.statuses import WITH_PLACE
from core.formats import hour
from counters.queue.selectors import QueueRow, promise_state, queue_row
from counters.visits.models import (
    IN_SERVICE,
    UNFINISHED,
    CounterSession,
    StageRun,
    Visit,
    VisitEvent,
    VisitStatus,
)
from offices.directory.models import Counter, Office, Stage
from offices.hours.selectors import opening_hours_on
from quotas.places.models import Place

ONLINE = "online"
STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class Day:
    """The counts of an office's day so far."""

    planned: int
    booked: int
    arrived: int
    direct: int
    waiting: int
    serving: int
    done: int
    incomplete: int
    left: int
    expected: int

    @property
    def people(self) -> int:
        return self.done + self.serving + self.waiting + self.expected

    @property
    def sentence(self) -> str:
        return _(
            "Dari %(people)d orang hari ini: %(done)d selesai, %(serving)d sedang dilayani, "
            "%(waiting)d menunggu, %(expected)d belum tiba"
        ) % {
            "people": self.people,
            "done": self.done,
            "serving": self.serving,
            "waiting": self.waiting,
            "expected": self.expected,
        }


@dataclass
class CounterRow:
    """A counter in the supervisor's list."""

    counter: Counter
    session: CounterSession | None = None
    visit: Visit | None = None
    stage: str = ""
    parked: list[Visit] = field(default_factory=list)
    done: int = 0
    state: str = "closed"
    text: str = field(default="")


def figures(office: Office, *, now: datetime) -> Day:
    """Return the counts of places, bookings and visits by status."""
    day = office.local_day(now)
    online = {"slot__office": office, "slot__day": day, "slot__lane": ONLINE}
    counts = (
        Visit.objects.counted()
        .filter(office=office, day=day)
        .aggregate(
            arrived=Count("pk"),
            direct=Count("pk", filter=Q(booking__via=Booking.Via.DESK)),
            waiting=Count("pk", filter=Q(status=VisitStatus.WAITING)),
            serving=Count("pk", filter=Q(status__in=IN_SERVICE)),
            done=Count("pk", filter=Q(status=VisitStatus.FINISHED)),
            incomplete=Count("pk", filter=Q(status=VisitStatus.INCOMPLETE)),
            left=Count("pk", filter=Q(status=VisitStatus.LEFT)),
        )
    )
    return Day(
        planned=Place.objects.offered().filter(**online).count(),
        booked=Booking.objects.filter(status__in=WITH_PLACE, **online).count(),
        expected=Booking.objects.filter(office=office, slot__day=day, status="booked").count(),
        **counts,
    )


def at_risk(office: Office, *, now: datetime) -> list[QueueRow]:
    """Return open visits near or past the two-hour promise, longest first."""
    visits = (
        Visit.objects.filter(office=office, day=office.local_day(now), status__in=UNFINISHED)
        .select_related("ticket", "lane", "office", "booking__slot", "session__counter")
        .order_by("arrived_at")
    )
    return [queue_row(visit, now=now) for visit in visits if promise_state(now - visit.clock_from)]


def out_of_order(office: Office, *, now: datetime) -> list[VisitEvent]:
    """Return today's calls out of order, with officer and reason."""
    return list(
        VisitEvent.objects.filter(
            visit__office=office, visit__day=office.local_day(now), kind="called_out_of_order"
        )
        .select_related("visit__ticket", "session__counter", "by", "listed_reason")
        .order_by("-at")
    )


def left_over(office: Office, *, now: datetime) -> list[Visit]:
    """Return open visits of earlier days."""
    return list(
        Visit.objects.filter(office=office, day__lt=office.local_day(now), status__in=UNFINISHED)
        .select_related("ticket", "office", "session__counter")
        .order_by("arrived_at")
    )


def counter_rows(office: Office, *, now: datetime) -> list[CounterRow]:
    """Return each counter with its officer, current activity and visits finished today."""
    day = office.local_day(now)
    counters = Counter.objects.filter(hall__office=office).select_related("hall")
    rows = {
        counter.pk: CounterRow(counter) for counter in counters.order_by("hall__floor", "number")
    }
    open_now = CounterSession.objects.filter(office=office, closed_at__isnull=True)
    for session in open_now.select_related("officer"):
        rows[session.counter_id].session = session
    held = Visit.objects.filter(office=office, status__in=IN_SERVICE, session__isnull=False)
    for visit in held.select_related("ticket", "session").order_by("parked_at", "pk"):
        assert visit.session is not None  # filtered above
        row = rows[visit.session.counter_id]
        if visit.status == VisitStatus.PARKED:
            row.parked.append(visit)
        else:
            row.visit = visit
    for run in StageRun.objects.filter(visit__office=office, ended_at__isnull=True).select_related(
        "session"
    ):
        rows[run.session.counter_id].stage = str(Stage(run.stage).label)
    done = Visit.objects.filter(office=office, day=day, status=VisitStatus.FINISHED)
    for pk, count in done.values_list("session__counter").annotate(count=Count("pk")):
        if pk in rows:
            rows[pk].done = count
    for row in rows.values():
        _say(row, now=now)
    return list(rows.values())


def _say(row: CounterRow, *, now: datetime) -> None:
    visit = row.visit
    if visit is not None:
        usual = "called" if visit.status == VisitStatus.CALLED else "serving"
        row.state = promise_state(now - visit.clock_from) or usual
        row.text = ", ".join(filter(None, [str(visit.ticket), row.stage.lower()]))
    elif row.session is None:
        row.state, row.text = "closed", _("Tutup")
    elif row.session.paused_at is not None:
        row.state, row.text = "past", _("Jeda")
    else:
        row.state, row.text = "waiting", _("Siap memanggil")
    if row.parked:
        tickets = ", ".join(str(visit.ticket) for visit in row.parked)
        row.text += " · " + _("ditunda: %(tickets)s") % {"tickets": tickets}


def waiting_line(office: Office, *, now: datetime) -> dict[str, Any] | None:
    """Return the number of people waiting every 15 minutes since opening; None on a closed day."""
    day = office.local_day(now)
    hours = opening_hours_on(office, day)
    if hours is None:
        return None
    start, end = office.at(day, hours.opens), office.at(day, hours.closes)
    visits = list(
        Visit.objects.counted()
        .filter(office=office, day=day)
        .values_list("arrived_at", "first_called_at", "ended_at")
    )
    first = min([start, *(visit[0] for visit in visits)])
    points = []
    moment = first
    while moment <= now:
        points.append((_clock_hour(office, moment), _waiting_at(visits, moment)))
        moment += STEP
    last = _waiting_at(visits, now)
    points.append((_clock_hour(office, now), last))
    return {
        "from": int(_clock_hour(office, first)),
        "to": int(max(_clock_hour(office, end), _clock_hour(office, now)) + 0.999),
        "points": points,
        "mark": (_clock_hour(office, now), _("sekarang %(n)d") % {"n": last}),
        "label": _("Orang menunggu sejak buka: sekarang %(n)d, paling banyak %(most)d")
        % {"n": last, "most": max(count for _hour, count in points)},
    }


def _waiting_at(
    visits: Sequence[tuple[datetime, datetime | None, datetime | None]], moment: datetime
) -> int:
    return sum(
        arrived <= moment and not (called and called <= moment) and not (ended and ended <= moment)
        for arrived, called, ended in visits
    )


def _clock_hour(office: Office, moment: datetime) -> float:
    local = moment.astimezone(office.zone)
    return local.hour + local.minute / 60


def by_hour(office: Office, *, now: datetime) -> dict[str, Any] | None:
    """Return chart data: places, bookings, arrivals and finished visits by hour; None without places."""
    day = office.local_day(now)
    online = {"slot__office": office, "slot__day": day, "slot__lane": ONLINE}
    plan = dict(
        Place.objects.offered()
        .filter(**online)
        .values_list("slot__starts_at")
        .annotate(n=Count("pk"))
    )
    if not plan:
        return None
    bookings = Booking.objects.filter(status__in=WITH_PLACE, **online)
    booked = dict(bookings.values_list("slot__starts_at").annotate(n=Count("pk")))
    visits = (
        Visit.objects.counted()
        .filter(office=office, day=day, kind=Visit.Kind.FIRST, booking__slot__lane=ONLINE)
        .values_list("booking__slot__starts_at")
    )
    came = dict(visits.annotate(n=Count("pk")))
    done = dict(visits.filter(status=VisitStatus.FINISHED).annotate(n=Count("pk")))
    starts = sorted(plan)
    return {
        "labels": [hour(start, office) for start in starts],
        "plan": [plan[start] for start in starts],
        "series": [
            {
                "name": _("dipesan"),
                "css": "c3",
                "values": [booked.get(start, 0) for start in starts],
            },
            {"name": _("tiba"), "css": "c2", "values": [came.get(start, 0) for start in starts]},
            {"name": _("selesai"), "css": "c1", "values": [done.get(start, 0) for start in starts]},
        ],
        "label": _(
            "Per jam: kuota %(plan)d tempat, dipesan %(booked)d, tiba %(came)d, selesai %(done)d"
        )
        % {
            "plan": sum(plan.values()),
            "booked": sum(booked.values()),
            "came": sum(came.values()),
            "done": sum(done.values()),
        },
        "width": 520,
        "height": 200,
    }


def hour_rows(chart: dict[str, Any] | None) -> list[list[Any]]:
    """Return the hourly chart as table rows: hour, places, booked, arrived, finished."""
    if chart is None:
        return []
    columns = [chart["labels"], chart["plan"], *(one["values"] for one in chart["series"])]
    return [list(row) for row in zip(*columns, strict=True)]
