"""What decrees order, and the windows, slots and places that come of it."""

from quotas.models.changes import PlaceMove, RollOver, RollOverRule, RuleChange
from quotas.models.places import (
    NOW,
    RESERVED,
    Place,
    PlaceQuerySet,
    ReleaseWindow,
    Slot,
    is_available,
    is_cooled_down,
    is_free,
    is_given_back,
    is_in_window,
    is_not_reserved,
    is_reserved,
    place_sql,
    serves,
)
from quotas.models.returns import ReturnRule
from quotas.models.rooms import RoomMark, RoomSecond, WaitingRoom
from quotas.models.rules import QuotaPolicy, ReleaseRule, Scoped
from quotas.models.watches import OpeningWatch

__all__ = [
    "NOW",
    "RESERVED",
    "OpeningWatch",
    "Place",
    "PlaceMove",
    "PlaceQuerySet",
    "QuotaPolicy",
    "ReleaseRule",
    "ReleaseWindow",
    "ReturnRule",
    "RollOver",
    "RollOverRule",
    "RoomMark",
    "RoomSecond",
    "RuleChange",
    "Scoped",
    "Slot",
    "WaitingRoom",
    "is_available",
    "is_cooled_down",
    "is_free",
    "is_given_back",
    "is_in_window",
    "is_not_reserved",
    "is_reserved",
    "place_sql",
    "serves",
]
