"""How a slot is shown in a message."""

from collections.abc import Mapping
from typing import Any

from core.formats import day_and_hours
from offices.directory.models import Office
from quotas.places.models import Slot


def slot_snapshot(slot: Slot, office: Office) -> dict[str, Any]:
    """Copy a slot's times and its office's time zone into a message context."""
    return {
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "time_zone": office.time_zone,
    }


# --- Text at delivery ---------------------------------------------------------------------------
def slot_text(slot: Mapping[str, Any]) -> str:
    """Return the slot of a message context as text: day, hours and time zone."""
    return day_and_hours(slot["starts_at"], slot["ends_at"], slot["time_zone"])
