"""What cannot be in a rule: each fault with the field where it stands. The sentences are elsewhere."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from quotas.plan.openings import windows_of
from quotas.plan.rows import Policy, Release

# A month that begins on a Monday, after the shortest one; no fault depends on the year.
SAMPLE = date(2027, 3, 1)
SHORTEST_MONTH = 28
FEWEST_WORKING_DAYS = 15
MOST_PERCENT = 1000
WHOLE = Decimal(100)
LONGEST_AHEAD = {"monthly": 5, "weekly": 26, "daily": 180}


@dataclass(frozen=True)
class Fault:
    """One thing that cannot be: the field, a code, and what its sentence names."""

    field: str
    code: str
    values: tuple[tuple[str, Any], ...] = ()


def _fault(field: str, code: str, **values: Any) -> Fault:
    return Fault(field, code, tuple(values.items()))


def policy_faults(policy: Policy) -> list[Fault]:
    """Return what cannot be in a quota."""
    faults = _dated_faults(policy)
    if policy.base < 0:
        faults.append(_fault("base", "negative"))
    if not 0 <= policy.percent <= MOST_PERCENT:
        faults.append(_fault("percent", "percent", percent=policy.percent))
    if any(start >= end for start, end in policy.hours):
        faults.append(_fault("hours", "hours"))
    return faults


def release_faults(release: Release) -> list[Fault]:
    """Return what cannot be in a release rule."""
    faults = _dated_faults(release) + _month_faults(release) + _tranche_faults(release)
    if release.has_waiting_room and release.mode != "first_come":
        faults.append(_fault("has_waiting_room", "room_of_a_draw"))
    if (release.closes_after_days is None) == (release.closes_before_days is None):
        return [*faults, _fault("closes_after_days", "closes_one_way")]
    return faults or _moment_faults(release)


def _dated_faults(row: Policy | Release) -> list[Fault]:
    faults = []
    if not row.instrument.strip():
        faults.append(_fault("instrument", "no_instrument"))
    if row.valid_until is not None and row.valid_until < row.valid_from:
        faults.append(_fault("valid_until", "ends_before_it_begins", first=row.valid_from))
    return faults


def _month_faults(release: Release) -> list[Fault]:
    most = FEWEST_WORKING_DAYS if release.counts_working_days else SHORTEST_MONTH
    faults = [
        _no_such_day(number, most, release)
        for number in release.month_days
        if number == 0 or abs(number) > most
    ]
    if list(release.month_days) != sorted(set(release.month_days), key=_order):
        faults.append(_fault("month_days", "month_days_in_order"))
    return faults


def _no_such_day(number: int, most: int, release: Release) -> Fault:
    is_february = not release.counts_working_days and SHORTEST_MONTH < number <= SHORTEST_MONTH + 3
    code = "february" if is_february else "no_such_day"
    return _fault("month_days", code, day=number, most=most)


def _order(number: int) -> tuple[bool, int]:
    return number < 0, number


def _tranche_faults(release: Release) -> list[Fault]:
    faults = []
    percents = [percent for percent, _ahead in release.tranches]
    if any(percent <= 0 for percent in percents):
        faults.append(_fault("tranches", "tranche_percent"))
    elif percents and sum(percents) != WHOLE:
        faults.append(_fault("tranches", "tranche_sum", sum=f"{sum(percents):g}"))
    aheads = [ahead for _percent, ahead in release.tranches]
    if aheads != sorted(set(aheads), reverse=True):
        faults.append(_fault("tranches", "tranche_order"))
    if any(not 0 <= ahead <= LONGEST_AHEAD[release.kind] for _percent, ahead in release.parts):
        faults.append(_fault("tranches", "too_far_ahead", most=LONGEST_AHEAD[release.kind]))
    return faults


def _moment_faults(release: Release) -> list[Fault]:
    """A release after its service day, or a closing before its opening, opens nothing."""
    for day in _sample_days(release):
        windows = windows_of(release, day, "Asia/Jakarta")
        if None in windows:
            return [_fault("opens_time", "opens_too_late", day=day)]
        first = next(window for window in windows if window is not None)
        if release.kind == "weekly" and first.closes_at.date() > day and day == SAMPLE:
            return [_fault("closes_time", "closes_after_service")]
        if release.kind == "daily" and first.closes_at.date() > day:
            return [_fault("closes_time", "closes_after_service")]
    return []


def _sample_days(release: Release) -> list[date]:
    count = {"monthly": 31, "weekly": release.covers_days, "daily": 1}[release.kind]
    return [SAMPLE + timedelta(days=step) for step in range(count)]
