"""Quiet hours, in which nobody is expected to answer. Pure.

A span of civil time, possibly over midnight; none when it begins at its end.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

MIDNIGHT: Final = dt.time(0)
ONE_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """The quiet hours of a place."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def contains(self, moment: dt.datetime) -> bool:
        """True if a time is in the quiet hours; their end is not."""
        time = moment.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= time < self.ends
        return time >= self.begins or time < self.ends

    def next_begin(self, moment: dt.datetime) -> dt.datetime:
        """Return the next beginning of the quiet hours after a time outside them."""
        return self._next(moment, self.begins)

    def next_end(self, moment: dt.datetime) -> dt.datetime:
        """Return the end of the quiet hours after a time in them."""
        return self._next(moment, self.ends)

    def _next(self, moment: dt.datetime, time: dt.time) -> dt.datetime:
        local = moment.astimezone(self.zone)
        end = dt.datetime.combine(local.date(), time, self.zone)
        if end <= moment:
            end = dt.datetime.combine(local.date() + ONE_DAY, time, self.zone)
        return end.astimezone(moment.tzinfo)


def next_active(moment: dt.datetime, quiet_hours: QuietHours) -> dt.datetime:
    """Return the time, or the end of the quiet hours it is in."""
    return quiet_hours.next_end(moment) if quiet_hours.contains(moment) else moment


def add_active_time(
    moment: dt.datetime, span: dt.timedelta, quiet_hours: QuietHours
) -> dt.datetime:
    """Return the time after a span, not counting quiet hours."""
    if quiet_hours.begins == quiet_hours.ends:
        return moment + span
    at, left = next_active(moment, quiet_hours), span
    while True:
        begins = quiet_hours.next_begin(at)
        if at + left <= begins:
            return at + left
        left -= begins - at
        at = quiet_hours.next_end(begins)


def last_active(moment: dt.datetime, quiet_hours: QuietHours) -> dt.datetime:
    """Return the time, or the beginning of the quiet hours it is in."""
    if not quiet_hours.contains(moment):
        return moment
    local = moment.astimezone(quiet_hours.zone)
    begun = dt.datetime.combine(local.date(), quiet_hours.begins, quiet_hours.zone)
    if begun > moment:
        begun = dt.datetime.combine(local.date() - ONE_DAY, quiet_hours.begins, quiet_hours.zone)
    return begun.astimezone(moment.tzinfo)
