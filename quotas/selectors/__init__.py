from quotas.selectors.calendar import CalendarDay, SlotView, calendar, day_slots, nearest_open_slots
from quotas.selectors.rules import rules_of
from quotas.selectors.windows import WindowView, next_opening, windows

__all__ = [
    "CalendarDay",
    "SlotView",
    "WindowView",
    "calendar",
    "day_slots",
    "nearest_open_slots",
    "next_opening",
    "rules_of",
    "windows",
]
