"""Offices of a region or the nation today, those that need help first."""

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from booking.bookings.models import Booking
from counters.visits import counting
from counters.visits.models import UNFINISHED, CounterSession, Visit
from offices.closures.models import Closure
from offices.directory.models import Office
from offices.outages.models import Outage
from offices.promises import AT_RISK_FROM, VISIT_TIME
from offices.rosters.models import RosterShift
from quotas.plan.rows import OfficeRules
from quotas.policies.selectors import rules_of_offices

# How much each sign of need weighs in the order: a person past the promise as much as two at risk.
WEIGHTS: Final = {
    "late": 4,
    "at_risk": 2,
    "unrostered": 10,
    "unstaffed": 3,
    "outages": 3,
    "left_over": 2,
}


@dataclass(frozen=True)
class OfficeToday:
    """One office's day so far, and the signs that it needs help."""

    office: Office
    is_open: bool
    figures: dict[str, int]
    counters_open: int
    staffed: int
    signs: dict[str, int]
    closures: int

    @property
    def need(self) -> int:
        """The weighted signs, plus the people who wait for each open counter."""
        waiting = self.figures["waiting"] // max(self.counters_open, 1)
        return waiting + sum(WEIGHTS[name] * n for name, n in self.signs.items())

    @property
    def reasons(self) -> list[str]:
        """The signs as texts, in the order of their weight."""
        heaviest = sorted(self.signs.items(), key=lambda pair: -WEIGHTS[pair[0]] * pair[1])
        return [_sign_text(name, n) for name, n in heaviest if n]


def _sign_text(name: str, n: int) -> str:
    if name == "unrostered":
        return _("belum ada jadwal petugas")
    texts = {
        "late": ngettext("%(n)d orang lewat dua jam", "%(n)d orang lewat dua jam", n),
        "at_risk": ngettext("%(n)d orang mendekati dua jam", "%(n)d orang mendekati dua jam", n),
        "unstaffed": ngettext(
            "%(n)d loket terjadwal belum dibuka", "%(n)d loket terjadwal belum dibuka", n
        ),
        "outages": ngettext("%(n)d gangguan", "%(n)d gangguan", n),
        "left_over": ngettext("%(n)d kunjungan sisa", "%(n)d kunjungan sisa", n),
    }
    return texts[name] % {"n": n}


def ranked_offices(offices: Sequence[Office], *, now: datetime) -> list[OfficeToday]:
    """Return the offices by need, then by name. The number of queries does not depend on them."""
    days = {office.pk: office.local_day(now) for office in offices}
    first, last = min(days.values()), max(days.values())
    rules = rules_of_offices(offices, first=first, last=last)
    online = counting.online_lanes()
    tables = _Tables(days, now)
    rows = [_row(office, days[office.pk], rules[office.pk], online, tables) for office in offices]
    return sorted(rows, key=lambda row: (-row.need, row.office.name))


class _Tables:
    """What is counted over all offices, one query for each table."""

    def __init__(self, days: dict[int, date], now: datetime) -> None:
        self.now = now
        is_today = Q(pk__in=[])
        for day in set(days.values()):
            is_today |= Q(day=day, office__in=[pk for pk, own in days.items() if own == day])
        self.visits = self._visits(is_today)
        self.left_over = self._left_over(days)
        self.bookings = self._bookings(days)
        self.sessions: dict[int, set[int]] = defaultdict(set)
        rows = CounterSession.objects.filter(office__in=days, closed_at__isnull=True)
        for office, counter in rows.values_list("office", "counter"):
            self.sessions[office].add(counter)
        self.shifts: dict[int, list[Any]] = defaultdict(list)
        shifts = RosterShift.objects.filter(is_today, absent_at__isnull=True)
        for row in shifts.values_list("office", "counter", "starts_at", "ends_at"):
            self.shifts[row[0]].append(row[1:])
        self.outages = _tally(Outage.objects.open().filter(office__in=days))
        closed = Closure.objects.filter(office__in=days).not_lifted()
        self.closures = _tally(closed.touching(max(days.values()), min(days.values())))

    def _visits(self, is_today: Q) -> dict[int, dict[str, Any]]:
        open_now = Q(status__in=UNFINISHED)
        late, risky = self.now - VISIT_TIME, self.now - AT_RISK_FROM
        rows = Visit.objects.filter(is_today).values("office")
        counted = rows.annotate(
            arrived=Count("pk", filter=counting.ARRIVED),
            direct=Count("pk", filter=counting.DIRECT),
            waiting=Count("pk", filter=counting.WAITING),
            served=Count("pk", filter=counting.SERVED),
            late=Count("pk", filter=open_now & Q(clock_from__lte=late)),
            at_risk=Count("pk", filter=open_now & Q(clock_from__gt=late, clock_from__lte=risky)),
        )
        return {row["office"]: dict(row) for row in counted}

    def _left_over(self, days: dict[int, date]) -> Tally[int]:
        rows = Visit.objects.filter(
            office__in=days, status__in=UNFINISHED, day__lt=min(days.values())
        )
        return _tally(rows)

    def _bookings(self, days: dict[int, date]) -> dict[int, int]:
        is_today = Q(pk__in=[])
        for day in set(days.values()):
            offices = [pk for pk, own in days.items() if own == day]
            is_today |= Q(slot__day=day, slot__office__in=offices)
        rows = Booking.objects.filter(is_today & counting.BOOKED)
        return dict(rows.values_list("slot__office").annotate(n=Count("pk")))


def _tally(rows: Any) -> Tally[int]:
    return Tally(dict(rows.order_by().values_list("office").annotate(n=Count("pk"))))


def _row(
    office: Office, day: date, rules: OfficeRules, online: frozenset[str], tables: _Tables
) -> OfficeToday:
    visits = tables.visits.get(office.pk, {})
    shifts, now = tables.shifts[office.pk], tables.now
    running = [counter for counter, starts_at, ends_at in shifts if starts_at <= now < ends_at]
    works = rules.works_on(day)
    missing = {counter for counter in running if counter} - tables.sessions[office.pk]
    names = ("arrived", "direct", "waiting", "served")
    return OfficeToday(
        office=office,
        is_open=works,
        figures={
            "planned": sum(row.places for row in counting.planned_places(rules, day, online)),
            "booked": tables.bookings.get(office.pk, 0),
            **{name: visits.get(name, 0) for name in names},
        },
        counters_open=len(tables.sessions[office.pk]),
        staffed=len(running),
        signs={
            "late": visits.get("late", 0),
            "at_risk": visits.get("at_risk", 0),
            "unrostered": int(works and not shifts),
            "unstaffed": len(missing) if works else 0,
            "outages": tables.outages[office.pk],
            "left_over": tables.left_over[office.pk],
        },
        closures=tables.closures[office.pk],
    )
