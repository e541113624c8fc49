"""Which hours can be booked online, and by whom."""

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from offices.models import Lane, ServiceType
from quotas.models import Slot


def check_online(slot: Slot | None) -> Slot:
    """Return the slot when it can be booked online. Raises InvalidInput."""
    if slot is None or slot.lane.booked_at != Lane.BookedAt.ONLINE:
        text = _("Jam ini tidak ada. Pilih jam dari kalender kantor.")
        raise InvalidInput(fields={"slot": [text]})
    return slot


def check_served(slot: Slot, service: ServiceType) -> None:
    """Refuse an hour that a closure leaves to other services. Raises InvalidInput."""
    if not slot.is_for(service.pk):
        text = _(
            "Pada jam ini kantor tutup untuk layanan Anda; hanya layanan tertentu yang tetap berjalan. Pilih jam dari kalender layanan Anda."
        )
        raise InvalidInput(fields={"slot": [text]})
