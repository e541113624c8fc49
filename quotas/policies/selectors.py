"""An office's rules as the planner reads them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db.models import Q

from offices.closures.models import Closure
from offices.dated import Dated
from offices.day_rules.models import DayRule
from offices.directory.models import Hall, Lane, Office, ServiceGroup, ServiceType
from offices.hours.models import AdmissionRule, Attendance, Holiday, OpeningHours
from offices.limits.models import BookingLimit, NoShowRule, ProductRule, RebookingRule
from offices.ordered import from_far_to_near
from quotas.plan.days import policy_for, release_for
from quotas.plan.decrees import (
    AdmissionDecree,
    AttendanceDecree,
    DayDecree,
    Decree,
    LimitDecree,
    NoShowDecree,
    NoticeDecree,
    OfficeDecree,
    ProductDecree,
    QuotaDecree,
    RebookingDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    from_column,
    to_column,
)
from quotas.plan.rows import DayOff, Hours, OfficeRules
from quotas.plan.spans import Shut
from quotas.policies.models import (
    NoticeRule,
    QuotaPolicy,
    ReleaseRule,
    ReturnRule,
    RollOverRule,
    RuleChange,
)

# Holidays this long before the span decide which working day opens it.
OPENED_BEFORE = timedelta(days=190)

D = TypeVar("D", bound=Decree)
T = TypeVar("T", bound=OfficeDecree)
MODELS: dict[type[Decree], type[Dated]] = {
    QuotaDecree: QuotaPolicy,
    ReleaseDecree: ReleaseRule,
    ReturnDecree: ReturnRule,
    RollOverDecree: RollOverRule,
    RebookingDecree: RebookingRule,
    DayDecree: DayRule,
    NoticeDecree: NoticeRule,
    AttendanceDecree: Attendance,
    AdmissionDecree: AdmissionRule,
    NoShowDecree: NoShowRule,
    LimitDecree: BookingLimit,
    ProductDecree: ProductRule,
}


def rules_of(office: Office, *, first: date, last: date) -> OfficeRules:
    """Return the rows that can decide the days of the span: the office's, its region's, the nation's."""
    return rules_of_offices([office], first=first, last=last)[office.pk]


def rules_of_offices(
    offices: Sequence[Office], *, first: date, last: date
) -> dict[int, OfficeRules]:
    """Return the same as `rules_of` for each office by its id, in a constant number of queries."""
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
    """Return the quota in force on a service day: the office's, or else its region's, or else the nation's."""
    return policy_for(rules_of(office, first=day, last=day), day, lane, group)


def release_on(office: Office, *, lane: str, group: int, day: date) -> ReleaseDecree | None:
    """Return the release rule in force on a service day, by the same precedence."""
    return release_for(rules_of(office, first=day, last=day), day, lane, group)


def _applies_to(office: Office, row: QuotaPolicy | ReleaseRule) -> bool:
    if row.office_id is None:
        return row.region_id in (None, office.region_id)
    return row.office_id == office.pk


def closures_of(office: Office, *, first: date, last: date) -> tuple[Shut, ...]:
    """Return the closures that overlap the span, oldest first."""
    return tuple(shut_of(row) for row in _closures([office], first=first, last=last))


def _closures(offices: Sequence[Office], *, first: date, last: date) -> list[Closure]:
    rows = Closure.objects.filter(office__in=offices).not_lifted().touching(first, last)
    rows = rows.select_related("hall").prefetch_related("open_lanes", "open_services")
    return list(rows.order_by("pk"))


def shut_of(closure: Closure) -> Shut:
    """Return a closure as the planner reads it."""
    return draft_shut(closure, closure.open_lanes.all(), closure.open_services.all())


def draft_shut(closure: Closure, lanes: Iterable[Lane], services: Iterable[ServiceType]) -> Shut:
    """Return a closure, which may be unsaved, as the planner reads it.

    `lanes` and `services` are those still served in it.
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
    """Return the closed lanes and groups: those that no other hall in use serves, and only one lane's if it names one."""
    if closure.hall is None and closure.lane_id is None:
        return None
    halls = Hall.objects.in_use_on(closure.first_day).filter(office_id=closure.office_id)
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


def _holidays(offices: Sequence[Office], first: date, last: date) -> list[Holiday]:
    rows = Holiday.objects.filter(Q(office=None) | Q(office__in=offices), day__range=(first, last))
    # National holidays last: their name replaces the office's own in `_days_off`.
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


def column(kind: type[Decree], name: str) -> str:
    """Return the attribute of the row for a field: `lane_id` for `lane`."""
    field: Any = MODELS[kind]._meta.get_field(name)
    return str(field.attname)


def columns(decree: Decree, *names: str) -> dict[str, Any]:
    """Return fields of a decree as attributes of its row."""
    return {
        column(type(decree), name): to_column(value)
        for name, value in decree.values(*names).items()
    }


def decree_of(row: Any, kind: type[D]) -> D:
    """Return a row as a decree."""
    names = ("id", "valid_from", "valid_until", "instrument", *kind.key, *kind.terms())
    return kind(**{name: from_column(name, getattr(row, column(kind, name))) for name in names})


def latest_change(office: Office, *kinds: type[Decree]) -> int:
    """Return the id of the last change of an office's rules of these kinds, 0 if there is none."""
    rows = RuleChange.objects.filter(office=office, kind__in=[kind.rule for kind in kinds])
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def field_label(kind: type[Decree], name: str) -> str:
    """Return a field's label."""
    field: Any = MODELS[kind]._meta.get_field(name)
    return str(field.verbose_name)


def return_terms(office: Office, *, lane: str, day: date) -> ReturnDecree:
    """Return the terms of a service day: the office's, or else its region's, the nation's, or the defaults."""
    row = return_rule_on(office, lane=lane, day=day)
    if row is None:
        return ReturnDecree(lane=lane, valid_from=day)
    return decree_of(row, ReturnDecree)


def choices_of(kind: type[Decree], name: str) -> dict[Any, Any]:
    """Return the labels of a field's choices, or of those of the items of a list, if it has any."""
    field: Any = MODELS[kind]._meta.get_field(name)
    return dict(getattr(field, "base_field", field).flatchoices)


def terms_on(kind: type[T], office: Office, *, day: date, **key: Any) -> T | None:
    """Return a rule for all lanes in force on a day: the office's, or else its region's, or else the nation's.

    `key` are the other fields of the kind's key.
    """
    rows = [
        decree_of(row, kind)
        for row in from_far_to_near(MODELS[kind], office, day)
        if all(getattr(row, name) == value for name, value in key.items())
    ]
    return rows[-1] if rows else None


def in_force_before(decree: Decree, office: Office) -> Decree | None:
    """Return the rule that decides for an office on a decree's first day until the decree is in force."""
    day = decree.valid_from
    if isinstance(decree, QuotaDecree):
        return quota_on(office, lane=decree.lane, group=decree.group, day=day)
    if isinstance(decree, ReleaseDecree):
        groups = [decree.group] if decree.group else _groups_of(office, decree.lane, day)
        rules = (release_on(office, lane=decree.lane, group=group, day=day) for group in groups)
        return next((rule for rule in rules if rule is not None), None)
    if isinstance(decree, ReturnDecree):
        row = return_rule_on(office, lane=decree.lane, day=day)
        return None if row is None else decree_of(row, ReturnDecree)
    if isinstance(decree, OfficeDecree):
        key = {name: getattr(decree, name) for name in decree.key[2:]}
        return terms_on(type(decree), office, day=day, **key)
    rows: Any = MODELS[type(decree)]._default_manager
    stored = rows.in_force(day).filter(**columns(decree, *decree.key)).first()
    return None if stored is None else decree_of(stored, type(decree))


def _groups_of(office: Office, lane: str, day: date) -> list[int]:
    policies = rules_of(office, first=day, last=day).policies
    return sorted({row.group for row in policies if row.lane == lane})


def later_row(decree: Decree) -> Any:
    """Return the first row for the same thing that begins after a decree and ends it, or None."""
    rows: Any = MODELS[type(decree)]._default_manager
    same = rows.filter(**columns(decree, *decree.key), valid_from__gt=decree.valid_from)
    return same.order_by("valid_from").first()


def notice_on(office: Office, *, day: date) -> NoticeDecree:
    """Return the least notice of a day, by the same precedence; the default without a row."""
    return terms_on(NoticeDecree, office, day=day) or NoticeDecree(valid_from=day)


def return_rule_on(office: Office, *, lane: str, day: date) -> ReturnRule | None:
    """Return the nearest rule in force on a service day, or None."""
    its_region = Q(office=None) & (Q(region=office.region_id) | Q(region=None))
    rows = ReturnRule.objects.in_force(day).filter(Q(office=office) | its_region, lane=lane)
    return min(rows, key=lambda row: (row.office_id is None, row.region_id is None), default=None)
