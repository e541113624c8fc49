"""What the call rule needs to know, read in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db.models import Q

from booking.bookings.models import Booking
from counters.queue.order import Candidate, Position, Terms, call_order
from counters.visits.models import Visit, VisitEvent
from offices.day_rules.models import DayRule
from offices.day_rules.selectors import day_rule_on
from offices.directory.models import Hall, Office
from offices.hours.selectors import opening_hours_on

CALLS: Final = ("called", "called_out_of_order")
# The events after which a visit is no longer a skipped one.
SKIP_OR_JOIN: Final = ("skipped", "started", "returned")
# The columns that the rule reads. A visit with `booking__slot` and `ticket` joined has them too.
FIELDS: Final = (
    "pk",
    "lane_id",
    "group_id",
    "kind",
    "arrived_at",
    "queue_at",
    "calls",
    "handed_on_by_id",
    "booking__via",
    "booking__slot__starts_at",
    "ticket__number",
)


@dataclass(frozen=True)
class Call:
    """One call of today: its place in the history, the visit, its lane and the hall."""

    event: int
    visit: int
    lane: str
    hall: int | None


@dataclass
class DayCalls:
    """Today's calls of an office, newest first, and the latest skip of each waiting visit."""

    calls: list[Call] = field(default_factory=list)
    skipped: dict[int, int] = field(default_factory=dict)

    def lanes(self, hall: int) -> list[str]:
        """Return the lanes of a hall's calls, newest first."""
        return [call.lane for call in self.calls if call.hall == hall]

    def others_since_skip(self, visit: int, hall: int) -> int | None:
        """Return how many others the hall called since a visit was skipped, or None."""
        skipped = self.skipped.get(visit)
        if skipped is None:
            return None
        # By the number of the event, not by its time: a clock that is set back changes nothing.
        return sum(
            call.event > skipped and call.visit != visit for call in self.calls if call.hall == hall
        )


def ordered(
    rows: Sequence[dict[str, Any]],
    *,
    office: Office,
    hall: int,
    now: datetime,
    rule: DayRule | None = None,
) -> list[Position]:
    """Return the positions of the waiting visits of one hall; `rows` have the columns FIELDS."""
    return ordered_by_hall({hall: rows}, office=office, now=now, rule=rule)


def ordered_by_hall(
    rows: Mapping[int, Sequence[dict[str, Any]]],
    *,
    office: Office,
    now: datetime,
    rule: DayRule | None = None,
) -> list[Position]:
    """Return the positions hall by hall. Reads the rule, today's calls and at most the opening hours."""
    everyone = [row for hall in rows.values() for row in hall]
    if not everyone:
        return []
    rule = rule or day_rule_on(office, office.local_day(now))
    terms = Terms(rule.priority_after, rule.calls_before_again)
    calls = day_calls(office, everyone, now=now)
    opening = _session_starts(office, everyone, now=now)
    positions: list[Position] = []
    for hall, waiting in rows.items():
        candidates = [
            _candidate(row, calls.others_since_skip(row["pk"], hall), opening) for row in waiting
        ]
        positions += call_order(candidates, recent_lanes=calls.lanes(hall), terms=terms, now=now)
    return positions


def day_calls(office: Office, rows: Iterable[dict[str, Any]], *, now: datetime) -> DayCalls:
    """Return today's calls, and which of the waiting visits were skipped after their latest call.

    Reads both in one query; the waiting visits are of today.
    """
    called_before = [row["pk"] for row in rows if row["calls"]]
    events = VisitEvent.objects.filter(
        Q(kind__in=CALLS) | Q(kind__in=SKIP_OR_JOIN, visit__in=called_before),
        visit__office=office,
        visit__day=office.local_day(now),
    ).order_by("-pk")
    columns = ("kind", "pk", "visit", "visit__lane", "session__counter__hall")
    day = DayCalls()
    latest: set[int] = set()
    for kind, event, visit, lane, hall in events.values_list(*columns):
        if kind in CALLS:
            day.calls.append(Call(event, visit, lane, hall))
        elif visit not in latest:
            latest.add(visit)
            if kind == "skipped":
                day.skipped[visit] = event
    return day


def unanswered_calls(visit: Visit) -> int:
    """Return how often a visit was called and skipped since the person arrived or came back."""
    kinds = visit.history.filter(kind__in=SKIP_OR_JOIN).order_by("-pk").values_list("kind")
    count = 0
    for (kind,) in kinds:
        if kind != "skipped":
            break
        count += 1
    return count


def _session_starts(
    office: Office, rows: Iterable[dict[str, Any]], *, now: datetime
) -> list[tuple[datetime, datetime]]:
    """Return today's opening spans; they are needed only for returns, which have no hour of today."""
    if all(row["kind"] != Visit.Kind.RETURN for row in rows):
        return []
    day = office.local_day(now)
    hours = opening_hours_on(office, day)
    if hours is None:
        return []
    return [(office.at(day, start), office.at(day, end)) for start, end in hours.spans()]


def _hour_of_return(arrived_at: datetime, spans: Sequence[tuple[datetime, datetime]]) -> datetime:
    """A return takes a place of the hour in which it arrives; before opening, of the first one."""
    for start, end in spans:
        if arrived_at < end:
            return max(arrived_at, start)
    return arrived_at


def _candidate(
    row: dict[str, Any], other_calls: int | None, spans: Sequence[tuple[datetime, datetime]]
) -> Candidate:
    is_return = row["kind"] == Visit.Kind.RETURN
    is_booked = not is_return and row["booking__via"] != Booking.Via.DESK
    hour = row["booking__slot__starts_at"]
    if is_return:
        hour = _hour_of_return(row["arrived_at"], spans)
    # The gate sets `queue_at`: the booked hour of people on time, else the moment of joining.
    on_time = hour if is_booked else row["arrived_at"]
    return Candidate(
        id=row["pk"],
        lane=row["lane_id"],
        hour=hour,
        arrived_at=row["arrived_at"],
        ticket=row["ticket__number"],
        is_booked=is_booked,
        is_return=is_return,
        behind_since=row["queue_at"] if row["queue_at"] > on_time else None,
        other_calls=other_calls,
        is_handed_on=row["handed_on_by_id"] is not None,
    )


def hall_of_pairs(halls: Iterable[Hall]) -> dict[tuple[str, int], int]:
    """Return the first of these halls that serves each lane and group."""
    of_pair: dict[tuple[str, int], int] = {}
    for hall in halls:
        for lane in hall.lanes.all():
            for group in hall.groups.all():
                of_pair.setdefault((lane.pk, group.pk), hall.pk)
    return of_pair


def by_hall(
    rows: Iterable[dict[str, Any]], halls: Iterable[Hall]
) -> dict[int, list[dict[str, Any]]]:
    """Group waiting visits by the hall that serves them; 0 is for visits that no hall serves."""
    of_pair = hall_of_pairs(halls)
    grouped: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for hall in dict.fromkeys(of_pair.values()):
        grouped[hall] = []
    for row in rows:
        grouped[of_pair.get((row["lane_id"], row["group_id"]), 0)].append(row)
    return grouped
