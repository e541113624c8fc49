"""Preparing windows, slots and places from the rules, and reconciling them until they freeze."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max

from core.db import analyze_tables, busy_on_timeout
from offices.directory.models import Office
from quotas.places.models import RESERVED, Place, ReleaseWindow, Slot, is_free, place_sql
from quotas.plan.days import plan_day
from quotas.plan.rows import OfficeRules
from quotas.plan.spans import Shut
from quotas.plan.windows import WindowPlan, plan_windows
from quotas.policies.models import ReleaseRule
from quotas.policies.selectors import closures_of, rules_of
from quotas.waiting_room.services import ensure_room
from quotas.windows.reconciliation import (
    CurrentSlot,
    SlotKey,
    Snapshot,
    Wanted,
    current_slots,
    is_frozen,
    key_of,
    snapshot_of,
    wanted_by,
)

HORIZON = timedelta(days=400)
MANY_PLACES = 500

# Held places are not withdrawn, whatever the rules say now.
WITHDRAW = f"""
WITH picked AS MATERIALIZED (
  SELECT id FROM quotas_place
   WHERE slot_id = %(slot)s AND window_id = %(window)s AND {place_sql(is_free())}
   ORDER BY number DESC LIMIT %(n)s FOR NO KEY UPDATE)
UPDATE quotas_place SET withdrawn_at = %(now)s FROM picked WHERE quotas_place.id = picked.id
"""  # noqa: S608 - no input in it

Sources = list[dict[str, Any]]


@dataclass
class Prepared:
    """The result of a run: windows created or changed, place rows inserted and withdrawn."""

    windows: int = 0
    inserted: int = 0
    withdrawn: int = 0


@busy_on_timeout()
def prepare_windows(*, office_id: int, now: datetime) -> Prepared:
    """Prepare every window that opens within 28 days or among the next three openings.

    A window that is not frozen (15 minutes before it opens) follows the rules: rows are inserted or
    withdrawn, never deleted, and held ones stay. A frozen one does not change. Safe to run twice
    and in parallel: each window is one transaction under the office's lock.
    """
    office = Office.objects.get(pk=office_id)
    today = office.local_day(now)
    rules = rules_of(office, first=today, last=today + HORIZON)
    done = Prepared()
    snapshot = snapshot_of(office.pk, today, now=now)
    for window_id in _leftovers(snapshot, rules, today, now):
        _withdraw_window(office.pk, window_id, today, now, done)
    for window in plan_windows(rules, today=today, now=now):
        if not _is_as_planned(snapshot, window, now):
            shut = _touching(rules, window)
            _prepare_one(office.pk, window, _sources(rules, window), shut, now, done)
    _withdraw_holidays(office, rules, today, now, done)
    if done.inserted >= MANY_PLACES:
        analyze_tables("quotas_slot", "quotas_place")
    return done


def lock_office(office_id: int) -> Office:
    """Lock an office, so that one worker at a time writes its rules, closures and windows."""
    return Office.objects.select_for_update(no_key=True).get(pk=office_id)


def _touching(rules: OfficeRules, window: WindowPlan) -> tuple[Shut, ...]:
    return tuple(
        row
        for row in rules.closures
        if row.first_day <= window.last_day
        and (row.last_day is None or row.last_day >= window.first_day)
    )


def _is_as_planned(snapshot: Snapshot, window: WindowPlan, now: datetime) -> bool:
    """True if nothing is to be written. Takes no lock, so that the usual run waits for nothing."""
    row = snapshot.windows.get(window.key)
    if row is not None and is_frozen(row, now=now):
        return True
    wanted = _wanted(window, row, snapshot)
    if row is None:
        return not wanted
    return _heads_agree(row, window) and _agree(snapshot.slots.get(row.pk, {}), wanted)


def _wanted(
    window: WindowPlan, row: ReleaseWindow | None, snapshot: Snapshot
) -> dict[SlotKey, Wanted]:
    bound = {} if row is None else snapshot.bound.get(row.pk, {})
    return wanted_by(window, snapshot.claimed_from(window.key), bound)


def _heads_agree(row: ReleaseWindow, window: WindowPlan) -> bool:
    return all(getattr(row, name) == getattr(window, name) for name in HEAD_FIELDS)


# Not the mode: a sealed draw cannot be withdrawn, so a window keeps the announced mode.
HEAD_FIELDS = ("last_day", "opens_at", "closes_at", "has_waiting_room")


def _agree(current: dict[SlotKey, CurrentSlot], wanted: dict[SlotKey, Wanted]) -> bool:
    def figures(row: Any) -> tuple[int, datetime, datetime]:
        return row.places, row.opens_at, row.closes_at

    left = {key: figures(row) for key, row in current.items()}
    return left == {key: figures(row) for key, row in wanted.items()}


@transaction.atomic
def _prepare_one(
    office_id: int,
    window: WindowPlan,
    sources: Sources,
    closures: tuple[Shut, ...],
    now: datetime,
    done: Prepared,
) -> None:
    """Create or reconcile one window under the office's lock, after reading it again."""
    office = lock_office(office_id)
    if closures_of(office, first=window.first_day, last=window.last_day) != closures:
        return  # closed or reopened since the plan: the next run plans again
    first, last = window.days[0][0], window.days[-1][0]
    snapshot = snapshot_of(office.pk, first, now=now, key=window.key, last=last)
    row = snapshot.windows.get(window.key)
    if row is not None and is_frozen(row, now=now):
        return
    wanted = _wanted(window, row, snapshot)
    if row is None and not wanted:
        return
    current = snapshot.slots.get(row.pk, {}) if row is not None else {}
    row = row or _make_window(office, window, sources, now)
    _write_head(row, window, sources)
    if row.has_waiting_room and row.opens_at > now:
        ensure_room(window_id=row.pk, now=now)
    _write_places(office, row, current, wanted, now, done)
    done.windows += 1


def _make_window(
    office: Office, window: WindowPlan, sources: Sources, now: datetime
) -> ReleaseWindow:
    return ReleaseWindow.objects.create(
        rule_id=window.rule_id,
        office=office,
        lane_id=window.lane,
        mode=window.mode,
        has_waiting_room=window.has_waiting_room,
        first_day=window.first_day,
        tranche=window.tranche,
        last_day=window.last_day,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        prepared_at=now,
        sources=sources,
    )


def _write_head(row: ReleaseWindow, window: WindowPlan, sources: Sources) -> None:
    if _heads_agree(row, window) and row.sources == sources:
        return
    for name in HEAD_FIELDS:
        setattr(row, name, getattr(window, name))
    row.sources = sources
    row.save(update_fields=[*HEAD_FIELDS, "sources"])


def _sources(rules: OfficeRules, window: WindowPlan) -> Sources:
    """Return the rows that decided the window, each with its legal instrument."""
    policy_ids = {lane.policy_id for _day, lane in window.days}
    rule = next(row for row in rules.releases if row.id == window.rule_id)
    policies = [row for row in rules.policies if row.id in policy_ids]
    return [
        {"kind": "release_rule", "id": rule.id, "instrument": rule.instrument},
        *({"kind": "quota_policy", "id": row.id, "instrument": row.instrument} for row in policies),
    ]


def _write_places(
    office: Office,
    window: ReleaseWindow,
    current: dict[SlotKey, CurrentSlot],
    wanted: dict[SlotKey, Wanted],
    now: datetime,
    done: Prepared,
) -> None:
    slot_ids = make_slots(office, wanted)
    for key, row in current.items():
        target = wanted.get(key)
        excess = row.places - (target.places if target else 0)
        if excess > 0:
            done.withdrawn += _withdraw(row.slot_id, window.pk, excess, now)
        if target and (row.opens_at, row.closes_at) != (target.opens_at, target.closes_at):
            Place.objects.offered().filter(window=window, slot_id=row.slot_id).update(
                opens_at=target.opens_at, closes_at=target.closes_at
            )
    missing = {
        key: target.places - (current[key].places if key in current else 0)
        for key, target in wanted.items()
    }
    done.inserted += insert_places(window, slot_ids, wanted, missing)


def make_slots(office: Office, wanted: dict[SlotKey, Wanted]) -> dict[SlotKey, int]:
    """Return the id of every wanted slot; create those that are missing."""
    Slot.objects.bulk_create(
        [
            Slot(
                office=office,
                lane_id=lane,
                group_id=group,
                day=row.day,
                starts_at=starts,
                ends_at=ends,
                only_services=list(only),
            )
            for (lane, group, starts, ends, only), row in wanted.items()
        ],
        ignore_conflicts=True,
    )
    days = {row.day for row in wanted.values()}
    rows = Slot.objects.filter(office=office, day__in=days)
    return {
        (row.lane_id, row.group_id, row.starts_at, row.ends_at, tuple(row.only_services)): row.pk
        for row in rows
    }


def insert_places(
    window: ReleaseWindow,
    slot_ids: dict[SlotKey, int],
    wanted: dict[SlotKey, Wanted],
    missing: dict[SlotKey, int],
) -> int:
    """Insert the missing places of each slot, numbered from its last place; return how many."""
    short = {slot_ids[key]: (wanted[key], n, bool(key[4])) for key, n in missing.items() if n > 0}
    is_lottery = window.mode == ReleaseRule.Mode.DRAW
    last = dict(
        Place.objects.filter(made_in_slot_id__in=short)
        .values_list("made_in_slot_id")
        .annotate(last=Max("number"))
    )
    rows = [
        Place(
            window=window,
            slot_id=slot_id,
            made_in_slot_id=slot_id,
            number=last.get(slot_id, 0) + step,
            opens_at=row.opens_at,
            closes_at=row.closes_at,
            # Limited slots have no lottery: its entry list is for every service.
            cooldown_until=RESERVED if is_lottery and not is_limited else None,
            is_limited=is_limited,
        )
        for slot_id, (row, n, is_limited) in short.items()
        for step in range(1, n + 1)
    ]
    Place.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def _withdraw(slot_id: int, window_id: int, n: int, now: datetime) -> int:
    """Withdraw at most n free places of the slot, the highest numbers first."""
    with connection.cursor() as cursor:
        cursor.execute(WITHDRAW, {"slot": slot_id, "window": window_id, "n": n, "now": now})
        return int(cursor.rowcount)


def _leftovers(snapshot: Snapshot, rules: OfficeRules, today: date, now: datetime) -> list[int]:
    """Windows that no rule plans any more, not frozen, with places still offered."""
    return [
        row.pk
        for row in snapshot.windows.values()
        if snapshot.slots.get(row.pk)
        and not is_frozen(row, now=now)
        and not _is_still_made(rules, row, today)
    ]


def _is_still_made(rules: OfficeRules, window: ReleaseWindow, today: date) -> bool:
    first = max(window.first_day, today)
    days = [first + timedelta(days=step) for step in range((window.last_day - first).days + 1)]
    lanes = (lane for day in days for lane in plan_day(rules, day).lanes)
    return any(
        (lane.rule_id, lane.window_first_day, lane.tranche) == key_of(window) for lane in lanes
    )


@transaction.atomic
def _withdraw_window(
    office_id: int, window_id: int, today: date, now: datetime, done: Prepared
) -> None:
    lock_office(office_id)
    for row in current_slots([window_id], since=today)[window_id].values():
        done.withdrawn += _withdraw(row.slot_id, window_id, row.places, now)
    done.windows += 1


def _withdraw_holidays(
    office: Office, rules: OfficeRules, today: date, now: datetime, done: Prepared
) -> None:
    """Withdraw the free places of days that became holidays, in frozen windows too.

    Held places stay, so that their holders are moved.
    """
    days = [day for day in rules.holidays if day >= today]
    rows = (
        Place.objects.free()
        .filter(slot__office=office, slot__day__in=days)
        .values_list("slot_id", "window_id")
        .annotate(n=Count("id"))
    )
    for slot_id, window_id, n in list(rows):
        with transaction.atomic():
            lock_office(office.pk)
            done.withdrawn += _withdraw(slot_id, window_id, n, now)
