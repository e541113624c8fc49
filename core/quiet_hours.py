"""Time in which nobody is expected to answer: pure.

A night is a span of civil time, over midnight or not; where it begins when it ends, there is none.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

MIDNIGHT: Final = dt.time(0)
ONE_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Night:
    """The quiet hours of a place."""

    begins: dt.time
    ends: dt.time
    zone: ZoneInfo

    def holds(self, moment: dt.datetime) -> bool:
        """Tell whether a moment lies in the night; its end no longer does."""
        time = moment.astimezone(self.zone).time()
        if self.begins <= self.ends:
            return self.begins <= time < self.ends
        return time >= self.begins or time < self.ends

    def next_begin(self, moment: dt.datetime) -> dt.datetime:
        """Return when the night after a moment of the day begins."""
        return self._next(moment, self.begins)

    def next_end(self, moment: dt.datetime) -> dt.datetime:
        """Return when a night that holds the moment is over."""
        return self._next(moment, self.ends)

    def _next(self, moment: dt.datetime, time: dt.time) -> dt.datetime:
        local = moment.astimezone(self.zone)
        end = dt.datetime.combine(local.date(), time, self.zone)
        if end <= moment:
            end = dt.datetime.combine(local.date() + ONE_DAY, time, self.zone)
        return end.astimezone(moment.tzinfo)


def by_day(moment: dt.datetime, night: Night) -> dt.datetime:
    """Return the moment, or in the night its end."""
    return night.next_end(moment) if night.holds(moment) else moment


def after_civil(moment: dt.datetime, span: dt.timedelta, night: Night) -> dt.datetime:
    """Return when so much time has passed since a moment, the nights not counted."""
    if night.begins == night.ends:
        return moment + span
    at, left = by_day(moment, night), span
    while True:
        begins = night.next_begin(at)
        if at + left <= begins:
            return at + left
        left -= begins - at
        at = night.next_end(begins)


def last_civil(moment: dt.datetime, night: Night) -> dt.datetime:
    """Return the moment, or in the night its beginning: the last at which somebody may be expected."""
    if not night.holds(moment):
        return moment
    local = moment.astimezone(night.zone)
    begun = dt.datetime.combine(local.date(), night.begins, night.zone)
    if begun > moment:
        begun = dt.datetime.combine(local.date() - ONE_DAY, night.begins, night.zone)
    return begun.astimezone(moment.tzinfo)
