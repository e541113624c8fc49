"""The rows of a day's visits: counter sessions, visits with their stages, and passports."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Final

from devtools.years.bookings import Made, Who
from devtools.years.days import MINUTE, ONLINE, Day, Frame, Person
from devtools.years.facts import Due, Facts, collected_at, moment_on
from devtools.years.sheets import Writer

STAGES: Final = ("documents", "interview", "photo")


class VisitRows:
    """Writes the visits of one office."""

    def __init__(self, facts: Facts, to: Writer) -> None:
        self.facts, self.to = facts, to

    def add_day(
        self, people: Sequence[tuple[Made, Who]], frame: Frame, day: Day, date: dt.date, due: Due
    ) -> None:
        """Write the visits of everybody who came, in the order of arrival."""
        sessions = self._add_sessions(frame, day)
        came = [pair for pair in people if pair[0].row.arrived_at is not None]
        came.sort(key=lambda pair: pair[0].row.arrived_at or frame.opens_at)
        for made, who in came:
            officer = frame.desks[made.row.desk].officer
            visit = self._add_visit(made, sessions, frame, date)
            self._add_book(visit, made.row, who, officer, due)
        self._add_series(day.people, date)

    def _add_sessions(self, frame: Frame, day: Day) -> list[int]:
        """Write the session of each counter, from opening until its last visit; return the ids."""
        ids = []
        for nth, desk in enumerate(frame.desks):
            ids.append(self.to.sessions.new_id())
            closed_at = max(frame.closes_at, day.left_at.get(nth, frame.closes_at))
            self.to.sessions.add(
                ids[-1], desk.officer, desk.counter, self.facts.office, frame.opens_at, closed_at
            )
        return ids

    def _add_visit(self, made: Made, sessions: Sequence[int], frame: Frame, date: dt.date) -> int:
        """Write a visit with its ticket, history and stages; return its id."""
        facts, to, row = self.facts, self.to, made.row
        hour = frame.hours[row.lane][row.hour].starts_at
        is_online = row.lane == ONLINE
        arrived, session = row.arrived_at, sessions[row.desk]
        assert arrived is not None
        visit = to.visits.new_id()
        to.visits.add(
            visit,
            made.booking,
            facts.office,
            facts.group,
            row.lane,
            date,
            arrived,
            hour if is_online else arrived,
            max(arrived, hour) if is_online else arrived,
            session,
            row.called_at,
            row.called_at,
            row.started_at,
            row.ended[-1],
            sorted(facts.services[row.service][2]),
        )
        letter = facts.series[row.lane]
        to.tickets.add(to.tickets.new_id(), visit, facts.office, date, letter, row.ticket)
        self._add_events(visit, row, session, frame.desks[row.desk].officer)
        return visit

    def _add_events(self, visit: int, row: Person, session: int, officer: int) -> None:
        line, number = self.to.visit_events.add, self.to.visit_events.new_id
        line(number(), visit, "arrived", "", "waiting", None, self.facts.gate, row.arrived_at)
        line(number(), visit, "called", "waiting", "called", session, officer, row.called_at)
        line(number(), visit, "started", "called", "serving", session, officer, row.started_at)
        line(number(), visit, "finished", "serving", "finished", session, officer, row.ended[-1])
        begins = row.started_at
        for stage, until in zip(STAGES, row.ended, strict=True):
            self.to.runs.add(self.to.runs.new_id(), visit, stage, session, begins, until)
            begins = until

    def _add_series(self, people: Iterable[Person], date: dt.date) -> None:
        letters: dict[str, int] = {}
        for row in people:
            if row.ticket:
                letter = self.facts.series[row.lane]
                letters[letter] = max(letters.get(letter, 0), row.ticket)
        for letter, number in letters.items():
            self.to.series.add(self.to.series.new_id(), self.facts.office, date, letter, number)

    def _add_book(self, visit: int, row: Person, who: Who, officer: int, due: Due) -> None:
        """Write the passport: printed, checked, on the shelf and collected, as far as that is over."""
        facts, to, someone = self.facts, self.to, who.someone
        book, number = to.books.new_id(), f"Y{someone.number:07d}"
        done = [step for step in self._steps(who, officer, row.ended[-1], due) if step[2] < to.now]
        at = {name: moment for name, _by, moment in done}
        shelf = f"{'ABCDE'[someone.number % 5]}{1 + someone.number % 9}"
        to.books.add(
            book,
            visit,
            who.applicant,
            facts.services[row.service][0],
            facts.office,
            done[-1][0],
            row.ended[-1],
            due.due_on,
            number if "printed" in at else "",
            at.get("printed"),
            facts.pickup if "printed" in at else None,
            at.get("checked"),
            facts.supervisor if "checked" in at else None,
            shelf if "ready" in at else "",
            at.get("ready"),
        )
        old = ""
        for name, by, moment in done:
            scanned = "" if name == "ordered" else number
            to.book_events.add(to.book_events.new_id(), book, old, name, by, moment, scanned)
            old = name
        if "handed_over" in at:
            to.pickups.add(
                to.pickups.new_id(),
                book,
                someone.full_name,
                number,
                shelf,
                facts.pickup,
                at["handed_over"],
            )

    def _steps(
        self, who: Who, officer: int, ordered_at: dt.datetime, due: Due
    ) -> list[tuple[str, int, dt.datetime]]:
        """Return the status, officer and time of each step of a passport."""
        facts, number = self.facts, who.someone.number
        printed = moment_on(due.printed_on, 9, number % 300, facts.zone)
        ready = moment_on(due.ready_on, 9, number % 120, facts.zone)
        return [
            ("ordered", officer, ordered_at),
            ("printed", facts.pickup, printed),
            ("checked", facts.supervisor, printed + 90 * MINUTE),
            ("ready", facts.pickup, ready),
            ("handed_over", facts.pickup, collected_at(ready, who.someone)),
        ]
