"""The rows of an invented day, exactly as the services would have written them (a test compares them).

Not written: messages, which retention empties anyway, and what is kept for weeks only (estimates of waits,
checks at the gate). Personal data older than their retention rule are left out, as the nightly run leaves them.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core.ids import new_id
from devtools.years.bookings import BookingRows, Made
from devtools.years.days import MINUTE, ONLINE, Day, Frame
from devtools.years.facts import Due, Facts
from devtools.years.sheets import Writer
from devtools.years.visits import VisitRows
from quotas.places.models import ReleaseWindow
from quotas.plan.days import LanePlan

REFUSALS_KEPT: Final = dt.timedelta(days=29)
PREPARED_BEFORE: Final = dt.timedelta(days=28)
COOLDOWN: Final = 30 * MINUTE


@dataclass
class _Window:
    """A window on its way: its days are added one by one."""

    id: int
    plan: LanePlan
    opens_at: dt.datetime
    closes_at: dt.datetime
    policies: set[int] = field(default_factory=set)


class OfficeWriter:
    """Writes the windows, places and days of one office."""

    def __init__(self, facts: Facts, writer: Writer, *, first_number: int) -> None:
        self.facts, self.to = facts, writer
        self.windows: dict[tuple[int, dt.date, int], _Window] = {}
        # The window of the current week exists, with the days from today on.
        kept = ReleaseWindow.objects.filter(office=facts.office)
        self.prepared = {
            (rule, first_day, tranche): pk
            for rule, first_day, tranche, pk in kept.values_list(
                "rule", "first_day", "tranche", "pk"
            )
        }
        self.bookings = BookingRows(facts, writer, first_number=first_number)
        self.visits = VisitRows(facts, writer)

    def write_day(
        self,
        date: dt.date,
        lanes: Sequence[LanePlan],
        frame: Frame,
        day: Day,
        *,
        due: Due,
        restriction: tuple[int, str] | None,
        added: Mapping[int, int],
        outage: tuple[int, dt.datetime, dt.datetime] | None = None,
    ) -> None:
        """Write one working day. `added`: places added by hand, by the index of the online hour.

        `restriction`: days and instrument of the rule for missed appointments; `outage`: device, from, to.
        """
        places: dict[str, list[list[int]]] = {}
        slots: dict[str, list[int]] = {}
        for lane in lanes:
            is_citizens = lane.group == self.facts.group
            numbers = self._lane(date, lane, frame, added if is_citizens else {}, slots)
            if is_citizens:
                places[lane.lane] = numbers
        self._give_places(places, slots, frame, date, day, due, restriction)
        self._refused(slots, frame, day)
        if outage is not None:
            device, since, until = outage
            officer = self.facts.supervisor
            self.to.outages.add(
                self.to.outages.new_id(),
                self.facts.office,
                device,
                since,
                until,
                since,
                officer,
                officer,
            )

    def _lane(
        self,
        date: dt.date,
        lane: LanePlan,
        frame: Frame,
        added: Mapping[int, int],
        slots: dict[str, list[int]],
    ) -> list[list[int]]:
        """Write the slots of a lane; return the ids of each slot's places."""
        facts, to = self.facts, self.to
        window = self._window(lane)
        all_places = []
        is_mine = lane.group == facts.group
        extra = added if lane.lane == ONLINE else {}
        for nth, slot in enumerate(lane.slots):
            slot_id = to.slots.new_id()
            starts, ends = slot.starts_at, slot.ends_at
            to.slots.add(slot_id, facts.office, lane.group, lane.lane, date, starts, ends)
            if is_mine:
                slots.setdefault(lane.lane, []).append(slot_id)
            count = slot.places + extra.get(nth, 0)
            ids = [to.places.new_id() for _place in range(count)]
            if extra.get(nth):
                self._note_added(lane, slot, date, slot.places, extra[nth])
            all_places.append(ids)
            if is_mine and lane.lane in frame.hours:
                continue  # written with their holders
            for number, place in enumerate(ids, start=1):
                to.places.add(
                    place,
                    window.id,
                    slot_id,
                    slot_id,
                    number,
                    lane.opens_at,
                    slot.closes_at,
                    None,
                    None,
                )
        return all_places

    def _window(self, lane: LanePlan) -> _Window:
        key = lane.rule_id, lane.window_first_day, lane.tranche
        window = self.windows.get(key)
        if window is None:
            number = self.prepared.get(key) or self.to.windows.new_id()
            window = self.windows[key] = _Window(number, lane, lane.opens_at, lane.closes_at)
        window.opens_at = min(window.opens_at, lane.opens_at)
        window.closes_at = max(window.closes_at, lane.closes_at)
        window.policies.add(lane.policy_id)
        return window

    def write_windows(self) -> None:
        """Write the windows of all days that were written, but those that were prepared before."""
        for key, window in self.windows.items():
            if key in self.prepared:
                continue
            rule, first, tranche = key
            sources = [*self.facts.instruments[rule]] + [
                row for policy in sorted(window.policies) for row in self.facts.instruments[-policy]
            ]
            plan = window.plan
            self.to.windows.add(
                window.id,
                rule,
                self.facts.office,
                plan.lane,
                plan.mode,
                plan.has_waiting_room,
                first,
                plan.window_last_day,
                tranche,
                window.opens_at,
                window.closes_at,
                sources,
                window.opens_at - PREPARED_BEFORE,
                window.opens_at,
            )

    def _note_added(self, lane: LanePlan, slot: Any, date: dt.date, before: int, more: int) -> None:
        hour = slot.starts_at.astimezone(self.facts.zone)
        self.to.changes.add(
            self.to.changes.new_id(),
            self.facts.office,
            lane.lane,
            self.facts.supervisor,
            lane.opens_at + MINUTE,
            date,
            "SK 12/2026",
            {"places": before},
            {"places": before + more, "hour": f"{hour:%H:%M}"},
        )

    def _refused(self, slots: Mapping[str, list[int]], frame: Frame, day: Day) -> None:
        """Record who found the day full: the count, and the requests as long as such records are kept."""
        if ONLINE not in slots or not day.refused:
            return
        self.to.demand.add(
            self.to.demand.new_id(), self.facts.office, frame.opens_at.date(), day.refused
        )
        accounts, to = self.facts.accounts, self.to
        for nth in range(day.refused):
            at = nth % len(frame.hours[ONLINE])
            hour = frame.hours[ONLINE][at]
            moment = hour.opens_at + 5 * MINUTE + dt.timedelta(seconds=7 * nth)
            if self.to.now - moment < REFUSALS_KEPT and moment < min(hour.closes_at, to.now):
                to.refusals.add(
                    to.refusals.new_id(),
                    moment,
                    accounts[(nth * 11 + frame.opens_at.day * 37) % len(accounts)],
                    self.facts.office,
                    slots[ONLINE][at],
                    hour.starts_at,
                )

    def _give_places(
        self,
        places: Mapping[str, list[list[int]]],
        slots: Mapping[str, list[int]],
        frame: Frame,
        date: dt.date,
        day: Day,
        due: Due,
        restriction: tuple[int, str] | None,
    ) -> None:
        """Give everybody a place, in the order in which they came to it, then write what followed."""
        made = _with_places(day, places)
        holders = {one.last: one.booking for one in made if one.row.fate != "cancelled"}
        cooldowns = {
            one.first: one.row.changed_at + COOLDOWN
            for one in made
            if one.row.changed_at is not None
            and (one.last != one.first or one.row.fate == "cancelled")
        }
        self._places(places, slots, frame, holders, cooldowns, date)
        people = [
            (one, self.bookings.add(one, slots[one.row.lane], frame, date, restriction))
            for one in made
        ]
        self.visits.add_day(people, frame, day, date, due)

    def _places(
        self,
        places: Mapping[str, list[list[int]]],
        slots: Mapping[str, list[int]],
        frame: Frame,
        holders: Mapping[int, Any],
        cooldowns: Mapping[int, dt.datetime],
        date: dt.date,
    ) -> None:
        for lane, rows in places.items():
            if lane not in frame.hours:
                continue
            window = next(
                window
                for window in reversed(self.windows.values())
                if window.plan.lane == lane
                and window.plan.group == self.facts.group
                and window.plan.window_first_day <= date <= window.plan.window_last_day
            )
            for hour, slot, ids in zip(frame.hours[lane], slots[lane], rows, strict=True):
                for number, place in enumerate(ids, start=1):
                    self.to.places.add(
                        place,
                        window.id,
                        slot,
                        slot,
                        number,
                        hour.opens_at,
                        hour.closes_at,
                        cooldowns.get(place),
                        holders.get(place),
                    )


def _with_places(day: Day, places: Mapping[str, list[list[int]]]) -> list[Made]:
    """Return everybody with the id of the booking, the first place and the last one, in the order of taking them."""
    taken = {lane: [0] * len(rows) for lane, rows in places.items()}

    def take(lane: str, hour: int) -> int:
        taken[lane][hour] += 1
        return places[lane][hour][taken[lane][hour] - 1]

    online = [row for row in day.people if row.lane == ONLINE]
    at_desk = sorted(
        (row for row in day.people if row.lane != ONLINE), key=lambda row: row.placed_at
    )
    first = {}
    for row in [*online, *at_desk]:
        first[id(row)] = take(row.lane, row.hour if row.moved_from is None else row.moved_from)
    moved = [row for row in online if row.moved_from is not None and row.changed_at is not None]
    moved.sort(key=lambda row: row.changed_at or row.placed_at)
    last = {**first, **{id(row): take(row.lane, row.hour) for row in moved}}
    return [Made(row, new_id(), first[id(row)], last[id(row)]) for row in [*online, *at_desk]]
