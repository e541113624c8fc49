"""Data for the supervisor's page of the day."""

from collections import Counter as Tally
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.formats import hour
from counters.queue.selectors import QueueRow, promise_state, queue_row
from counters.today.facts import DayFacts
from counters.visits.models import (
    IN_SERVICE,
    CounterSession,
    Visit,
    VisitEvent,
    VisitStatus,
)
from offices.directory.models import Counter, Office, Stage

STEP = timedelta(minutes=15)


@dataclass(frozen=True)
class Day:
    """The counts of an office's day, or of one hall of it, so far; what they mean: `visits.counting`."""

    name: str = ""
    planned: int = 0
    booked: int = 0
    arrived: int = 0
    direct: int = 0
    waiting: int = 0
    serving: int = 0
    served: int = 0
    expected: int = 0
    open_counters: int = 0
    staffed: int = 0

    @property
    def people(self) -> int:
        return self.served + self.serving + self.waiting + self.expected

    @property
    def sentence(self) -> str:
        return _(
            "Dari %(people)d orang hari ini: %(done)d selesai, %(serving)d sedang dilayani, "
            "%(waiting)d menunggu, %(expected)d belum tiba"
        ) % {
            "people": self.people,
            "done": self.served,
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


def figures(facts: DayFacts) -> Day:
    """Return the counts of the office's day."""
    return _counts(facts, "", None)


def hall_figures(facts: DayFacts) -> list[Day]:
    """Return the counts of each hall, if there are several."""
    if len(facts.halls) < 2:
        return []
    return [_counts(facts, hall.label, hall.pk) for hall in facts.halls]


def _counts(facts: DayFacts, name: str, hall: int | None) -> Day:
    """Count one hall, or with None the office."""
    visits = [row for row in facts.today if hall is None or facts.hall_of(row) == hall]
    slots = [row for row in facts.slots if hall in (None, facts.hall_of_pair(row.lane, row.group))]
    places = facts.plan.places
    planned = [row for row in places if hall in (None, facts.hall_of_pair(row.lane, row.group))]
    here = {row.pk for row in facts.counters if hall in (None, row.hall_id)}
    marks = Tally(
        mark
        for visit in visits
        for mark in ("arrived", "direct", "waiting", "being_served", "served")
        if getattr(visit, f"is_{mark}")
    )
    return Day(
        name=name,
        planned=sum(row.places for row in planned),
        booked=sum(row.booked for row in slots),
        expected=sum(row.expected for row in slots),
        arrived=marks["arrived"],
        direct=marks["direct"],
        waiting=marks["waiting"],
        serving=marks["being_served"],
        served=marks["served"],
        open_counters=sum(row.counter_id in here for row in facts.sessions),
        staffed=_staffed(facts, here, is_whole=hall is None),
    )


def _staffed(facts: DayFacts, here: set[int], *, is_whole: bool) -> int:
    """Return the shifts that run now at these counters; those at any counter belong to the office only."""
    return sum(
        row.counter_id in here or (is_whole and row.counter_id is None) for row in facts.shifts_now
    )


def at_risk(facts: DayFacts) -> list[QueueRow]:
    """Return open visits near or past the two-hour promise, longest first."""
    now = facts.now
    risky = [visit for visit in facts.open_today if promise_state(now - visit.clock_from)]
    return [queue_row(visit, now=now) for visit in risky]


def latest_out_of_order(office: Office, *, now: datetime) -> VisitEvent | None:
    """Return today's latest call out of order, with officer and reason."""
    events = out_of_order(office, now=now)
    return (
        events.select_related("visit__ticket", "session__counter", "by", "listed_reason")
        .order_by("-at")
        .first()
    )


def out_of_order(office: Office, *, now: datetime) -> QuerySet[VisitEvent]:
    """Return today's calls out of order."""
    return VisitEvent.objects.filter(
        visit__office=office, visit__day=office.local_day(now), kind="called_out_of_order"
    )


def unstaffed_counters(facts: DayFacts) -> list[Counter]:
    """Return the counters that somebody is on the roster for now, and that nobody has opened."""
    if not facts.plan.is_open_at(facts.now):
        return []
    open_now = {row.counter_id for row in facts.sessions}
    rostered = {row.counter_id for row in facts.shifts_now}
    return [row for row in facts.counters if row.pk in rostered and row.pk not in open_now]


def is_nobody_rostered(facts: DayFacts) -> bool:
    """True on a working day without a single shift, which is not a fully staffed one."""
    return facts.plan.opens_at is not None and not facts.shifts


def counter_rows(facts: DayFacts) -> list[CounterRow]:
    """Return each counter with its officer, current activity and visits finished today."""
    rows = {counter.pk: CounterRow(counter) for counter in facts.counters}
    for session in facts.sessions:
        rows[session.counter_id].session = session
    for visit in sorted(facts.visits, key=lambda row: (row.parked_at or facts.now, row.pk)):
        if visit.session is None or visit.session.counter_id not in rows:
            continue
        row = rows[visit.session.counter_id]
        if visit.status == VisitStatus.PARKED:
            row.parked.append(visit)
        elif visit.status in IN_SERVICE:
            row.visit = visit
            stage = facts.running_stages.get(visit.session.pk)
            row.stage = str(Stage(stage).label) if stage else ""
        elif visit.status == VisitStatus.FINISHED and visit.day == facts.day:
            row.done += 1
    for row in rows.values():
        _say(row, now=facts.now)
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


def waiting_line(facts: DayFacts) -> dict[str, Any] | None:
    """Return the number of people waiting every 15 minutes since opening; None on a closed day."""
    office, now, plan = facts.office, facts.now, facts.plan
    if plan.opens_at is None or plan.closes_at is None:
        return None
    visits = [(row.arrived_at, row.first_called_at, row.ended_at) for row in facts.today]
    first = min([plan.opens_at, *(visit[0] for visit in visits)])
    points = []
    moment = first
    while moment <= now:
        points.append((_clock_hour(office, moment), _waiting_at(visits, moment)))
        moment += STEP
    last = _waiting_at(visits, now)
    points.append((_clock_hour(office, now), last))
    end = max(_clock_hour(office, plan.closes_at), _clock_hour(office, now))
    return {
        "from": int(_clock_hour(office, first)),
        "to": int(end + 0.999),
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


def by_hour(facts: DayFacts) -> dict[str, Any] | None:
    """Return chart data: planned places, bookings, arrivals and served visits by booked hour; None without a plan."""
    plan: Tally[datetime] = Tally()
    for place in facts.plan.places:
        plan[place.starts_at] += place.places
    if not plan:
        return None
    booked: Tally[datetime] = Tally()
    for slot in facts.slots:
        booked[slot.starts_at] += slot.booked
    arrived = [row for row in facts.today if getattr(row, "is_arrived", False)]
    came = Tally(row.booking.slot.starts_at for row in arrived)
    served = Tally(
        row.booking.slot.starts_at for row in arrived if getattr(row, "is_served", False)
    )
    starts = sorted({*plan, *(start for start, n in booked.items() if n)})
    series = [(_("dipesan"), "c3", booked), (_("tiba"), "c2", came), (_("selesai"), "c1", served)]
    return {
        "labels": [hour(start, facts.office) for start in starts],
        "plan": [plan[start] for start in starts],
        "series": [
            {"name": name, "css": css, "values": [counts[start] for start in starts]}
            for name, css, counts in series
        ],
        "label": _(
            "Per jam: kuota %(plan)d tempat, dipesan %(booked)d, tiba %(came)d, selesai %(done)d"
        )
        % {
            "plan": plan.total(),
            "booked": booked.total(),
            "came": came.total(),
            "done": served.total(),
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
