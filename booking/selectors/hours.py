"""What does not change while a crowd books an hour."""

from dataclasses import dataclass
from typing import Final

from core.db import shared_by_number
from offices.models import Office, ServiceType
from quotas.models import Slot

HOURS_AT_ONCE: Final = 32


@dataclass(frozen=True)
class Hour:
    """An hour that can be booked: its slot with office, lane and group, and what the office offers."""

    slot: Slot
    services: tuple[ServiceType, ...]

    @property
    def offered(self) -> list[ServiceType]:
        """Return the services that the hour is for: those of its group, or those a closure leaves it to."""
        mine = (row for row in self.services if row.group_id == self.slot.group_id)
        return [row for row in mine if self.slot.is_for(row.pk)]


@shared_by_number(at_once=HOURS_AT_ONCE, times=10)
def hour_of(first: int, until: int) -> dict[int, Hour]:
    """Return what does not change while a crowd books an hour, or None when there is no such hour."""
    asked = Slot.objects.filter(pk__gte=first, pk__lt=until)
    slots = list(asked.select_related("office", "group", "lane"))
    offered: dict[int, list[ServiceType]] = {slot.office_id: [] for slot in slots}
    pairs = Office.service_types.through.objects.filter(office_id__in=offered)
    for pair in pairs.select_related("servicetype__group").order_by("servicetype_id"):
        offered[pair.office_id].append(pair.servicetype)
    return {slot.pk: Hour(slot, tuple(offered[slot.office_id])) for slot in slots}
