"""Changing an office's rules by decree, from a day on; and adding places to what is open already."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.models import Office
from offices.permissions import Right, check_right
from quotas import reasons
from quotas.errors import RuleOverlaps, WindowNotOpen
from quotas.models import Place, QuotaPolicy, ReleaseRule, RuleChange, Slot
from quotas.plan import Fault, policy_faults, release_faults
from quotas.selectors.rules import policy_of, release_of
from quotas.services.windows import prepare_windows

ONE_DAY = timedelta(days=1)
MOST_ADDED = 100
OVERLAPS = {
    "quota_policy_never_overlaps": RuleOverlaps,
    "release_rule_never_overlaps": RuleOverlaps,
    "roll_over_rule_never_overlaps": RuleOverlaps,
}
QUOTA_FIELDS = ("base", "percent", "cap", "slot_minutes", "hours")
RELEASE_FIELDS = (
    "kind", "mode", "has_waiting_room", "weekday", "weeks_ahead", "covers_days", "days_ahead", "month_days", "months_ahead",
    "counts_working_days", "tranches", "opens_time", "closes_time", "closes_after_days", "closes_before_days",
)  # fmt: skip


@dataclass(frozen=True)
class NewQuota:
    """What a decree orders for a lane and a group: floor(base x percent / 100) a day, at most `cap`."""

    lane: str
    group_id: int
    base: int
    percent: Decimal
    cap: int | None
    starts_on: date
    instrument: str


def quota_row(*, office: Office, new: NewQuota) -> QuotaPolicy:
    """Return the row a change would write, unsaved: hours and slot length stay as they are."""
    now_row = _row_on(QuotaPolicy, office, new.lane, new.group_id, new.starts_on)
    return QuotaPolicy(
        office=office,
        lane_id=new.lane,
        group_id=new.group_id,
        base=new.base,
        percent=new.percent,
        cap=new.cap,
        slot_minutes=now_row.slot_minutes if now_row else 60,
        hours=now_row.hours if now_row else [],
        valid_from=new.starts_on,
        instrument=new.instrument,
    )


@busy_on_timeout()
def change_quota(*, office_id: int, new: NewQuota, by: User, now: datetime) -> RuleChange:
    """Put a new quota in force from a day on, and bring the windows that are not frozen in line.

    Raises InvalidInput with the field and what is wrong, or RuleOverlaps.
    """
    with constraints_as_errors(OVERLAPS), transaction.atomic():
        office = Office.objects.select_for_update(no_key=True).get(pk=office_id)
        check_right(by, Right.CHANGE_QUOTA, office=office, now=now)
        row = quota_row(office=office, new=new)
        check_quota(office=office, row=row, now=now)
        change = _replace(row, RuleChange.Kind.QUOTA, QUOTA_FIELDS, by=by, now=now)
    prepare_windows(office_id=office_id, now=now)
    return change


@busy_on_timeout()
def change_release(*, row: ReleaseRule, by: User, now: datetime) -> RuleChange:
    """Put a new release rule (an unsaved row of an office) in force from its first day on.

    Raises InvalidInput with the field and what is wrong, or RuleOverlaps.
    """
    with constraints_as_errors(OVERLAPS), transaction.atomic():
        office = Office.objects.select_for_update(no_key=True).get(pk=row.office_id or 0)
        check_right(by, Right.CHANGE_RELEASE, office=office, now=now)
        check_release(office=office, row=row, now=now)
        change = _replace(row, RuleChange.Kind.RELEASE, RELEASE_FIELDS, by=by, now=now)
    prepare_windows(office_id=office.pk, now=now)
    return change


def check_quota(*, office: Office, row: QuotaPolicy, now: datetime) -> None:
    """Raise InvalidInput for what cannot be in a quota, before anything is written."""
    _refuse_faults(
        faults=policy_faults(policy_of(row)), starts_on=row.valid_from, office=office, now=now
    )


def check_release(*, office: Office, row: ReleaseRule, now: datetime) -> None:
    """Raise InvalidInput for what cannot be in a release rule, before anything is written."""
    _refuse_faults(
        faults=release_faults(release_of(row)), starts_on=row.valid_from, office=office, now=now
    )


def _refuse_faults(*, faults: list[Fault], starts_on: date, office: Office, now: datetime) -> None:
    """Raise InvalidInput that names each field and what is wrong with it."""
    fields: dict[str, list[str]] = {}
    for fault in faults:
        fields.setdefault(fault.field, []).append(reasons.fault(fault))
    if starts_on <= office.local_day(now):
        fields.setdefault("valid_from", []).append(
            _("Aturan baru berlaku paling cepat besok: hari ini sudah dijanjikan kepada orang.")
        )
    if fields:
        raise InvalidInput(fields=fields)


def _row_on(model: Any, office: Office, lane: str, group_id: int | None, day: date) -> Any:
    rows = model.objects.in_force(day).filter(office=office, lane=lane, group=group_id)
    return rows.first()


def _replace(
    row: Any, kind: RuleChange.Kind, fields: tuple[str, ...], *, by: User, now: datetime
) -> RuleChange:
    """End the row in force the day before, keep what a later decree ordered, write the new one."""
    rows = type(row).objects.filter(office=row.office, lane=row.lane_id, group=row.group_id)
    later = rows.filter(valid_from__gt=row.valid_from).order_by("valid_from").first()
    if later is not None:
        row.valid_until = later.valid_from - ONE_DAY
    old = rows.in_force(row.valid_from).first()
    if old is not None and old.valid_from < row.valid_from:
        old.valid_until = row.valid_from - ONE_DAY
        old.save(update_fields=["valid_until"])
    elif old is not None:
        row.pk = old.pk
    before = {} if old is None else _values(type(row).objects.get(pk=old.pk), fields)
    if row.pk is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=[*fields, "valid_until", "instrument"])
    return RuleChange.objects.create(
        office=row.office,
        lane_id=row.lane_id,
        kind=kind,
        by=by,
        at=now,
        starts_on=row.valid_from,
        instrument=row.instrument,
        before=before,
        after=_values(row, fields),
    )


def _values(row: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in fields}


def _plain(value: Any) -> Any:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


@busy_on_timeout()
@transaction.atomic
def add_places(
    *, office_id: int, slot_id: int, count: int, reason: str, by: User, now: datetime
) -> RuleChange:
    """Add places to an hour whose window is open: an act of its own, with its reason.

    A window not yet open follows the rules instead: WindowNotOpen. Raises NotFound, InvalidInput.
    """
    _refuse_count(count, reason)
    office = Office.objects.select_for_update(no_key=True).get(pk=office_id)
    check_right(by, Right.ADD_PLACES, office=office, now=now)
    slot = Slot.objects.filter(pk=slot_id, office=office, ends_at__gt=now).first()
    if slot is None:
        raise NotFound
    like = (
        Place.objects.offered()
        .filter(slot=slot, opens_at__lte=now, closes_at__gt=now)
        .exclude(window__mode=ReleaseRule.Mode.DRAW, window__drawn_at=None)
        .order_by("-closes_at", "id")
        .first()
    )
    if like is None:
        raise WindowNotOpen
    standing = Place.objects.offered().filter(slot=slot).count()
    last = Place.objects.filter(made_in_slot=slot).aggregate(last=Max("number"))["last"] or 0
    Place.objects.bulk_create(
        Place(
            window_id=like.window_id,
            slot=slot,
            made_in_slot=slot,
            number=last + step,
            opens_at=like.opens_at,
            closes_at=like.closes_at,
            is_limited=bool(slot.only_services),
        )
        for step in range(1, count + 1)
    )
    return RuleChange.objects.create(
        office=office,
        lane_id=slot.lane_id,
        kind=RuleChange.Kind.ADDED_PLACES,
        by=by,
        at=now,
        starts_on=slot.day,
        instrument=reason.strip(),
        before={"places": standing},
        after={
            "places": standing + count,
            "hour": f"{slot.starts_at.astimezone(office.zone):%H:%M}",
        },
    )


def _refuse_count(count: int, reason: str) -> None:
    fields: dict[str, list[str]] = {}
    if not 1 <= count <= MOST_ADDED:
        fields["count"] = [_("Tambahkan 1 sampai %(most)d tempat.") % {"most": MOST_ADDED}]
    if not reason.strip():
        fields["reason"] = [_("Tulis alasannya; alasan ini tercatat dalam riwayat.")]
    if fields:
        raise InvalidInput(fields=fields)
