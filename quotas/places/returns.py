"""Freeing places, and giving freed ones to the waiting list."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import Q

from quotas.places.errors import PlaceNotHeld
from quotas.places.models import (
    NOW,
    Place,
    is_free,
    is_given_back,
    is_not_reserved,
    place_sql,
)
from quotas.plan.decrees import ReturnDecree
from quotas.policies.selectors import return_terms

_secret = secrets.SystemRandom()
# Takes what `hours_given_back` counts, at most the requested number.
TAKE_GIVEN_BACK: Final = f"""
WITH picked AS MATERIALIZED (
  SELECT id FROM quotas_place
   WHERE slot_id = %(slot)s AND {place_sql(is_given_back(NOW))}
   ORDER BY id LIMIT %(n)s FOR NO KEY UPDATE SKIP LOCKED)
UPDATE quotas_place SET holder = %(holder)s, cooldown_until = NULL FROM picked
 WHERE quotas_place.id = picked.id AND (SELECT count(*) FROM picked) = %(n)s
RETURNING quotas_place.id
"""  # noqa: S608 - no input in it
# Of a slot, for a booking that had a place there: cooldowns do not bind it, lotteries and openings do.
TAKE_AGAIN: Final = f"""
WITH picked AS MATERIALIZED (
  SELECT id FROM quotas_place
   WHERE slot_id = %(slot)s AND {place_sql(is_free() & is_not_reserved() & Q(opens_at__lte=NOW))}
   ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
UPDATE quotas_place SET holder = %(holder)s, cooldown_until = NULL FROM picked
 WHERE quotas_place.id = picked.id
RETURNING quotas_place.id
"""  # noqa: S608 - no input in it
LOCK_HELD: Final = """
SELECT id FROM quotas_place WHERE id = ANY(%(places)s) AND holder = %(holder)s AND withdrawn_at IS NULL
 ORDER BY id FOR NO KEY UPDATE
"""
HAND_OVER: Final = """
UPDATE quotas_place SET holder = wanted.holder
  FROM unnest(%(places)s::bigint[], %(holders)s::uuid[]) AS wanted (id, holder)
 WHERE quotas_place.id = wanted.id
"""


def free_place(*, place_id: int, holder: UUID, now: datetime) -> None:
    """Free a place. Raises PlaceNotHeld. See `free_places`."""
    free_places(place_ids=[place_id], holder=holder, now=now)


def free_places(*, place_ids: Collection[int], holder: UUID, now: datetime) -> None:
    """Free places. Each gets its own secret cooldown before anyone may take it again.

    Needs no lock: the condition on the holder decides. Raises PlaceNotHeld.
    """
    rows = Place.objects.filter(pk__in=place_ids).select_related("slot__office").order_by("pk")
    terms: dict[int, ReturnDecree] = {}
    for place in rows:
        slot = place.slot
        if slot.pk not in terms:
            terms[slot.pk] = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
        changed = Place.objects.filter(pk=place.pk, holder=holder).update(
            holder=None, cooldown_until=_cooldown_until(terms[slot.pk], now)
        )
        if not changed:
            raise PlaceNotHeld


def restart_cooldown(*, place_ids: Collection[int], now: datetime) -> None:
    """Start the cooldown of free places again, so that the waiting list is served first."""
    rows = Place.objects.free().filter(pk__in=place_ids).select_related("slot__office")
    for place in rows:
        slot = place.slot
        terms = return_terms(slot.office, lane=slot.lane_id, day=slot.day)
        Place.objects.free().filter(pk=place.pk).update(cooldown_until=_cooldown_until(terms, now))


def take_given_back(*, slot_id: int, count: int, holder: UUID, now: datetime) -> list[int]:
    """Take freed places of a slot for one holder; return [] when there are too few.

    Runs inside the caller's transaction. Skips places that another transaction has locked.
    """
    values: dict[str, Any] = {"slot": slot_id, "n": count, "holder": holder, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_GIVEN_BACK, values)
        return sorted(row[0] for row in cursor.fetchall())


def take_again(*, slot_id: int, holder: UUID, now: datetime) -> int | None:
    """Take a free place of a slot for a booking that lost its own there; None if there is none.

    Runs inside the caller's transaction. Skips places that another transaction has locked.
    """
    values: dict[str, Any] = {"slot": slot_id, "holder": holder, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_AGAIN, values)
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def hand_over_places(*, place_ids: Sequence[int], holder: UUID, to: Sequence[UUID]) -> None:
    """Replace the holder of each place with another, in the caller's transaction.

    Raises PlaceNotHeld when one of them is not held any more, or was withdrawn.
    """
    values: dict[str, Any] = {"places": list(place_ids), "holder": holder, "holders": list(to)}
    with connection.cursor() as cursor:
        cursor.execute(LOCK_HELD, values)
        if len(cursor.fetchall()) < len(place_ids):
            raise PlaceNotHeld
        cursor.execute(HAND_OVER, values)


def _cooldown_until(terms: ReturnDecree, now: datetime) -> datetime:
    """Return a random end of the cooldown, within the bounds of the rule."""
    low, high = terms.rest_from.total_seconds(), terms.rest_until.total_seconds()
    return now + timedelta(seconds=_secret.uniform(low, high))
