"""Windows as the public sees them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q

from offices.directory.models import Office
from quotas.places.models import ReleaseWindow, is_cooled_down, is_free
from quotas.policies.models import ReleaseRule

AROUND_AN_OPENING: Final = timedelta(minutes=15)


@dataclass(frozen=True)
class WindowView:
    """A window that is open or coming. `left` never counts a place in its cooldown."""

    id: int
    opens_at: datetime
    closes_at: datetime
    first_day: date
    last_day: date
    mode: str
    places: int
    left: int
    has_waiting_room: bool = False
    drawn_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now < self.closes_at

    @property
    def waits_for_draw(self) -> bool:
        """True if its lottery is still to be held."""
        return self.mode == ReleaseRule.Mode.DRAW and self.drawn_at is None


def windows(
    office: Office, *, now: datetime, lane: str = "online", group_id: int | None = None
) -> list[WindowView]:
    """Return the office's open and coming windows that have places, the earliest opening first.

    With a service group, only its places count.
    """
    return windows_of_offices([office], now=now, lane=lane, group_id=group_id)[office.pk]


def windows_of_offices(
    offices: Sequence[Office], *, now: datetime, lane: str = "online", group_id: int | None = None
) -> dict[int, list[WindowView]]:
    """Return the same as `windows` for each office by its id, in one query."""
    views: dict[int, list[WindowView]] = {office.pk: [] for office in offices}
    rows = _with_counts(now, group_id).filter(
        office__in=offices, lane=lane, closes_at__gt=now, places_count__gt=0
    )
    for row in rows.order_by("opens_at", "first_day", "id"):
        views[row.office_id].append(_view(row))
    return views


def is_opening_near(*, now: datetime, lane: str = "online") -> bool:
    """True if some office's places open within a quarter of an hour, or opened that recently."""
    span = (now - AROUND_AN_OPENING, now + AROUND_AN_OPENING)
    return ReleaseWindow.objects.filter(lane=lane, opens_at__range=span).exists()


def _with_counts(now: datetime, group_id: int | None) -> Any:
    # Slots limited to some services by a closure are not open to everyone.
    offered = Q(
        places__withdrawn_at__isnull=True, places__id__isnull=False, places__is_limited=False
    )
    if group_id is not None:
        offered &= Q(places__slot__group=group_id)
    free = offered & is_free("places__") & is_cooled_down(now, "places__")
    free &= Q(places__closes_at__gt=now)
    return ReleaseWindow.objects.annotate(
        places_count=Count("places", filter=offered), left_count=Count("places", filter=free)
    )


def _view(row: ReleaseWindow) -> WindowView:
    return WindowView(
        id=row.pk,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        first_day=row.first_day,
        last_day=row.last_day,
        mode=row.mode,
        places=row.places_count,  # type: ignore[attr-defined]
        left=row.left_count,  # type: ignore[attr-defined]
        has_waiting_room=row.has_waiting_room,
        drawn_at=row.drawn_at,
    )
