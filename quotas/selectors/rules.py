"""An office's rules as the pure planner reads them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from offices.models import (
    Closure,
    Hall,
    Holiday,
    Lane,
    Office,
    OpeningHours,
    ServiceGroup,
    ServiceType,
)
from quotas.decrees import QuotaDecree, ReleaseDecree
from quotas.hours import Shut, still_served
from quotas.models import QuotaPolicy, ReleaseRule, Slot
from quotas.plan import DayOff, Hours, OfficeRules, policy_for, release_for
from quotas.selectors.decrees import decree_of

# The last working day of a month may open days that lie as many months later.
OPENED_BEFORE = timedelta(days=190)


def rules_of(office: Office, *, first: date, last: date) -> OfficeRules:
    """Return the rows that can decide the days of the span: the office's, its region's, the nation's."""
    return rules_of_offices([office], first=first, last=last)[office.pk]


def rules_of_offices(
    offices: Sequence[Office], *, first: date, last: date
) -> dict[int, OfficeRules]:
    """Return what `rules_of` does for each office by its id, in as many queries as for one."""
    in_span = Q(valid_until__isnull=True) | Q(valid_until__gte=first)
    dated = Q(valid_from__lte=last) & in_span
    regions = {office.region_id for office in offices}
    scope = Q(office__in=offices) | Q(region__in=regions) | Q(office=None, region=None)
    hours = list(OpeningHours.objects.filter(dated, office__in=offices))
    holidays = _holidays(offices, first - OPENED_BEFORE, last)
    policies = [
        (row, decree_of(row, QuotaDecree)) for row in QuotaPolicy.objects.filter(dated, scope)
    ]
    releases = [
        (row, decree_of(row, ReleaseDecree)) for row in ReleaseRule.objects.filter(dated, scope)
    ]
    closures = _closures(offices, first=first, last=last)
    return {
        office.pk: OfficeRules(
            time_zone=office.time_zone,
            hours=tuple(_hours(row) for row in hours if row.office_id == office.pk),
            holidays=_days_off(office, holidays),
            policies=tuple(rule for row, rule in policies if _applies_to(office, row)),
            releases=tuple(rule for row, rule in releases if _applies_to(office, row)),
            closures=tuple(shut_of(row) for row in closures if row.office_id == office.pk),
        )
        for office in offices
    }


def quota_on(office: Office, *, lane: str, group: int, day: date) -> QuotaDecree | None:
    """Return the quota in force on a service day: the office's, else its region's, else the nation's."""
    return policy_for(rules_of(office, first=day, last=day), day, lane, group)


def release_on(office: Office, *, lane: str, group: int, day: date) -> ReleaseDecree | None:
    """Return the release rule in force on a service day, the nearest one."""
    return release_for(rules_of(office, first=day, last=day), day, lane, group)


def _applies_to(office: Office, row: QuotaPolicy | ReleaseRule) -> bool:
    if row.office_id is None:
        return row.region_id in (None, office.region_id)
    return row.office_id == office.pk


def closures_of(office: Office, *, first: date, last: date) -> tuple[Shut, ...]:
    """Return the closures that touch the span, oldest first."""
    return tuple(shut_of(row) for row in _closures([office], first=first, last=last))


def _closures(offices: Sequence[Office], *, first: date, last: date) -> list[Closure]:
    rows = Closure.objects.filter(office__in=offices).standing().touching(first, last)
    rows = rows.select_related("hall").prefetch_related("open_lanes", "open_services")
    return list(rows.order_by("pk"))


def shut_of(closure: Closure) -> Shut:
    """Return a closure as the planner reads it."""
    return draft_shut(closure, closure.open_lanes.all(), closure.open_services.all())


def draft_shut(closure: Closure, lanes: Iterable[Lane], services: Iterable[ServiceType]) -> Shut:
    """Return a closure as the planner reads it, also one that is not written yet.

    `lanes` and `services` are what goes on in it.
    """
    return Shut(
        first_day=closure.first_day,
        last_day=closure.last_day,
        from_time=closure.from_time,
        until_time=closure.until_time,
        pairs=_pairs(closure),
        open_lanes=frozenset(lane.pk for lane in lanes),
        open_services=frozenset((service.pk, service.group_id) for service in services),
        reason=closure.reason,
        reason_en=closure.reason_en,
        id=closure.pk,
    )


def _pairs(closure: Closure) -> frozenset[tuple[str, int]] | None:
    """Which lanes and groups: a hall's, unless another hall serves them too, and one lane's."""
    if closure.hall is None and closure.lane_id is None:
        return None
    halls = Hall.objects.filter(office_id=closure.office_id)
    if closure.hall is None:
        groups = ServiceGroup.objects.values_list("pk", flat=True)
        return frozenset((str(closure.lane_id), group) for group in groups)
    others = {pair for hall in halls.exclude(pk=closure.hall.pk) for pair in _served_in(hall)}
    pairs = _served_in(closure.hall) - others
    wanted = {closure.lane_id} if closure.lane_id else {lane for lane, _group in pairs}
    return frozenset(pair for pair in pairs if pair[0] in wanted)


def _served_in(hall: Hall) -> set[tuple[str, int]]:
    lanes = hall.lanes.values_list("pk", flat=True)
    return {(lane, group) for lane in lanes for group in hall.groups.values_list("pk", flat=True)}


def slots_shut_by(office: Office, shut: Shut, *, now: datetime) -> list[int]:
    """Return the hours of the office, not over yet, that lie in a closure."""
    rows = Slot.objects.filter(office=office, day__gte=shut.first_day, ends_at__gt=now)
    if shut.last_day is not None:
        rows = rows.filter(day__lte=shut.last_day)
    found = rows.order_by("starts_at", "pk")
    return [row.pk for row in found if shut.covers(*_place_in_day(row, office))]


def hours_shut_by(office: Office, shut: Iterable[Shut], *, now: datetime) -> list[int]:
    """Return the hours, not over yet, that closures leave to nobody, or to others than they are for.

    What a closure leaves to some services has an hour row of its own: that one is not among them.
    """
    closures = list(shut)
    if not closures:
        return []
    first = min(row.first_day for row in closures)
    rows = Slot.objects.filter(office=office, day__gte=first, ends_at__gt=now)
    return [
        row.pk
        for row in rows.order_by("starts_at", "pk")
        if (served := still_served(closures, *_place_in_day(row, office))) is not None
        and (not served or served != tuple(row.only_services))
    ]


def _place_in_day(slot: Slot, office: Office) -> tuple[date, tuple[str, int], time, time]:
    starts, ends = (
        moment.astimezone(office.zone).time() for moment in (slot.starts_at, slot.ends_at)
    )
    return slot.day, (slot.lane_id, slot.group_id), starts, ends


def _holidays(offices: Sequence[Office], first: date, last: date) -> list[Holiday]:
    rows = Holiday.objects.filter(Q(office=None) | Q(office__in=offices), day__range=(first, last))
    # The nation's name of a day goes before the office's own.
    return sorted(rows, key=lambda row: row.office_id is None)


def _days_off(office: Office, holidays: Iterable[Holiday]) -> dict[date, DayOff]:
    rows = [row for row in holidays if row.office_id in (None, office.pk)]
    return {row.day: DayOff(row.name, row.name_en) for row in rows}


def _hours(row: OpeningHours) -> Hours:
    return Hours(
        weekday=row.weekday,
        spans=tuple(row.spans()),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )
