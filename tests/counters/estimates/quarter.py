"""How good the wait estimates are: `python -m tests.counters.estimates.quarter [--days N]`.

Replays a quarter of one office through the real services: check-in, calls, stages, breaks. A seeded
generator decides who comes, when, how late, how long each stage takes and which officers are there;
it knows nothing of the estimator. At each check-in the estimate is stored as the worker stores it;
every night the real tasks score and learn. Nothing is fitted to the result.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from statistics import mean, median
from typing import Any, Final
from uuid import uuid4

from benchmarks.release import own_project

SEED: Final = 2026
DAYS: Final = 63  # working days of a quarter
COUNTERS, PLACES, WALK_INS = 4, 66, 6
FIRST_DAY: Final = date(2027, 1, 4)  # a Monday
MINUTE: Final = timedelta(minutes=1)
# The generator: minutes of each stage and the spread of its logarithm, from reports of one-stop offices.
STAGES: Final = {"documents": (6.0, 0.45), "interview": (8.0, 0.55), "photo": (6.5, 0.3)}
SHARE_BOOKED, SHARE_SHOWN, SHARE_LATE, SHARE_SKIPPED, SHARE_LONG = 0.9, 0.86, 0.08, 0.03, 0.04


@dataclass
class Replay:
    """One office, its queue of events and the generator."""

    office: Any
    gate: Any
    officers: list[Any]
    people: Iterator[Any]
    random: random.Random
    events: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    sessions: dict[int, Any] = field(default_factory=dict)
    busy: dict[int, bool] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=count)
    speed: dict[int, float] = field(default_factory=dict)
    refused: int = 0  # at the gate: too early, or no walk-in place left

    def at(self, day: date, hour: int, minute: float = 0) -> datetime:
        moment: datetime = self.office.at(day, time(hour))
        return moment + minute * MINUTE

    def later(self, moment: datetime, act: Callable[[datetime], None]) -> None:
        heappush(self.events, (moment, next(self.numbers), act))

    # --- One day ----------------------------------------------------------------------------------
    def play(self, day: date) -> None:
        """Replay one day, and the night after it."""
        self._book(day)
        staff = self.random.choices([COUNTERS - 1, COUNTERS], weights=[1, 4])[0]
        for number, officer in enumerate(self.officers[:staff]):
            leaves = number == staff - 1 and self.random.random() < 0.15
            self._shift(day, number, officer, leaves_early=leaves)
        while self.events:
            moment, _number, act = heappop(self.events)
            act(moment)
        self._night(day)

    def _book(self, day: date) -> None:
        from booking.bookings.requests import BookingRequest, OpenWindow
        from booking.bookings.services import create_bookings
        from quotas.places.models import Slot
        from quotas.windows.services import prepare_windows

        before = self.at(day - timedelta(days=1), 10)
        prepare_windows(office_id=self.office.pk, now=before)
        for slot in Slot.objects.filter(office=self.office, day=day, lane="online"):
            places = slot.places.filter(withdrawn_at__isnull=True).count()
            for _place in range(places):
                if self.random.random() > SHARE_BOOKED:
                    continue
                person = next(self.people)
                request = BookingRequest(
                    account_id=person.account_id,
                    slot_id=slot.pk,
                    applicant_ids=[person.pk],
                    service_type=self.random.choices(["new", "replacement"], weights=[3, 2])[0],
                    key=uuid4().hex,
                )
                [party] = create_bookings(
                    requests=[request], right=OpenWindow(), by=person.account, now=before
                )
                self._come(slot, party.bookings.get())
        for _person in range(self.random.randrange(WALK_INS)):
            moment = self.at(day, 7, self.random.uniform(40, 400))
            self.later(moment, self._walk_in)

    def _come(self, slot: Any, booking: Any) -> None:
        if self.random.random() > SHARE_SHOWN:
            return
        if self.random.random() < SHARE_LATE:
            minutes = self.random.uniform(40, 95)
        else:
            minutes = max(self.random.gauss(-6, 14), -55)
        self.later(slot.starts_at + minutes * MINUTE, lambda now: self._check_in(booking, now))

    def _check_in(self, booking: Any, now: datetime) -> None:
        from core.errors import DomainError
        from counters.estimates.services import record_predictions
        from counters.gate.services import check_in

        try:
            check_in(office_id=self.office.pk, code=booking.code, by=self.gate, now=now)
        except DomainError:
            self.refused += 1
            return
        record_predictions(office_id=self.office.pk, now=now)
        self._wake(now)

    def _walk_in(self, now: datetime) -> None:
        from booking.people.services import ApplicantData
        from core.errors import DomainError
        from counters.estimates.services import record_predictions
        from counters.walk_in.services import admit_at_desk
        from offices.directory.models import ServiceType

        person = ApplicantData(
            full_name="Budi Uji",
            identity_number=nik(500_000 + next(self.numbers)),
            birth_date=date(1990, 1, 1),
            sex="male",
            phone=f"0813{next(self.numbers):08d}",
        )
        service = ServiceType.objects.get(code="new").pk
        try:
            admit_at_desk(
                office_id=self.office.pk,
                applicant=person,
                service_type_id=service,
                by=self.gate,
                now=now,
            )
        except DomainError:
            self.refused += 1
            return
        record_predictions(office_id=self.office.pk, now=now)
        self._wake(now)

    # --- Counters ---------------------------------------------------------------------------------
    def _shift(self, day: date, number: int, officer: Any, *, leaves_early: bool) -> None:
        opens = self.at(day, 8, self.random.uniform(-3, 4))
        self.later(opens, lambda now: self._open(number, officer, now))
        self.later(self.at(day, 12), lambda now: self._pause(number, now))
        self.later(
            self.at(day, 13, self.random.uniform(-1, 4)), lambda now: self._resume(number, now)
        )
        if leaves_early:
            self.later(self.at(day, 14), lambda now: self._leave(number, now))

    def _open(self, number: int, officer: Any, now: datetime) -> None:
        from counters.stations.services import take_counter
        from offices.directory.models import Counter

        counter = Counter.objects.get(hall__office=self.office, number=number + 1)
        self.sessions[number] = take_counter(counter_id=counter.pk, by=officer, now=now)
        self.busy[number] = False
        self._call(number, now)

    def _pause(self, number: int, now: datetime) -> None:
        from counters.stations.services import pause_counter

        if number in self.sessions:
            session = self.sessions[number]
            pause_counter(session_id=session.pk, by=session.officer, now=now)
            session.paused_at = now

    def _resume(self, number: int, now: datetime) -> None:
        from counters.stations.services import resume_counter

        if number in self.sessions:
            session = self.sessions[number]
            resume_counter(session_id=session.pk, by=session.officer, now=now)
            session.paused_at = None
            self._call(number, now)

    def _leave(self, number: int, now: datetime) -> None:
        from counters.stations.services import leave_counter

        if self.busy.get(number):
            self.later(now + MINUTE, lambda later: self._leave(number, later))
        elif number in self.sessions:
            session = self.sessions.pop(number)
            leave_counter(session_id=session.pk, by=session.officer, now=now)

    def _wake(self, now: datetime) -> None:
        for number in sorted(self.sessions):
            self._call(number, now)

    def _call(self, number: int, now: datetime) -> None:
        from counters.queue.services import call_next

        session = self.sessions.get(number)
        if session is None or self.busy[number] or session.paused_at is not None:
            return
        visit = call_next(session_id=session.pk, by=session.officer, now=now)
        if visit is None:
            return
        self.busy[number] = True
        comes = self.random.random() > SHARE_SKIPPED
        walk = self.random.uniform(0.4, 1.5) if comes else 3.0
        act = self._serve if comes else self._skip
        self.later(now + walk * MINUTE, lambda later: act(number, visit, later))

    def _skip(self, number: int, visit: Any, now: datetime) -> None:
        from counters.queue.services import skip

        session = self.sessions[number]
        skip(visit_id=visit.pk, session_id=session.pk, reason="", by=session.officer, now=now)
        self._free(number, now)

    def _serve(self, number: int, visit: Any, now: datetime) -> None:
        from counters.service.services import start_service

        session = self.sessions[number]
        start_service(visit_id=visit.pk, session_id=session.pk, by=session.officer, now=now)
        factor = self.speed[number] * (1.08 if now.astimezone(self.office.zone).hour >= 13 else 1)
        factor *= 0.85 if visit.booking.service_type.code == "replacement" else 1.05
        factor *= 2.2 if self.random.random() < SHARE_LONG else 1
        for stage, (minutes, spread) in STAGES.items():
            now += minutes * factor * self.random.lognormvariate(-(spread**2) / 2, spread) * MINUTE
            is_last = stage == "photo"
            self.later(now, lambda at, last=is_last: self._finish(number, visit, last, at))

    def _finish(self, number: int, visit: Any, is_last: bool, now: datetime) -> None:
        from counters.service.services import finish_stage, finish_visit
        from tests.builders import make_application

        session = self.sessions[number]
        documents = [row["code"] for row in visit.booking.service_type.documents]
        if is_last:
            make_application(visit.booking)
        finish = finish_visit if is_last else finish_stage
        finish(
            visit_id=visit.pk,
            session_id=session.pk,
            by=session.officer,
            now=now,
            documents_checked=documents,
        )
        if is_last:
            self._free(number, now)

    def _free(self, number: int, now: datetime) -> None:
        rest = 0.1 if self.random.random() > 0.06 else self.random.uniform(3, 9)

        def again(later: datetime) -> None:
            self.busy[number] = False
            self._call(number, later)

        self.later(now + rest * MINUTE, again)

    def _night(self, day: date) -> None:
        from counters.estimates.services import measure_service_times, score_day
        from counters.stations.services import close_forgotten_sessions

        night = self.at(day + timedelta(days=1), 0, 20)
        close_forgotten_sessions(now=night)
        score_day(office_id=self.office.pk, day=day)
        measure_service_times(office_id=self.office.pk, now=night)
        self.sessions.clear()
        self.busy.clear()


# --- The office -----------------------------------------------------------------------------------
def nik(number: int) -> str:
    """Return a well-formed NIK of somebody born on 1 January 1990."""
    return f"3171{number // 9999 % 99 + 1:02d}010190{number % 9999 + 1:04d}"


def build_office(people: int) -> Replay:
    """Create the office, its officers and so many people, in bulk."""
    from benchmarks.world import make_accounts, model

    services = model("offices.ServiceType").objects.filter(code__in=["new", "replacement"])
    office = model("offices.Office").objects.create(
        code="bench",
        name="Kantor Uji",
        address="Jalan Uji 1",
        time_zone="Asia/Jakarta",
        region=model("offices.Region").objects.first(),
    )
    office.service_types.set(services)
    decree = {"valid_from": date(2020, 1, 1), "instrument": "benchmark"}
    for weekday in range(1, 6):
        model("offices.OpeningHours").objects.create(
            office=office,
            weekday=weekday,
            opens=time(8),
            closes=time(15),
            breaks=[["12:00", "13:00", "Istirahat", "Break"]],
            **decree,
        )
    model("offices.AdmissionRule").objects.create(
        office=office, admits_walk_ins=True, admits_companions=True, **decree
    )
    group = model("offices.ServiceGroup").objects.get(code="citizens")
    lanes = ["online", "walk_in"]
    hall = model("offices.Hall").objects.create(
        office=office, code="utama", name="Utama", floor="1"
    )
    hall.groups.set([group])
    hall.lanes.set(model("offices.Lane").objects.filter(pk__in=lanes))
    for number in range(1, COUNTERS + 1):
        model("offices.Counter").objects.create(
            hall=hall, number=number, is_one_stop=True, stages=list(STAGES)
        )
    for lane, places, ahead in (("online", PLACES, 1), ("walk_in", WALK_INS * 3, 0)):
        own = {"office": office, "lane_id": lane, **decree}
        model("quotas.QuotaPolicy").objects.create(group=group, base=places, percent=100, **own)
        model("quotas.ReleaseRule").objects.create(
            kind="daily",
            days_ahead=ahead,
            opens_time=time(8) if ahead else time(0),
            closes_before_days=ahead,
            closes_time=time(23, 59),
            **own,
        )
    users = make_accounts(people + COUNTERS + 1)
    gate, *officers = (_officer(office, user, "gate") for user in users[:1])
    officers = [_officer(office, user, "counter") for user in users[1 : COUNTERS + 1]]
    chance = random.Random(SEED)
    replay = Replay(office, gate, officers, iter(_people(users[COUNTERS + 1 :])), chance)
    replay.speed = {number: chance.uniform(0.88, 1.15) for number in range(COUNTERS)}
    return replay


def _officer(office: Any, user: Any, role: str) -> Any:
    from benchmarks.world import model

    user.is_staff = True
    user.save(update_fields=["is_staff"])
    model("offices.StaffRole").objects.create(
        user=user, role=role, office=office, valid_from=date(2020, 1, 1)
    )
    return user


def _people(users: list[Any]) -> list[Any]:
    from benchmarks.world import model
    from core import clock

    applicant, now = model("booking.Applicant"), clock.now()
    same = {"birth_date": date(1990, 1, 1), "sex": "male", "created_at": now}
    rows = []
    for number, user in enumerate(users):
        identity = nik(number)
        key = applicant.key_for(kind="nik", nationality="ID", number=identity)
        rows.append(
            applicant(
                account=user,
                full_name=user.full_name,
                identity_number=identity,
                person_key=key,
                phone=f"+62812{number:07d}",
                **same,
            )
        )
    return list(applicant.objects.bulk_create(rows))


# --- The result -----------------------------------------------------------------------------------
def report(office: Any) -> None:
    """Print the figures of the whole replay, of those with somebody ahead, and of the last month."""
    from counters.estimates.models import WaitEstimate

    rows: list[Any] = list(WaitEstimate.objects.filter(office=office, waited__isnull=False))
    last = sorted({row.day for row in rows})[-21:]
    groups = {
        "everybody": rows,
        "with somebody ahead": [row for row in rows if row.ahead],
        "the last 21 days": [row for row in rows if row.day in last],
    }
    print(
        "| Whom | Visits | Median error | Mean error | Inside the range | Range, median | "
        "Average x ahead: median error | mean error | Mean error lower by |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, group in groups.items():
        errors = [abs(row.middle - row.waited) for row in group]
        usual = [abs(row.usual - row.waited) for row in group]
        covered = mean(row.low <= row.waited <= row.high for row in group)
        width = median(row.high - row.low for row in group)
        better = 1 - mean(errors) / mean(usual)
        print(
            f"| {name} | {len(group)} | {median(errors):.1f} min | {mean(errors):.1f} min | "
            f"{covered:.0%} | {width:.0f} min | {median(usual):.1f} min | {mean(usual):.1f} min | "
            f"{better:.0%} |"
        )
    waits = sorted(row.waited for row in rows)
    print(
        f"\nWaits: median {median(waits):.0f} min, 95th percentile {waits[int(len(waits) * 0.95)]:.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS)
    days = parser.parse_args().days
    with own_project(DEMO_CLOCK_OFFSET="0"):
        from offices.hours.selectors import holiday_on

        replay = build_office(people=days * PLACES)
        day = FIRST_DAY
        played = 0
        while played < days:
            if day.isoweekday() <= 5 and holiday_on(replay.office, day) is None:
                replay.play(day)
                played += 1
                print(f"\r{played} of {days} days", end="", file=sys.stderr, flush=True)
            day += timedelta(days=1)
        report(replay.office)
        print(f"Refused at the gate: {replay.refused}")


if __name__ == "__main__":
    main()
