"""Hours at which an office serves everybody of a party.

People of another service group have a slot of their own: the one with the same start.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.bookings.selectors import BookableSlot, bookable_slot
from core.db import shared_read
from offices.directory.models import Office, ServiceGroup
from quotas.calendar.nearest import slot_rows
from quotas.calendar.selectors import OPEN, SlotView, all_slots, nearest_open_slots
from quotas.places.models import Slot
from quotas.plan.rows import OfficeRules

ALTERNATIVES: Final = 3
FEW: Final = "few"  # open, but with fewer places than the party needs


@dataclass(frozen=True)
class Need:
    """How many places a party needs for one service (None: any) of a group."""

    group: ServiceGroup
    service: int | None
    count: int = 1


@shared_read(times=10, has_text=False)
def slots_at_same_hour(slot_id: int) -> tuple[BookableSlot, ...]:
    """Return the slots of the same office and lane with the same start, this one first."""
    here = bookable_slot(slot_id)
    if here is None:
        return ()
    slot = here.slot
    rows = Slot.objects.filter(office=slot.office_id, lane=slot.lane_id, starts_at=slot.starts_at)
    ids = rows.exclude(pk=slot_id).order_by("pk").values_list("pk", flat=True)
    return (here, *(one for pk in ids if (one := bookable_slot(pk))))


def slot_at_same_hour(slot_id: int, service_id: int) -> Slot | None:
    """Return the slot in which people with a service come together with those of this slot, or None."""
    for one in slots_at_same_hour(slot_id):
        if any(row.pk == service_id for row in one.offered):
            return one.slot
    return None


def slot_for_service(slot_id: int, code: str) -> int:
    """Return the id of the slot at the same hour for a service, by its code; without one, of this slot."""
    for one in slots_at_same_hour(slot_id):
        if any(row.code == code for row in one.offered):
            return one.slot.pk
    return slot_id


def hour_rows(
    office: Office,
    *,
    day: dt.date,
    needs: Sequence[Need],
    now: dt.datetime,
    rules: OfficeRules | None = None,
) -> list[dict[str, Any]]:
    """Return the day's hours of the first need's group, as the slot picker renders them.

    An hour with too few places for the party has the state `few` and says how many there are.
    """
    groups = {need.group.pk: need.group for need in needs}
    views = {
        pk: all_slots(office, day=day, group=group, now=now, rules=rules)
        for pk, group in groups.items()
    }
    first = needs[0]
    mine = [view for view in views[first.group.pk] if view.is_for(first.service)]
    return [
        {**row, **_too_few(view, needs, views)}
        for row, view in zip(slot_rows(mine), mine, strict=True)
    ]


def _too_few(
    view: SlotView, needs: Sequence[Need], views: Mapping[int, Sequence[SlotView]]
) -> dict[str, Any]:
    """Return the state and the reason of an hour that cannot take the party, or nothing."""
    if view.status != OPEN:
        return {}
    wanted: dict[int, int] = defaultdict(int)
    chosen: dict[int, tuple[SlotView, ServiceGroup]] = {}
    for need in needs:
        other = _view_for(view, need, views)
        if other is None:
            text = _("Pada jam ini kantor tidak melayani %(group)s")
            return {"state": FEW, "reason": text % {"group": need.group}}
        wanted[other.id] += need.count
        chosen[other.id] = (other, need.group)
    for pk, (other, group) in chosen.items():
        if other.status != OPEN:
            text = _("%(group)s: %(reason)s")
            return {"state": FEW, "reason": text % {"group": group, "reason": other.reason}}
        if other.left < wanted[pk]:
            reason = few_text(other.left, wanted[pk])
            text = _("%(group)s: %(reason)s") % {"group": group, "reason": reason}
            return {"state": FEW, "reason": text if len(views) > 1 else reason}
    return {}


def _view_for(
    view: SlotView, need: Need, views: Mapping[int, Sequence[SlotView]]
) -> SlotView | None:
    if view in views[need.group.pk] and view.is_for(need.service):
        return view
    rows = [
        row
        for row in views[need.group.pk]
        if row.starts_at == view.starts_at and row.is_for(need.service)
    ]
    return next(iter(rows), None)


def few_text(left: int, wanted: int) -> str:
    """Return how many places an hour has and how many the party needs."""
    places = ngettext("%(left)d tempat", "%(left)d tempat", left) % {"left": left}
    return _("%(places)s, Anda perlu %(wanted)d") % {"places": places, "wanted": wanted}


def alternatives_to(
    office: Office,
    needs: Sequence[Need],
    *,
    near: dt.datetime,
    now: dt.datetime,
    but_not: int | None = None,
) -> list[dict[str, Any]]:
    """Return the office's hours with room for the whole party nearest to a moment, ready for JSON."""
    return [
        {
            "slot": view.id,
            "office": office.code,
            "starts_at": view.starts_at.astimezone(office.zone).isoformat(),
            "ends_at": view.ends_at.astimezone(office.zone).isoformat(),
            "left": view.left,
        }
        for view in nearest_with_room(office, needs, near=near, now=now, but_not=but_not)
    ]


def nearest_with_room(
    office: Office,
    needs: Sequence[Need],
    *,
    near: dt.datetime,
    now: dt.datetime,
    but_not: int | None = None,
) -> list[SlotView]:
    """Return the open hours with room for the whole party nearest to a moment, at most three."""
    first = needs[0]
    views = nearest_open_slots(
        office,
        group=first.group,
        after=near,
        now=now,
        limit=2 * ALTERNATIVES,
        service=first.service,
    )
    fitting = [
        view for view in views if view.id != but_not and _has_room(office, view, needs, now=now)
    ]
    return fitting[:ALTERNATIVES]


def _has_room(office: Office, view: SlotView, needs: Sequence[Need], *, now: dt.datetime) -> bool:
    """True if the hour takes everybody. Most parties need one slot, whose count is known."""
    if len({need.group.pk for need in needs}) == 1:
        is_for_all = all(view.is_for(need.service) for need in needs)
        return is_for_all and view.left >= sum(need.count for need in needs)
    rows = hour_rows(office, day=view.day, needs=needs, now=now)
    return any(row["id"] == view.id and row["state"] == OPEN for row in rows)
