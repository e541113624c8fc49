"""What decrees order, and the windows, slots and places that come of it."""

from quotas.models.places import RESERVED, Place, PlaceQuerySet, ReleaseWindow, Slot
from quotas.models.rules import QuotaPolicy, ReleaseRule, Scoped

__all__ = [
    "RESERVED",
    "Place",
    "PlaceQuerySet",
    "QuotaPolicy",
    "ReleaseRule",
    "ReleaseWindow",
    "Scoped",
    "Slot",
]
