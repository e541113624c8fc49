"""Places reserved for a lottery: taken by rank, opened to everyone when left over."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count

from core.errors import Busy, NotFound
from quotas.places.models import (
    NOW,
    RESERVED,
    Place,
    ReleaseWindow,
    is_free,
    is_in_window,
    is_reserved,
)
from quotas.places.services import take_statement

# Runs under the window's lock and locks the places it takes. Takes only places reserved for the lottery.
TAKE_RESERVED = take_statement(
    is_free() & is_reserved() & is_in_window(NOW),
    where="AND window_id = %(window)s",
    lock="",
    changes=", cooldown_until = NULL",
)


def lock_window(*, window_id: int) -> ReleaseWindow:
    """Lock a window, so that one worker at a time holds its lottery. Raises NotFound."""
    window = ReleaseWindow.objects.select_for_update(no_key=True).filter(pk=window_id).first()
    if window is None:
        raise NotFound
    return window


def places_to_draw(*, window_id: int, now: datetime) -> dict[int, int]:
    """Return the reserved places of a window that can be drawn now, by slot id; slots without any are left out."""
    rows = Place.objects.reserved().filter(is_in_window(now), window_id=window_id)
    return dict(rows.values_list("slot_id").annotate(n=Count("id")).order_by("slot_id"))


def take_reserved(
    *, window_id: int, slot_id: int, holders: Sequence[UUID], now: datetime
) -> list[int]:
    """Take places of a slot for its winners; return their ids in the holders' order.

    Runs under the window's lock. Raises Busy when a closure has withdrawn a place since the count:
    draw again.
    """
    values: dict[str, Any] = {
        "window": window_id,
        "slot": slot_id,
        "now": now,
        "n": len(holders),
        "holders": list(holders),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE_RESERVED, values)
        rows = sorted(cursor.fetchall())
    if len(rows) < len(holders):
        raise Busy
    return [place_id for _position, place_id in rows]


def reserve_again(*, place_ids: Collection[int]) -> None:
    """Reserve places that a winner did not claim for the next entry by rank."""
    free = Place.objects.free().filter(pk__in=place_ids)
    free.update(cooldown_until=RESERVED)


def release_undrawn(*, window_id: int) -> int:
    """Open the places that no entry could use to everyone; return how many."""
    return Place.objects.reserved().filter(window_id=window_id).update(cooldown_until=None)


def record_lottery(*, window: ReleaseWindow, now: datetime) -> None:
    """Record the time of a locked window's lottery."""
    window.drawn_at = now
    window.save(update_fields=["drawn_at"])
