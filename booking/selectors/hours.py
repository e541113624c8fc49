"""What does not change while a crowd books an hour."""

from dataclasses import dataclass

from core.db import shared_read
from offices.models import ServiceType
from quotas.models import Slot


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


@shared_read(times=10, has_words=False)
def hour_of(slot_id: int) -> Hour | None:
    """Return what does not change while a crowd books an hour, or None when there is no such hour."""
    slot = Slot.objects.filter(pk=slot_id).select_related("office", "group", "lane").first()
    if slot is None:
        return None
    services = slot.office.service_types.select_related("group").order_by("pk")
    return Hour(slot, tuple(services))
