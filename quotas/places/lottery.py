"""Places that are drawn: kept back from those who come first, taken by rank, released when left over."""

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

# Under the window's lock, with the places' own locks as everywhere. Only what was reserved for the lottery.
TAKE_RESERVED = take_statement(
    is_free() & is_reserved() & is_in_window(NOW),
    where="AND window_id = %(window)s",
    lock="",
    changes=", cooldown_until = NULL",
)


def lock_window(*, window_id: int) -> ReleaseWindow:
    """Lock a window: its draw is held by one worker at a time. Raises NotFound."""
    window = ReleaseWindow.objects.select_for_update(no_key=True).filter(pk=window_id).first()
    if window is None:
        raise NotFound
    return window


def places_to_draw(*, window_id: int, now: datetime) -> dict[int, int]:
    """Return how many places each hour of a window has to be drawn now, hours without any left out."""
    rows = Place.objects.reserved().filter(is_in_window(now), window_id=window_id)
    return dict(rows.values_list("slot_id").annotate(n=Count("id")).order_by("slot_id"))


def take_reserved(
    *, window_id: int, slot_id: int, holders: Sequence[UUID], now: datetime
) -> list[int]:
    """Take places of an hour for those who won it; return their ids in the holders' order.

    Runs under the window's lock. Raises Busy when a place went meanwhile, by a closure: draw again.
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
    """Keep places that a winner did not claim for whoever is next by rank."""
    free = Place.objects.free().filter(pk__in=place_ids)
    free.update(cooldown_until=RESERVED)


def release_undrawn(*, window_id: int) -> int:
    """Open what no entry could use to those who come first; return how many places that are."""
    return Place.objects.reserved().filter(window_id=window_id).update(cooldown_until=None)


def record_lottery(*, window: ReleaseWindow, now: datetime) -> None:
    """Write down when a locked window was drawn."""
    window.drawn_at = now
    window.save(update_fields=["drawn_at"])
