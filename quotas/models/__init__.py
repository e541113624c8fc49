"""What decrees order, and the windows, slots and places that come of it."""

from quotas.models.changes import PlaceMove, RollOver, RollOverRule, RuleChange
from quotas.models.places import RESERVED, Place, PlaceQuerySet, ReleaseWindow, Slot, serves
from quotas.models.returns import ReturnRule
from quotas.models.rooms import RoomMark, RoomSecond, WaitingRoom
from quotas.models.rules import QuotaPolicy, ReleaseRule, Scoped
from quotas.models.watches import OpeningWatch

__all__ = [
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
    "serves",
]
