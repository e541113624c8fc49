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
)
from quotas.plan.faults import Fault, faults_of
from quotas.plan.openings import DayWindow, opening_day, window_of, windows_of
from quotas.plan.rows import DayOff, Hours, OfficeRules
from quotas.plan.shares import deal, spread, tranche_sizes
from quotas.plan.windows import (
    AHEAD,
    FROZEN_BEFORE,
    OPENINGS_AHEAD,
    WindowKey,
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
    "Fault",
    "Hours",
    "LanePlan",
    "OfficeRules",
    "Reason",
    "SlotPlan",
    "WindowKey",
    "WindowPlan",
    "day_total",
    "deal",
    "faults_of",
    "opening_day",
    "plan_day",
    "plan_windows",
    "policy_for",
    "release_for",
    "spread",
    "tranche_sizes",
    "window_of",
    "windows_of",
]
