from quotas.selectors.calendar import CalendarDay, SlotView, calendar, day_slots, nearest_open_slots
from quotas.selectors.ledger import LaneLedger, Ledger, ledger
from quotas.selectors.preview import Preview, preview
from quotas.selectors.releases import ClosedDay, OfficeReleases, releases
from quotas.selectors.returns import (
    ReturnTerms,
    hours_given_back,
    return_rule_on,
    return_terms,
)
from quotas.selectors.rules import (
    closures_of,
    draft_shut,
    policy_of,
    release_of,
    rules_of,
    shut_of,
    slots_shut_by,
)
from quotas.selectors.windows import WindowView, next_opening, windows

__all__ = [
    "CalendarDay",
    "ClosedDay",
    "LaneLedger",
    "Ledger",
    "OfficeReleases",
    "Preview",
    "ReturnTerms",
    "SlotView",
    "WindowView",
    "calendar",
    "closures_of",
    "day_slots",
    "draft_shut",
    "hours_given_back",
    "ledger",
    "nearest_open_slots",
    "next_opening",
    "policy_of",
    "preview",
    "release_of",
    "releases",
    "return_rule_on",
    "return_terms",
    "rules_of",
    "shut_of",
    "slots_shut_by",
    "windows",
]
