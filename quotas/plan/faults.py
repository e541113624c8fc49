"""The faults of a decree, each with its field. Their texts are in `quotas.labels`."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from quotas.plan.decrees import (
    AHEAD_FIELDS,
    DAILY,
    MONTHLY,
    RHYTHM_FIELDS,
    WEEKLY,
    Decree,
    OfficeDecree,
    ProductDecree,
    QuotaDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    ranges,
)
from quotas.plan.openings import windows_of

# The first day of a month that begins on a Monday and follows the shortest month. The year does not matter.
SAMPLE = date(2027, 3, 1)
SHORTEST_MONTH = 28
FEWEST_WORKING_DAYS = 15
WHOLE = Decimal(100)
# How far ahead a rule may begin.
LONGEST_AHEAD = timedelta(days=800)


@dataclass(frozen=True)
class Fault:
    """One fault: the field, a code, and the values for its text."""

    field: str
    code: str
    values: tuple[tuple[str, Any], ...] = ()


def _fault(field: str, code: str, **values: Any) -> Fault:
    return Fault(field, code, tuple(values.items()))


def faults_of(decree: Decree, *, today: date | None = None) -> list[Fault]:
    """Return the faults of a decree. With `today`, its first day must be after it."""
    faults = _dated_faults(decree, today) + _range_faults(decree)
    if isinstance(decree, QuotaDecree):
        return faults + _quota_faults(decree)
    if isinstance(decree, ReleaseDecree):
        return faults + _release_faults(decree, is_sound=not faults)
    if isinstance(decree, ReturnDecree):
        return faults + _return_faults(decree)
    if isinstance(decree, RollOverDecree):
        return faults + _roll_over_faults(decree)
    if isinstance(decree, ProductDecree):
        return faults if decree.products else [*faults, _fault("products", "no_products")]
    if isinstance(decree, OfficeDecree):
        return faults
    raise TypeError(type(decree))


def _dated_faults(decree: Decree, today: date | None) -> list[Fault]:
    faults = []
    if not decree.instrument.strip():
        faults.append(_fault("instrument", "no_instrument"))
    if decree.valid_until is not None and decree.valid_until < decree.valid_from:
        faults.append(_fault("valid_until", "ends_before_it_begins", first=decree.valid_from))
    if today is not None and decree.valid_from <= today:
        faults.append(_fault("valid_from", _too_soon(decree)))
    if today is not None and decree.valid_from > today + LONGEST_AHEAD:
        faults.append(_fault("valid_from", "too_far"))
    return faults


def _too_soon(decree: Decree) -> str:
    if isinstance(decree, RollOverDecree):
        return "move_too_soon"
    return "rule_too_soon" if isinstance(decree, OfficeDecree) else "too_soon"


def _range_faults(decree: Decree) -> list[Fault]:
    """Return the numbers outside the bounds of their field."""
    return [
        _fault(
            name,
            "percent" if name == "percent" else "out_of_range",
            number=f"{number:f}" if isinstance(number, Decimal) else number,
            least=bounds.least,
            most=bounds.most,
        )
        for name, bounds in ranges(type(decree)).items()
        if (number := getattr(decree, name)) is not None
        and not bounds.least <= number <= bounds.most
    ]


def _quota_faults(quota: QuotaDecree) -> list[Fault]:
    if any(start >= end for start, end in quota.hours):
        return [_fault("hours", "hours")]
    return []


def _return_faults(returns: ReturnDecree) -> list[Fault]:
    if returns.rest_from_minutes > returns.rest_until_minutes:
        return [_fault("rest_until_minutes", "rest_order", least=returns.rest_from_minutes)]
    return []


def _roll_over_faults(move: RollOverDecree) -> list[Fault]:
    return [_fault("to_lane", "same_lane")] if move.from_lane == move.to_lane else []


def _release_faults(release: ReleaseDecree, *, is_sound: bool) -> list[Fault]:
    needed = RHYTHM_FIELDS[release.kind]
    if getattr(release, needed) in (None, ()):
        return [_fault(needed, f"no_{needed}")]
    faults = _month_faults(release) + _tranche_faults(release)
    if release.has_waiting_room and release.mode != "first_come":
        faults.append(_fault("has_waiting_room", "room_of_a_draw"))
    if (release.closes_after_days is None) == (release.closes_before_days is None):
        return [*faults, _fault("closes_after_days", "closes_one_way")]
    return _moment_faults(release) if is_sound and not faults else faults


def _month_faults(release: ReleaseDecree) -> list[Fault]:
    if release.kind != MONTHLY:
        return []
    most = FEWEST_WORKING_DAYS if release.counts_working_days else SHORTEST_MONTH
    faults = [
        _no_such_day(number, most, release)
        for number in release.month_days
        if number == 0 or abs(number) > most
    ]
    if list(release.month_days) != sorted(set(release.month_days), key=_order):
        faults.append(_fault("month_days", "month_days_in_order"))
    return faults


def _no_such_day(number: int, most: int, release: ReleaseDecree) -> Fault:
    is_february = not release.counts_working_days and SHORTEST_MONTH < number <= SHORTEST_MONTH + 3
    code = "february" if is_february else "no_such_day"
    return _fault("month_days", code, day=number, most=most)


def _order(number: int) -> tuple[bool, int]:
    return number < 0, number


def _tranche_faults(release: ReleaseDecree) -> list[Fault]:
    faults = []
    percents = [percent for percent, _ahead in release.tranches]
    if any(percent <= 0 for percent in percents):
        faults.append(_fault("tranches", "tranche_percent"))
    elif percents and sum(percents) != WHOLE:
        faults.append(_fault("tranches", "tranche_sum", sum=f"{sum(percents):g}"))
    aheads = [ahead for _percent, ahead in release.tranches]
    if aheads != sorted(set(aheads), reverse=True):
        faults.append(_fault("tranches", "tranche_order"))
    bounds = ranges(ReleaseDecree)[AHEAD_FIELDS[release.kind]]
    if any(not bounds.least <= ahead <= bounds.most for ahead in aheads):
        faults.append(_fault("tranches", "too_far_ahead", most=bounds.most))
    return faults


def _moment_faults(release: ReleaseDecree) -> list[Fault]:
    """Return a fault for an opening after its service day, or a closing before its opening."""
    for day in _sample_days(release):
        windows = windows_of(release, day, "Asia/Jakarta")
        if None in windows:
            return [_fault("opens_time", "opens_too_late", day=day)]
        first = next(window for window in windows if window is not None)
        if release.kind == WEEKLY and first.closes_at.date() > day and day == SAMPLE:
            return [_fault("closes_time", "closes_after_service")]
        if release.kind == DAILY and first.closes_at.date() > day:
            return [_fault("closes_time", "closes_after_service")]
    return []


def _sample_days(release: ReleaseDecree) -> list[date]:
    count = {MONTHLY: 31, WEEKLY: release.covers_days, DAILY: 1}[release.kind]
    return [SAMPLE + timedelta(days=step) for step in range(count)]
