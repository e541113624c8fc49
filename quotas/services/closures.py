"""What a closure does to places: withdrawn, held or not; and offered again when the office reopens."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from offices.models import Closure, Office
from quotas.hours import Shut
from quotas.models import RESERVED, Place
from quotas.plan import plan_windows
from quotas.selectors.rules import closures_of, rules_of, shut_of, slots_shut_by
from quotas.services.standing import is_frozen, snapshot_of, standing_in, wanted_by
from quotas.services.windows import HORIZON, insert_places, make_slots

TEN_YEARS = timedelta(days=3650)


def withdraw_places(*, closure: Closure, now: datetime) -> int:
    """Withdraw every place of a closure's hours, held ones too; return how many.

    Runs in the transaction that writes the closure, under the office's lock. Whoever is just taking
    one is waited for: a place is bound before it is withdrawn, or not taken at all.
    """
    _needs_transaction()
    slots = slots_shut_by(closure.office, shut_of(closure), now=now)
    # What an earlier closure left to its holder is this one's to decide on.
    touched = Place.objects.filter(slot_id__in=slots).filter(
        Q(withdrawn_at__isnull=True) | Q(holder__isnull=False)
    )
    # In the order of the ids, like everyone who locks places.
    ids = list(touched.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    again = Q(withdrawn_at__isnull=True) | Q(holder__isnull=False)
    rows = Place.objects.filter(pk__in=ids).filter(again)
    return rows.update(withdrawn_at=now, closure=closure)


def restore_places(*, office: Office, was: Shut, now: datetime, rest: timedelta) -> int:
    """Offer again the places that no closure stands in the way of any more; return how many.

    Runs in the transaction that ends the closure, under the office's lock. Free ones rest for a
    while, in which the office places those who are waiting for one.
    """
    _needs_transaction()
    today = office.local_day(now)
    standing = closures_of(office, first=today, last=today + TEN_YEARS)
    shut = {slot_id for row in standing for slot_id in slots_shut_by(office, row, now=now)}
    rows = Place.objects.filter(
        slot__office=office, slot__ends_at__gt=now, closure__isnull=False
    ).exclude(slot_id__in=shut)
    ids = list(rows.values_list("pk", flat=True))
    restored = Place.objects.filter(pk__in=ids)
    resting = restored.filter(holder__isnull=True).exclude(cooldown_until__gte=RESERVED)
    resting.update(cooldown_until=now + rest)
    count = restored.update(withdrawn_at=None, closure=None)
    return count + _fill_reopened(office=office, shut=was, now=now)


def _fill_reopened(*, office: Office, shut: Shut, now: datetime) -> int:
    """Insert what a closure kept from being made in windows that are frozen since; return how many.

    A window that opens later follows the rules by itself.
    """
    today = office.local_day(now)
    rules = rules_of(office, first=today, last=today + HORIZON)
    snapshot, inserted = snapshot_of(office.pk, today, now=now), 0
    for window in plan_windows(rules, today=today, now=now):
        row = snapshot.windows.get(window.key)
        if row is None or not is_frozen(row, now=now):
            continue
        wanted = {
            key: target
            for key, target in wanted_by(window, snapshot.claimed_from(window.key)).items()
            if shut.covers(target.day, key[:2], key[2].time(), key[3].time())
        }
        there = standing_in([row.pk])[row.pk]
        missing = {
            key: target.places - (there[key].places if key in there else 0)
            for key, target in wanted.items()
        }
        inserted += insert_places(row, make_slots(office, wanted), wanted, missing)
    return inserted


def _needs_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("closures need a transaction of their caller")
