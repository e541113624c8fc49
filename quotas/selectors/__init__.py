from quotas.selectors.calendar import CalendarDay, SlotView, calendar, day_slots, nearest_open_slots
from quotas.selectors.ledger import LaneLedger, Ledger, ledger
from quotas.selectors.preview import Preview, preview
from quotas.selectors.releases import ClosedDay, OfficeReleases, releases
from quotas.selectors.rules import policy_of, release_of, rules_of
from quotas.selectors.windows import WindowView, next_opening, windows

__all__ = [
    "CalendarDay",
    "ClosedDay",
    "LaneLedger",
    "Ledger",
    "OfficeReleases",
    "Preview",
    "SlotView",
    "WindowView",
    "calendar",
    "day_slots",
    "ledger",
    "nearest_open_slots",
    "next_opening",
    "policy_of",
    "preview",
    "release_of",
    "releases",
    "rules_of",
    "windows",
]
