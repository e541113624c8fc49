"""How a slot is written in a message."""

from collections.abc import Mapping
from typing import Any

from core.formats import day_and_hours
from offices.directory.models import Office
from quotas.places.models import Slot


def slot_snapshot(slot: Slot, office: Office) -> dict[str, Any]:
    """Copy when a slot is, and in which time zone its office writes it."""
    return {
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "time_zone": office.time_zone,
    }


# --- How messages are laid out at delivery -----------------------------------------------------------
def slot_text(slot: Mapping[str, Any]) -> str:
    """Write a slot of a context: day, hours and time zone."""
    return day_and_hours(slot["starts_at"], slot["ends_at"], slot["time_zone"])
