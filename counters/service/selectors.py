"""Data for the counter's screen: the counter, its visit and the queue."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from booking.applications.models import PassportApplication
from booking.applications.selectors import application_of
from counters.queue.selectors import QueueRow, clock_of, queue, slot_text
from counters.visits.models import AT_A_COUNTER, CounterSession, Visit, VisitStatus
from counters.visits.selectors import StageView, can_do, remaining_stages, stages_of
from offices.directory.models import Counter, Lane, Office, Stage
from offices.directory.selectors import document_name
from offices.outages.selectors import counters_lacking_photo

LANE_MARKS = {"priority": "lane--p", "walk_in": "lane--l"}


@dataclass(frozen=True)
class DocumentRow:
    """A document that the service requires or accepts."""

    code: str
    name: str
    is_required: bool
    is_checked: bool


@dataclass(frozen=True)
class LaneCount:
    """The number of waiting visits in a lane."""

    lane: Lane
    count: int
    css: str

    @property
    def rest(self) -> int:
        return max(15 - self.count, 0)


@dataclass(frozen=True)
class Console:
    """Data for the screen of one visit at the counter."""

    visit: Visit
    application: PassportApplication | None
    slot: str
    clock: dict[str, Any]
    stages: list[StageView]
    documents: list[DocumentRow]
    done_stages: list[StageView]
    now_stage: StageView | None
    next_stage: StageView | None
    is_last: bool
    goes_on_here: bool


def open_session(user: User, office: Office) -> CounterSession | None:
    """Return the officer's open session at an office, or None."""
    return (
        CounterSession.objects.select_related("counter__hall", "office")
        .filter(officer=user, office=office, closed_at__isnull=True)
        .first()
    )


def session_visit(session: CounterSession) -> Visit | None:
    """Return the visit called to or served in a session, with the related rows its screen shows."""
    return (
        session.visits.filter(status__in=AT_A_COUNTER)
        .select_related(
            "ticket",
            "lane",
            "office",
            "session__counter",
            "booking__applicant",
            "booking__slot",
            "booking__service_type",
        )
        .first()
    )


def console_of(visit: Visit, *, counter: Counter, now: datetime) -> Console:
    """Return the data that the officer's screen shows for a visit."""
    stages = stages_of(visit, now=now)
    left = remaining_stages(visit)
    running = next((stage for stage in stages if stage.is_now), None)
    after = [name for name in left if running is None or name != running.stage]
    following = next((stage for stage in stages if after and stage.stage == after[0]), None)
    booking = visit.booking
    return Console(
        visit=visit,
        application=application_of(booking.applicant_id, booking.service_type_id),
        slot=slot_text(visit),
        clock=clock_of(visit, now=now),
        stages=stages,
        documents=documents_of(visit),
        done_stages=[stage for stage in stages if stage.is_done and not stage.is_now],
        now_stage=running,
        next_stage=following,
        is_last=following is None,
        goes_on_here=following is not None and can_do(counter, following.stage),
    )


def documents_of(visit: Visit) -> list[DocumentRow]:
    """Return the service's documents and whether the officer has checked each one."""
    return [
        DocumentRow(
            code=row["code"],
            name=document_name(row),
            is_required=row.get("is_required", True),
            is_checked=row["code"] in visit.documents_checked,
        )
        for row in visit.booking.service_type.documents
    ]


def finished_today(session: CounterSession, *, now: datetime) -> int:
    """Return the number of visits finished today in a session."""
    day = session.office.local_day(now)
    return session.visits.filter(day=day, status=VisitStatus.FINISHED).count()


def lane_counts(rows: list[QueueRow]) -> list[LaneCount]:
    """Return the number of waiting visits in each lane, by series."""
    counts: dict[Lane, int] = {}
    for row in rows:
        counts[row.visit.lane] = counts.get(row.visit.lane, 0) + 1
    lanes = sorted(counts, key=lambda lane: lane.series)
    return [LaneCount(lane, counts[lane], LANE_MARKS.get(lane.code, "")) for lane in lanes]


def free_counters(office: Office) -> list[dict[str, Any]]:
    """Return the office's counters with their open sessions."""
    counters = Counter.objects.filter(hall__office=office).select_related("hall")
    sessions = CounterSession.objects.filter(office=office, closed_at__isnull=True)
    taken = {session.counter_id: session for session in sessions.select_related("officer")}
    lacking = counters_lacking_photo(office)
    return [
        {
            "counter": counter,
            "session": taken.get(counter.pk),
            "stages": [str(Stage(stage).label) for stage in counter.stages],
            "lacks_photo": counter.pk in lacking
            and (counter.is_one_stop or Stage.PHOTO in counter.stages),
        }
        for counter in counters.order_by("hall__floor", "hall__name", "number")
    ]


def queue_for(session: CounterSession, *, now: datetime) -> list[QueueRow]:
    """Return the queue in this counter's call order."""
    return queue(session.office, now=now, counter=session.counter)
