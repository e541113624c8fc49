"""Days and slots as the public sees them: their status and the reason for it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial

from core.db import shared_read
from core.replica import may_lag
from offices.directory.models import Office, ServiceGroup
from quotas import labels
from quotas.places.models import Slot
from quotas.places.tallies import (
    CountedSlot,
    Tally,
    open_slots,
    slots_of_day,
    tallies_of_days,
    undrawn_windows,
)
from quotas.plan.days import LanePlan, LimitedToServices, plan_day
from quotas.plan.rows import OfficeRules
from quotas.policies.models import ReleaseRule
from quotas.policies.selectors import rules_of

DayOfSlot = tuple[int, str, int, date]
Sentence = Callable[[], str]

PAST, CLOSED, OPEN, NOT_YET_OPEN, FULL = "past", "closed", "open", "not_yet_open", "full"


@dataclass(frozen=True)
class CalendarDay:
    """A day of an office in one lane for one group. `left` never counts a place in its cooldown."""

    date: date
    status: str
    reason: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    places: int = 0
    left: int = 0
    window_id: int | None = None
    is_lottery: bool = False


@dataclass(frozen=True)
class SlotView(LimitedToServices):
    """A slot as the public sees it, with its status and the reason for it."""

    id: int
    starts_at: datetime
    ends_at: datetime
    lane: str
    places: int
    left: int
    status: str
    say: Sentence = field(repr=False, compare=False)
    day: date
    opens_at: datetime | None
    closes_at: datetime | None
    window_id: int | None = None
    only_services: tuple[int, ...] = ()

    @cached_property
    def reason(self) -> str:
        """The reason as text. Built on access, because most readers need only the status."""
        return self.say()


@may_lag
def calendar(
    office: Office,
    *,
    first: date,
    last: date,
    group: ServiceGroup,
    now: datetime,
    lane: str = "online",
    service: int | None = None,
    rules: OfficeRules | None = None,
) -> list[CalendarDay]:
    """Return every day of the span with its status and the reason for it.

    Precedence: past, closed, open, not_yet_open, full. Days without prepared windows are computed
    from the rules. Slots that a closure limits to some services count only for such a `service`.
    Pass `rules` to reuse rules that were read for a span that includes this one.
    """
    rules = rules or rules_of(office, first=first, last=last)
    tallies = tallies_of_days(office.pk, lane, group.pk, (first, last), service=service, now=now)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    closings = undrawn(office.pk, lane, now=now)
    key = (lane, group.pk, service)
    rows = [_day(office, rules, day, tallies.get(day), key, now) for day in days]
    return [
        row if _is_divided(row, tallies) else _with_lottery(row, closings, office.time_zone, now)
        for row in rows
    ]


def _is_divided(row: CalendarDay, tallies: dict[date, Tally]) -> bool:
    """True if every slot of the day is limited to some services by a closure: those have no lottery."""
    return row.date in tallies and tallies[row.date].limited == tallies[row.date].places


@shared_read(has_text=False)
def undrawn(office_id: int, lane: str, *, now: datetime) -> dict[int, datetime]:
    """Return the windows whose lottery is still to be held, each with the time at which its entry list closes."""
    return undrawn_windows(office_id, lane, now=now)


def _with_lottery(
    row: CalendarDay, closings: dict[int, datetime], time_zone: str, now: datetime
) -> CalendarDay:
    """Describe a day by its lottery: it is not full before the lottery is held."""
    opens_at = closings.get(row.window_id or 0) or (row.opens_at if row.is_lottery else None)
    if row.status not in (NOT_YET_OPEN, FULL) or opens_at is None:
        return replace(row, is_lottery=False)
    reason = labels.lottery(opens_at, time_zone, now)
    return replace(row, status=NOT_YET_OPEN, reason=reason, opens_at=opens_at, is_lottery=True)


def _day(
    office: Office,
    rules: OfficeRules,
    day: date,
    tally: Tally | None,
    key: tuple[str, int, int | None],
    now: datetime,
) -> CalendarDay:
    today = office.local_day(now)
    if day < today:
        return CalendarDay(day, PAST, labels.past(), places=tally.places if tally else 0)
    is_planned = tally is None or day in rules.holidays
    lane = None
    if is_planned:
        planned = plan_day(rules, day, only=key[:2])
        lane = planned.lane(*key)
        # A weekend keeps its own reason while the office takes no bookings.
        if lane is None:
            return CalendarDay(day, CLOSED, labels.closed(planned.why_none(*key[:2]), day))
    if office.booking_stopped_reason and key[0] == "online":
        return CalendarDay(day, CLOSED, labels.stopped(office.booking_stopped_reason))
    if lane is not None:
        return _day_of_plan(office, day, lane, now)
    assert tally is not None  # or the day was planned
    return _day_of_rows(office, day, tally, now)


def _day_of_rows(office: Office, day: date, tally: Tally, now: datetime) -> CalendarDay:
    status, say, left = _status(tally, office.time_zone, now)
    opens_at = tally.coming_at if status == NOT_YET_OPEN else tally.opened_at
    return CalendarDay(
        day, status, say(), opens_at, tally.closes_at, tally.places, left, tally.window_id
    )


def _day_of_plan(office: Office, day: date, lane: LanePlan, now: datetime) -> CalendarDay:
    """Return a day without place rows: its window is still far ahead, or was never prepared."""
    zone = office.time_zone
    if lane.opens_at > now:
        reason = labels.opens(lane.opens_at, zone)
        places = lane.places
        return CalendarDay(
            day,
            NOT_YET_OPEN,
            reason,
            lane.opens_at,
            lane.closes_at,
            places,
            places,
            is_lottery=lane.mode == ReleaseRule.Mode.DRAW,
        )
    if lane.closes_at <= now:
        reason = labels.registration_closed(lane.closes_at, zone)
    else:
        reason = labels.withdrawn()
    return CalendarDay(day, CLOSED, reason, lane.opens_at, lane.closes_at)


def _status(tally: Tally, time_zone: str, now: datetime) -> tuple[str, Sentence, int]:
    """Return the status, a function for its reason, and the places left, by precedence."""
    if tally.closes_at is None:
        return CLOSED, labels.withdrawn, 0
    if tally.closes_at <= now:
        return CLOSED, partial(labels.registration_closed, tally.closes_at, time_zone), 0
    if tally.open_left:
        left = tally.open_left
        return OPEN, partial(labels.open_until, tally.closes_at, left, time_zone), left
    if tally.coming_at is not None:
        return NOT_YET_OPEN, partial(labels.opens, tally.coming_at, time_zone), tally.left
    return FULL, labels.full, 0


def day_slots(
    office: Office,
    *,
    day: date,
    group: ServiceGroup,
    now: datetime,
    lane: str = "online",
    service: int | None = None,
    rules: OfficeRules | None = None,
) -> list[SlotView]:
    """Return the day's slots, in order, each with its status and the reason for it.

    Empty on a holiday and on a past day. Slots that a closure limits to some services are included
    only for such a `service`.
    """
    views = all_slots(office, day=day, group=group, now=now, lane=lane, rules=rules)
    return [view for view in views if view.is_for(service)]


def all_slots(
    office: Office,
    *,
    day: date,
    group: ServiceGroup,
    now: datetime,
    lane: str = "online",
    rules: OfficeRules | None = None,
) -> list[SlotView]:
    """Return the same slots as `day_slots`, for every service."""
    if day < office.local_day(now):
        return []
    planned = plan_day(rules or rules_of(office, first=day, last=day), day)
    if planned.reason is not None and planned.reason.code == "holiday":
        return []
    return _views_of_day(office.pk, lane, group.pk, day, now=now)


def slot_view(slot_id: int, *, now: datetime) -> SlotView | None:
    """Return one slot as the public sees it, or None when there is no such slot."""
    day = _day_of(slot_id)
    views = _views_of_day(*day, now=now) if day else []
    return next((view for view in views if view.id == slot_id), None)


@shared_read(times=10, has_text=False)
def _day_of(slot_id: int) -> DayOfSlot | None:
    """Return the office, lane, group and day of a slot, or None when there is no such slot."""
    rows = Slot.objects.filter(pk=slot_id)
    return rows.values_list("office_id", "lane_id", "group_id", "day").first()


@shared_read(has_text=False)
def _views_of_day(
    office_id: int, lane: str, group_id: int, day: date, *, now: datetime
) -> list[SlotView]:
    """Return a day's slots. One shared count serves every reader of one of its slots."""
    rows = slots_of_day(office_id, lane, group_id, day, now=now)
    views, closings = [_slot_view(row, now) for row in rows], undrawn(office_id, lane, now=now)
    if not closings:
        return views
    zone = rows[0].time_zone if rows else ""
    return [_slot_with_lottery(view, closings, zone, now) for view in views]


def _slot_with_lottery(
    view: SlotView, closings: dict[int, datetime], time_zone: str, now: datetime
) -> SlotView:
    opens_at = closings.get(view.window_id or 0)
    if opens_at is None or view.only_services or view.status not in (NOT_YET_OPEN, FULL):
        return view
    say = partial(labels.lottery, opens_at, time_zone, now)
    return replace(view, status=NOT_YET_OPEN, opens_at=opens_at, say=say)


def _slot_view(row: CountedSlot, now: datetime) -> SlotView:
    tally = row.tally
    status, say, left = _status(tally, row.time_zone, now)
    if row.stopped_reason and row.lane == "online":
        status, say, left = CLOSED, partial(labels.stopped, row.stopped_reason), 0
    return SlotView(
        id=row.id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        lane=row.lane,
        places=tally.places,
        left=left,
        status=status,
        say=say,
        day=row.day,
        opens_at=tally.coming_at if status == NOT_YET_OPEN else tally.opened_at,
        closes_at=tally.closes_at,
        window_id=tally.window_id,
        only_services=row.only_services,
    )


def nearest_open_slots(
    office: Office,
    *,
    group: ServiceGroup,
    after: datetime,
    now: datetime,
    limit: int = 3,
    lane: str = "online",
    service: int | None = None,
) -> list[SlotView]:
    """Return the open slots nearest in time to `after`, in order: alternatives to a full one.

    Slots that a closure limits to some services are included only for such a `service`.
    """
    if office.booking_stopped_reason:
        return []
    views = _open_views(office.pk, lane, group.pk, now=now)
    coming = [view for view in views if view.starts_at > now and view.is_for(service)]
    # A shared read may be from the second before the office stopped its bookings.
    coming = [view for view in coming if view.left]
    coming.sort(key=lambda view: (abs(view.starts_at - after), view.starts_at, view.id))
    return sorted(coming[:limit], key=lambda view: (view.starts_at, view.id))


@shared_read(has_text=False)
def _open_views(office_id: int, lane: str, group_id: int, *, now: datetime) -> list[SlotView]:
    """Return the open slots of an office, from the index of free places. Every refused booking reads this."""
    return [_slot_view(row, now) for row in open_slots(office_id, lane, group_id, now=now)]
