"""The effects of a closure on places: withdrawn, held or not, and restored when the office reopens.

Where some services are still served in a closure, its slots are divided: the slot for all is
closed, and a slot row of its own, with places of its own, is for those services only. So code that
takes places need not check closures: the places of the slot for all are withdrawn.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from offices.closures.models import Closure
from offices.directory.models import Office
from quotas.places.models import Place, ReleaseWindow, is_not_reserved
from quotas.places.selectors import hours_shut_by, slots_shut_by
from quotas.plan.spans import Shut
from quotas.plan.windows import plan_windows
from quotas.policies.selectors import closures_of, rules_of, shut_of
from quotas.windows.reconciliation import (
    SlotKey,
    Wanted,
    current_slots,
    is_frozen,
    snapshot_of,
    wanted_by,
)
from quotas.windows.services import HORIZON, insert_places, make_slots

TEN_YEARS = timedelta(days=3650)


def withdraw_places(*, closure: Closure, now: datetime) -> int:
    """Withdraw every place of a closure's slots, held ones too; return how many.

    Then the services that are still served get places of their own. Runs in the transaction that
    writes the closure, under the office's lock, and waits for transactions that are taking a place:
    a place is taken before it is withdrawn, or not at all.
    """
    _needs_transaction()
    shut = shut_of(closure)
    all_shut = set(hours_shut_by(closure.office, _not_lifted_at(closure.office, now), now=now))
    slots = [pk for pk in slots_shut_by(closure.office, shut, now=now) if pk in all_shut]
    # Places that an earlier closure left to their holders follow this closure now.
    touched = Place.objects.filter(slot_id__in=slots).filter(
        Q(withdrawn_at__isnull=True) | Q(holder__isnull=False)
    )
    # In the order of the ids, like every lock on places.
    ids = list(touched.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    again = Q(withdrawn_at__isnull=True) | Q(holder__isnull=False)
    rows = Place.objects.filter(pk__in=ids).filter(again)
    count = rows.update(withdrawn_at=now, closure=closure)
    offer_what_goes_on(closure=closure, now=now)
    return count


def offer_what_goes_on(*, closure: Closure, now: datetime) -> int:
    """Offer the remaining places of a closure's slots to the services still served; return how many.

    People who still hold a place count, so this runs again after everyone has been moved. Runs
    under the office's lock.
    """
    _needs_transaction()
    shut = shut_of(closure)
    if not shut.open_services or closure.lifted_at is not None:
        return 0
    return _fill(office=closure.office, shut=shut, now=now)


def restore_places(*, office: Office, was: Shut, now: datetime, rest: timedelta) -> int:
    """Restore the places that no closure covers any more; return how many.

    Runs in the transaction that ends the closure, under the office's lock. Free places get a
    cooldown, in which the office places the people who wait. Holders of a place in a divided slot
    keep it; its other places are withdrawn, because the slot is for all again.
    """
    _needs_transaction()
    shut = hours_shut_by(office, _not_lifted_at(office, now), now=now)
    _withdraw_divided(office=office, was=was, now=now)
    rows = Place.objects.filter(
        slot__office=office, slot__ends_at__gt=now, closure__isnull=False
    ).exclude(slot_id__in=shut)
    ids = list(rows.values_list("pk", flat=True))
    restored = Place.objects.filter(pk__in=ids)
    count = restored.update(withdrawn_at=None, closure=None)
    restored.free().filter(is_not_reserved()).update(cooldown_until=now + rest)
    count -= _withdraw_doubled(office=office, restored=ids, now=now)
    return count + _fill(office=office, shut=was, now=now)


def _not_lifted_at(office: Office, now: datetime) -> tuple[Shut, ...]:
    today = office.local_day(now)
    return closures_of(office, first=today, last=today + TEN_YEARS)


def _withdraw_divided(*, office: Office, was: Shut, now: datetime) -> None:
    """Withdraw the free places of the divided slots of the closure."""
    limited = [row for row in _not_lifted_at(office, now) if row.open_services]
    divided = slots_shut_by(office, was, now=now)
    still = {pk for row in limited for pk in slots_shut_by(office, row, now=now)}
    Place.objects.free().filter(
        slot_id__in=[pk for pk in divided if pk not in still], is_limited=True
    ).update(withdrawn_at=now)


def _withdraw_doubled(*, office: Office, restored: list[int], now: datetime) -> int:
    """Withdraw one place for each one held in the divided slot, so that the total stays."""
    held = Place.objects.filter(
        is_limited=True, holder__isnull=False, slot__office=office, slot__ends_at__gt=now
    ).select_related("slot")
    surplus: list[int] = []
    for place in held:
        like = Place.objects.free().filter(
            pk__in=restored,
            window_id=place.window_id,
            slot__lane=place.slot.lane_id,
            slot__group=place.slot.group_id,
            slot__starts_at=place.slot.starts_at,
            slot__ends_at=place.slot.ends_at,
        )
        surplus += like.exclude(pk__in=surplus).order_by("-number").values_list("pk", flat=True)[:1]
    return Place.objects.filter(pk__in=surplus).update(withdrawn_at=now)


def _fill(*, office: Office, shut: Shut, now: datetime) -> int:
    """Insert the missing places of a span's slots in frozen windows; return how many.

    Windows that are not frozen follow the rules by themselves.
    """
    inserted = 0
    for row, wanted in _frozen(office, now):
        mine = {
            key: target
            for key, target in wanted.items()
            if shut.covers(target.day, key[:2], key[2].time(), key[3].time())
        }
        there = current_slots([row.pk])[row.pk] if mine else {}
        missing = {
            key: target.places - (there[key].places if key in there else 0)
            for key, target in mine.items()
        }
        inserted += insert_places(row, make_slots(office, mine), mine, missing)
    return inserted


def _frozen(office: Office, now: datetime) -> Iterator[tuple[ReleaseWindow, dict[SlotKey, Wanted]]]:
    today = office.local_day(now)
    rules = rules_of(office, first=today, last=today + HORIZON)
    snapshot = snapshot_of(office.pk, today, now=now)
    for window in plan_windows(rules, today=today, now=now):
        row = snapshot.windows.get(window.key)
        if row is not None and is_frozen(row, now=now):
            bound = snapshot.bound.get(row.pk, {})
            yield row, wanted_by(window, snapshot.claimed_from(window.key), bound)


def _needs_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("closures need a transaction of their caller")
