"""Writing the four years of the demo's offices into the database."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max, Min

from booking.applications.services import reasons_of
from booking.people.models import Applicant
from core.db import analyze_tables
from devtools.years import seasons
from devtools.years.days import ONLINE, PRIORITY, WALK_IN, Desk, Frame, Hour, plan_day
from devtools.years.facts import Due, Facts
from devtools.years.people import make_accounts
from devtools.years.rows import OfficeWriter
from devtools.years.seasons import PROFILES, Profile, Wanted
from devtools.years.sheets import Writer
from offices.directory.models import Counter, Device, Lane, Office, ServiceGroup
from offices.hours.selectors import working_hours
from offices.limits.selectors import no_show_rule_on
from offices.reasons.models import Reason
from offices.staff.models import Role
from offices.staff.selectors import staff_of
from quotas.places.models import Slot
from quotas.plan.days import LanePlan
from quotas.plan.days import plan_day as plan_places
from quotas.plan.rows import OfficeRules
from quotas.policies.selectors import rules_of
from reports.forecast.services import count_days

GROUP: Final = "citizens"
DAYS_AT_ONCE: Final = 60
# An office with slots this soon after the first day has its years.
LATEST_START: Final = dt.timedelta(days=60)
WORKLOAD: Final = 26  # people a counter serves on an ordinary day
YEAR_END_FACTOR: Final = (
    2  # places of a day in December, against the plan, after the supervisor added some
)
MADE_AFTER: Final = 2  # working days
PRINTER_OUT_EVERY: Final = 17
OUT_FROM, OUT_UNTIL = dt.time(10), dt.time(11, 30)
LANES: Final = (ONLINE, WALK_IN, PRIORITY)


class YearsExist(Exception):
    """The office has bookings in the years already."""


def make_years(
    offices: Sequence[Office],
    *,
    now: dt.datetime,
    profiles: dict[str, Profile] = PROFILES,
    say: Callable[[str], None] = print,
) -> int:
    """Write the years of each office that has a profile and none yet; return the number of rows.

    Each office is one transaction: it has all its days or none.
    """
    rows = 0
    for office in offices:
        profile = profiles.get(office.code)
        if profile is None:
            continue
        try:
            rows += _make_office(office, profile, now=now)
        except YearsExist:
            say(f"{office.name}: the years are there already.")
        else:
            say(f"{office.name}: {rows} rows so far.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        analyze_tables()
    return rows


@transaction.atomic
def _make_office(office: Office, profile: Profile, *, now: dt.datetime) -> int:
    today = office.local_day(now)
    first, last = seasons.first_day(today), today - dt.timedelta(days=1)
    earliest = Slot.objects.filter(office=office).aggregate(day=Min("day"))["day"]
    if earliest is not None and earliest - first < LATEST_START:
        raise YearsExist
    if earliest is not None:
        # A demo that has run for some days keeps them.
        last = min(last, earliest - dt.timedelta(days=1))
    _without_triggers()
    rules = rules_of(office, first=first, last=today + dt.timedelta(days=40))
    writer = Writer(now=now)
    facts = facts_of(office, rules)
    to = OfficeWriter(facts, writer, first_number=_last_number())
    plans = day_plans(office, rules, profile, first=first, last=last, today=today)
    for nth, (day, lanes, frame, want, added) in enumerate(plans, start=1):
        to.write_day(
            day,
            lanes,
            frame,
            plan_day(
                frame,
                online=want.online,
                walk_ins=want.walk_ins,
                priority=want.priority,
                no_show=profile.no_show,
                services=len(facts.services),
                seed=f"{office.code}:{day}",
            ),
            due=due_after(rules, day),
            restriction=_restriction(office, day),
            added=added,
            outage=_outage(office, day, nth),
        )
        if nth % DAYS_AT_ONCE == 0:
            writer.write()
    to.write_windows()
    rows = writer.finish()
    return rows + count_days(office=office, now=now, first=first)


def _without_triggers() -> None:
    """Let this transaction write rows as they are at their end; their histories are written too.

    Needs a superuser, as the demo's database has. Tests check what the triggers and keys would have.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SET LOCAL statement_timeout = 0")


def _last_number() -> int:
    return int(Applicant.objects.aggregate(last=Max("pk"))["last"] or 0)


def facts_of(office: Office, rules: OfficeRules) -> Facts:
    """Read what the rows of an office refer to."""
    today = dt.date.max.replace(year=2099)
    services = list(office.service_types.filter(group__code=GROUP).order_by("pk"))
    reasons = Reason.objects.filter(use=Reason.Use.PRIORITY).values_list("code", "pk")
    return Facts(
        office=office.pk,
        group=ServiceGroup.objects.get(code=GROUP).pk,
        zone=office.zone,
        services=tuple(
            (row.pk, reasons_of(row)[0], tuple(item["code"] for item in row.documents), row.code)
            for row in services
        ),
        accounts=tuple(make_accounts(office.code)),
        gate=staff_of(office, role=Role.GATE, day=today)[0].pk,
        pickup=staff_of(office, role=Role.PICKUP, day=today)[0].pk,
        supervisor=staff_of(office, role=Role.SUPERVISOR, day=today)[0].pk,
        priority_reasons=dict(reasons),
        series=dict(Lane.objects.values_list("code", "series")),
        district=f"16{office.pk % 90 + 5:02d}03",
        instruments=_instruments(rules),
    )


def _instruments(rules: OfficeRules) -> dict[int, tuple[dict[str, Any], ...]]:
    """The legal instruments by id of the release rule, and by the negative id of the quota."""
    result: dict[int, tuple[dict[str, Any], ...]] = {}
    for rule in rules.releases:
        result[rule.id] = ({"kind": "release_rule", "id": rule.id, "instrument": rule.instrument},)
    for policy in rules.policies:
        source = {"kind": "quota_policy", "id": policy.id, "instrument": policy.instrument}
        result[-policy.id] = (source,)
    return result


Planned = tuple[dt.date, Sequence[LanePlan], Frame, Wanted, dict[int, int]]


def day_plans(
    office: Office,
    rules: OfficeRules,
    profile: Profile,
    *,
    first: dt.date,
    last: dt.date,
    today: dt.date,
) -> Iterator[Planned]:
    """Yield each working day: its lanes by the rules in force, its frame, and the demand."""
    wishes = seasons.wanted(profile, today=today)
    desks = desks_of(office)
    for step in range((last - first).days + 1):
        day = first + dt.timedelta(days=step)
        lanes = plan_places(rules, day).lanes
        if not lanes or day in seasons.national_holidays():
            continue
        want = wishes[day]
        added = _added(lanes, want, day)
        yield day, lanes, frame_of(office, day, lanes, desks, want, added), want, added


def _added(lanes: Sequence[LanePlan], want: Wanted, day: dt.date) -> dict[int, int]:
    """In December a supervisor adds places where more people want to come, up to twice the plan."""
    online = next((row for row in lanes if row.lane == ONLINE), None)
    if online is None or day.month != 12 or want.online <= online.places:
        return {}
    missing = min(want.online, online.places * YEAR_END_FACTOR) - online.places
    share, rest = divmod(missing, len(online.slots))
    return {nth: share + (nth < rest) for nth in range(len(online.slots)) if share + (nth < rest)}


def desks_of(office: Office) -> list[Desk]:
    """The counters that serve citizens, with an officer each; one in each hall first."""
    day = dt.date(2099, 1, 1)
    officers = staff_of(office, role=Role.COUNTER, day=day)
    counters = Counter.objects.filter(
        hall__office=office, hall__groups__code=GROUP, is_one_stop=True
    )
    rows = list(counters.select_related("hall").prefetch_related("hall__lanes").order_by("number"))
    firsts = {row.hall_id: row for row in reversed(rows)}
    ordered = [*firsts.values(), *(row for row in rows if row not in firsts.values())]
    return [
        Desk(row.pk, officer.pk, row.hall_id, frozenset(lane.code for lane in row.hall.lanes.all()))
        for row, officer in zip(ordered, officers, strict=False)
    ]


def frame_of(
    office: Office,
    day: dt.date,
    lanes: Sequence[LanePlan],
    desks: Sequence[Desk],
    want: Wanted,
    added: dict[int, int],
) -> Frame:
    """Return the frame of a day: as many counters as its people need, at least one in each hall."""
    hours = working_hours(office, day)
    assert hours is not None
    halls = len({desk.hall for desk in desks})
    people = want.online + want.walk_ins + want.priority
    opened = desks[: max(halls, -(-people // WORKLOAD))]
    group = ServiceGroup.objects.get(code=GROUP).pk
    usable = {lane for desk in opened for lane in desk.lanes}
    return Frame(
        hours={
            row.lane: _hours(row, added if row.lane == ONLINE else {})
            for row in lanes
            if row.lane in LANES and row.lane in usable and row.group == group
        },
        desks=tuple(opened),
        opens_at=office.at(day, hours.opens),
        closes_at=office.at(day, hours.closes),
        breaks=tuple(
            (
                office.at(day, dt.time.fromisoformat(row[0])),
                office.at(day, dt.time.fromisoformat(row[1])),
            )
            for row in hours.breaks
        ),
    )


def _hours(lane: LanePlan, added: dict[int, int]) -> tuple[Hour, ...]:
    return tuple(
        Hour(
            row.starts_at,
            row.ends_at,
            lane.opens_at,
            row.closes_at,
            row.places + added.get(nth, 0),
        )
        for nth, row in enumerate(lane.slots)
    )


def due_after(rules: OfficeRules, day: dt.date) -> Due:
    """Four working days to the promise; made in two."""
    working = [
        later for step in range(1, 40) if rules.works_on(later := day + dt.timedelta(days=step))
    ]
    return Due(due_on=working[3], printed_on=working[0], ready_on=working[MADE_AFTER - 1])


_RULES: dict[tuple[int, dt.date], tuple[int, str] | None] = {}


def _restriction(office: Office, day: dt.date) -> tuple[int, str] | None:
    key = office.pk, day.replace(day=1)
    if key not in _RULES:
        rule = no_show_rule_on(office, day)
        _RULES[key] = None if rule is None else (rule.restricted_days, rule.instrument)
    return _RULES[key]


def _outage(office: Office, day: dt.date, nth: int) -> tuple[int, dt.datetime, dt.datetime] | None:
    if nth % PRINTER_OUT_EVERY:
        return None
    printer = Device.objects.filter(office=office, kind=Device.Kind.PRINTER).order_by("pk").first()
    if printer is None:
        return None
    return printer.pk, office.at(day, OUT_FROM), office.at(day, OUT_UNTIL)
