"""What decrees order, and the windows, slots and places that come of it."""

from quotas.models.places import Place, PlaceQuerySet, ReleaseWindow, Slot
from quotas.models.rules import QuotaPolicy, ReleaseRule, Scoped

__all__ = [
    "Place",
    "PlaceQuerySet",
    "QuotaPolicy",
    "ReleaseRule",
    "ReleaseWindow",
    "Scoped",
    "Slot",
]
