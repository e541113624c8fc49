"""What the rules say of a day: pure, without a database, so that its properties can be tested."""

from quotas.plan.days import (
    DayPlan,
    LanePlan,
    Reason,
    SlotPlan,
    day_total,
    plan_day,
    policy_for,
    release_for,
    spread,
)
from quotas.plan.openings import DayWindow, window_of
from quotas.plan.rows import DayOff, Hours, OfficeRules, Policy, Release, Scope
from quotas.plan.windows import (
    AHEAD,
    FROZEN_BEFORE,
    OPENINGS_AHEAD,
    WindowPlan,
    plan_windows,
)

__all__ = [
    "AHEAD",
    "FROZEN_BEFORE",
    "OPENINGS_AHEAD",
    "DayOff",
    "DayPlan",
    "DayWindow",
    "Hours",
    "LanePlan",
    "OfficeRules",
    "Policy",
    "Reason",
    "Release",
    "Scope",
    "SlotPlan",
    "WindowPlan",
    "day_total",
    "plan_day",
    "plan_windows",
    "policy_for",
    "release_for",
    "spread",
    "window_of",
]
