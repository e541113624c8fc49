"""The wanted and the current slots of windows, read without a lock, or again under one."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from quotas.places.models import Place, ReleaseWindow
from quotas.plan.windows import FROZEN_BEFORE, WindowKey, WindowPlan

DayKey = tuple[date, str, int]  # service day, lane, group
SlotKey = tuple[
    str, int, datetime, datetime, tuple[int, ...]
]  # lane, group, start, end, only services

SLOT_KEY = (
    "slot__lane_id",
    "slot__group_id",
    "slot__starts_at",
    "slot__ends_at",
    "slot__only_services",
)


@dataclass(frozen=True)
class Wanted:
    """The wanted places of one slot in one window."""

    places: int
    opens_at: datetime
    closes_at: datetime
    day: date


@dataclass
class CurrentSlot:
    """The current places of one slot in one window, without withdrawn ones."""

    slot_id: int
    places: int
    opens_at: datetime
    closes_at: datetime


@dataclass
class Snapshot:
    """The current state of an office's windows from today on, read without a lock in three queries."""

    windows: dict[WindowKey, ReleaseWindow]
    slots: dict[int, dict[SlotKey, CurrentSlot]]
    claims: dict[DayKey, set[WindowKey]]
    bound: dict[int, dict[SlotKey, int]]

    def claimed_from(self, key: WindowKey) -> set[DayKey]:
        """Return the days that another frozen window has: a new rule must not double them.

        Other tranches of the same rule do not count: each has its own part of the day.
        """
        rule_id, _first, tranche = key
        return {
            day
            for day, owners in self.claims.items()
            if any(own != key and (own[0] != rule_id or own[2] == tranche) for own in owners)
        }


def wanted_by(
    window: WindowPlan, claimed: set[DayKey], bound: dict[SlotKey, int]
) -> dict[SlotKey, Wanted]:
    """Return the wanted places of each slot of a window, except days that another window has.

    A slot that a closure divides has one row for all and one for the services still served. Places
    `bound` in one count in the other: together they have no more places than the slot.
    """
    wanted = {
        (lane.lane, lane.group, slot.starts_at, slot.ends_at, slot.only_services): Wanted(
            slot.places, lane.opens_at, slot.closes_at, day
        )
        for day, lane in window.days
        if (day, lane.lane, lane.group) not in claimed
        for slot in lane.slots
    }
    for key, count in bound.items():
        for other, row in wanted.items():
            if other[:4] == key[:4] and other != key:
                wanted[other] = replace(row, places=max(0, row.places - count))
    return wanted


def snapshot_of(
    office_id: int, today: date, *, now: datetime, key: Any = None, last: date = date.max
) -> Snapshot:
    """Read the office's windows; with a key, the slots of only that window among the unfrozen ones.

    Claims of frozen windows are read until the day `last`.
    """
    rows = ReleaseWindow.objects.filter(office_id=office_id, last_day__gte=today)
    windows = {key_of(row): row for row in rows}
    wanted = [windows[key]] if key in windows else [] if key else list(windows.values())
    return Snapshot(
        windows=windows,
        slots=current_slots([row.pk for row in wanted if not is_frozen(row, now=now)]),
        bound=bound_in([row.pk for row in wanted], since=today),
        claims=_claims(
            {row.pk: key for key, row in windows.items() if is_frozen(row, now=now)}, today, last
        ),
    )


def frozen_of(
    office_id: int, first: date, last: date, *, now: datetime
) -> tuple[dict[WindowKey, ReleaseWindow], set[WindowKey], dict[DayKey, set[WindowKey]]]:
    """Return the windows from a day on, the keys of the frozen ones, and the days that these have."""
    rows = ReleaseWindow.objects.filter(office_id=office_id, last_day__gte=first)
    windows = {key_of(row): row for row in rows}
    frozen = {row.pk: key for key, row in windows.items() if is_frozen(row, now=now)}
    return windows, set(frozen.values()), _claims(frozen, first, last)


def key_of(row: ReleaseWindow) -> WindowKey:
    """Return the key of a window: its rule, first day and tranche."""
    return row.rule_id, row.first_day, row.tranche


def _claims(frozen: dict[int, WindowKey], today: date, last: date) -> dict[DayKey, set[WindowKey]]:
    if not frozen:
        return {}
    rows = (
        Place.objects.offered()
        .filter(window_id__in=frozen, slot__day__gte=today, slot__day__lte=last)
        .values_list("slot__day", "slot__lane_id", "slot__group_id", "window_id")
        .distinct()
    )
    claims: dict[DayKey, set[WindowKey]] = defaultdict(set)
    for day, lane, group, window_id in rows:
        claims[day, lane, group].add(frozen[window_id])
    return claims


def current_slots(
    window_ids: list[int], *, since: date = date.min
) -> dict[int, dict[SlotKey, CurrentSlot]]:
    """Return the current slots of these windows."""
    if not window_ids:
        return {}
    counted = (
        Place.objects.offered()
        .filter(window_id__in=window_ids, slot__day__gte=since)
        .values("window_id", "slot_id", *SLOT_KEY)
        .annotate(n=Count("id"), opens=Min("opens_at"), closes=Max("closes_at"))
    )
    by_window: dict[int, dict[SlotKey, CurrentSlot]] = defaultdict(dict)
    for row in counted:
        by_window[row["window_id"]][_slot_key(row)] = CurrentSlot(
            row["slot_id"], row["n"], row["opens"], row["closes"]
        )
    return by_window


def bound_in(window_ids: list[int], *, since: date) -> dict[int, dict[SlotKey, int]]:
    """Return how many places are held in divided slots: withdrawn ones, and limited ones."""
    if not window_ids:
        return {}
    counted = (
        Place.objects.filter(window_id__in=window_ids, slot__day__gte=since, holder__isnull=False)
        .filter(Q(closure__isnull=False) | Q(is_limited=True))
        .values("window_id", *SLOT_KEY)
        .annotate(n=Count("id"))
    )
    by_window: dict[int, dict[SlotKey, int]] = defaultdict(dict)
    for row in counted:
        by_window[row["window_id"]][_slot_key(row)] = row["n"]
    return by_window


def _slot_key(row: dict[str, Any]) -> SlotKey:
    lane, group, starts, ends, only = (row[name] for name in SLOT_KEY)
    return lane, group, starts, ends, tuple(only)


def is_frozen(window: ReleaseWindow, *, now: datetime) -> bool:
    """True if the window opens within 15 minutes or has opened: rules do not change it any more."""
    # The demo's clock may have been set back: a window prepared later than now lacks its first days.
    return window.opens_at - FROZEN_BEFORE <= now and window.prepared_at <= now
