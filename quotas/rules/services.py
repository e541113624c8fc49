"""Rule changes by decree, and more places for an open window."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.dated import Dated
from offices.directory.models import Office
from offices.in_force import end_on, put_in_force
from offices.limits.models import Protocol
from offices.ordered import from_far_to_near
from offices.permissions import Right, check_right
from quotas import labels
from quotas.places.models import Place, Slot
from quotas.plan.decrees import (
    AdmissionDecree,
    AttendanceDecree,
    DayDecree,
    Decree,
    LimitDecree,
    NoShowDecree,
    NoticeDecree,
    OfficeDecree,
    PlannedDecree,
    ProductDecree,
    QuotaDecree,
    RebookingDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
)
from quotas.plan.faults import Fault, faults_of
from quotas.policies.errors import (
    ConfirmationNeeded,
    NothingToRetire,
    RuleChanged,
    RuleOverlaps,
    WindowNotOpen,
)
from quotas.policies.models import ReleaseRule, RollOverRule, RuleChange
from quotas.policies.selectors import MODELS, columns, decree_of, latest_change
from quotas.rules.effects import TermsPreview, preview_terms
from quotas.rules.history import terms_of
from quotas.rules.preview import Caution, preview
from quotas.windows.services import prepare_windows

MOST_ADDED = 100

ONE_DAY = timedelta(days=1)
OVERLAPS = {
    "quota_policy_never_overlaps": RuleOverlaps,
    "release_rule_never_overlaps": RuleOverlaps,
    "return_rule_never_overlaps": RuleOverlaps,
    "roll_over_rule_never_overlaps": RuleOverlaps,
    "rebooking_rule_never_overlaps": RuleOverlaps,
    "day_rule_never_overlaps": RuleOverlaps,
    "notice_rule_never_overlaps": RuleOverlaps,
    "attendance_never_overlaps": RuleOverlaps,
    "admission_rule_never_overlaps": RuleOverlaps,
    "no_show_rule_never_overlaps": RuleOverlaps,
    "booking_limit_never_overlaps": RuleOverlaps,
    "product_rule_never_overlaps": RuleOverlaps,
}
DECREE_RIGHTS: dict[type[Decree], Right] = {
    QuotaDecree: Right.CHANGE_QUOTA,
    ReleaseDecree: Right.CHANGE_RELEASE,
    ReturnDecree: Right.CHANGE_RETURNS,
    RollOverDecree: Right.CHANGE_ROLL_OVER,
    RebookingDecree: Right.CHANGE_REBOOKING,
    DayDecree: Right.CHANGE_DAY_RULES,
    NoticeDecree: Right.CHANGE_RELEASE,
    AttendanceDecree: Right.CHANGE_ATTENDANCE,
    AdmissionDecree: Right.CHANGE_ADMISSION,
    NoShowDecree: Right.CHANGE_NO_SHOW,
    LimitDecree: Right.CHANGE_LIMITS,
    ProductDecree: Right.CHANGE_PRODUCTS,
}


@busy_on_timeout()
@transaction.atomic
def add_places(
    *, office_id: int, slot_id: int, count: int, reason: str, by: User, now: datetime
) -> RuleChange:
    """Add places to a slot whose window is open, with a reason.

    Raises WindowNotOpen for a window that is not open yet (it follows the rules), NotFound,
    NotAllowed, InvalidInput.
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
    places = Place.objects.offered().filter(slot=slot).count()
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
        before={"places": places},
        after={
            "places": places + count,
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


@busy_on_timeout()
def apply_decree(
    decree: Decree,
    *,
    by: User,
    now: datetime,
    basis: int | None = None,
    confirmed: Collection[str] = (),
) -> RuleChange:
    """Put a decree of an office in force from its first day on. Windows that are not frozen follow it.

    `basis` is the latest change (`selectors.latest_change`) that the officer's page showed; a newer
    one refuses the decree. `confirmed` are the tokens of the preview's cautions. Raises NotAllowed,
    InvalidInput with a message for each wrong field, RuleChanged, RuleOverlaps or ConfirmationNeeded.
    """
    with constraints_as_errors(OVERLAPS), transaction.atomic():
        office = _lock_office(decree.office)
        check_right(by, DECREE_RIGHTS[type(decree)], office=office, now=now)
        if basis is not None and basis != latest_change(office, type(decree)):
            raise RuleChanged
        check_decree(decree, office=office, now=now)
        require_confirmed(effects_of(decree, office=office, now=now).cautions, confirmed)
        change = put_decree(decree, office=office, by=by, now=now)
    if isinstance(decree, PlannedDecree):
        prepare_windows(office_id=office.pk, now=now)
    return change


def require_confirmed(cautions: Iterable[Caution], confirmed: Collection[str]) -> None:
    """Raise ConfirmationNeeded with the tokens that are not among the confirmed ones."""
    missing = [row.token for row in cautions if row.token not in confirmed]
    if missing:
        raise ConfirmationNeeded(missing)


def put_decree(decree: Decree, *, office: Office, by: User, now: datetime) -> RuleChange:
    """Write a checked decree and append it to the office's history. The caller holds the office's lock."""
    row, before = write_decree(decree)
    return _record(
        row,
        type(decree),
        office=office,
        before=before,
        after=row,
        starts_on=row.valid_from,
        instrument=row.instrument,
        by=by,
        now=now,
    )


def preview_decree(decree: Decree, *, now: datetime) -> Any:
    """Return the effects of an office's decree without writing: a Preview, or TermsPreview for a rule
    that makes no places. Raises InvalidInput.
    """
    office = Office.objects.get(pk=decree.office or 0)
    check_decree(decree, office=office, now=now)
    return effects_of(decree, office=office, now=now)


def effects_of(decree: Decree, *, office: Office, now: datetime) -> Any:
    """Return the Preview or TermsPreview of a checked decree for an office."""
    if isinstance(decree, PlannedDecree):
        return preview(office, decree=decree, now=now)
    return preview_terms(office, decree=decree, now=now)


def check_decree(decree: Decree, *, office: Office, now: datetime) -> None:
    """Raise InvalidInput with a message for each wrong field."""
    fields: dict[str, list[str]] = {}
    for fault in faults_of(decree, today=office.local_day(now)):
        fields.setdefault(fault.field, []).append(labels.fault(fault))
    if isinstance(decree, RollOverDecree) and not fields and _leads_back(decree):
        fields["to_lane"] = [labels.fault(Fault("to_lane", "roll_over_cycle"))]
    if fields:
        raise InvalidInput(fields=fields)


def _leads_back(decree: RollOverDecree) -> bool:
    """True if other roll-overs of the same days would bring the places back to their lane."""
    rows = RollOverRule.objects.filter(office=decree.office, group=decree.group).exclude(
        from_lane=decree.from_lane
    )
    overlaps = Q(valid_until__isnull=True) | Q(valid_until__gte=decree.valid_from)
    if decree.valid_until is not None:
        overlaps &= Q(valid_from__lte=decree.valid_until)
    targets: dict[str, set[str]] = {}
    for source, target in rows.filter(overlaps).values_list("from_lane_id", "to_lane_id"):
        targets.setdefault(source, set()).add(target)
    reached, coming = set(), {decree.to_lane}
    while coming:
        lane = coming.pop()
        reached.add(lane)
        coming |= targets.get(lane, set()) - reached
    return decree.from_lane in reached


def write_decree(decree: Decree) -> tuple[Any, Any]:
    """Write a decree's row; return it and the row that was in force on its first day.

    The caller has checked the decree and holds the office's lock.
    """
    kind = type(decree)
    names = (*kind.terms(), "valid_from", "valid_until", "instrument")
    return put_in_force(
        MODELS[kind], key=columns(decree, *kind.key), values=columns(decree, *names)
    )


def fallback_of(decree: Decree, office: Office) -> Decree:
    """Return the terms that decide for an office without a rule of its own from a decree's first day on.

    Raises NothingToRetire if nothing would be in force and the kind has no defaults.
    """
    kind: Any = type(decree)
    rows = [
        row
        for row in from_far_to_near(MODELS[kind], office, decree.valid_from)
        if row.office_id is None
        and all(getattr(row, name) == getattr(decree, name) for name in kind.key[2:])
    ]
    dates: dict[str, Any] = {"valid_from": decree.valid_from, "valid_until": None, "id": 0}
    dates |= {"instrument": decree.instrument, "office": office.pk, "region": None}
    if rows:
        return replace(decree_of(rows[-1], kind), **dates)
    if not kind.has_defaults():
        raise NothingToRetire
    return cast("Decree", kind(**dates))


def preview_retirement(*, decree: Decree, now: datetime) -> TermsPreview:
    """Return the effect of ending an office's own rule the day before a decree's first day.

    Raises NothingToRetire, InvalidInput.
    """
    office = Office.objects.get(pk=decree.office or 0)
    check_decree(decree, office=office, now=now)
    _own_row(decree)
    return preview_terms(office, decree=fallback_of(decree, office), now=now)


@busy_on_timeout()
@transaction.atomic
def retire_rule(
    *,
    decree: Decree,
    by: User,
    now: datetime,
    basis: int | None = None,
    confirmed: Collection[str] = (),
) -> RuleChange:
    """End an office's own rule the day before a decree's first day; its region's or the nation's follows.

    Nothing is deleted, except a row that would begin on that day. Raises NotAllowed, NothingToRetire,
    InvalidInput, RuleChanged, ConfirmationNeeded.
    """
    office = _lock_office(decree.office)
    check_right(by, DECREE_RIGHTS[type(decree)], office=office, now=now)
    if basis is not None and basis != latest_change(office, type(decree)):
        raise RuleChanged
    check_decree(decree, office=office, now=now)
    row = _own_row(decree)
    after = fallback_of(decree, office)
    require_confirmed(preview_terms(office, decree=after, now=now).cautions, confirmed)
    change = record_change(decree_of(row, type(decree)), after, office=office, by=by, now=now)
    if row.valid_from >= decree.valid_from:
        row.delete()
    else:
        end_on(row, decree.valid_from - ONE_DAY)
    return change


def _own_row(decree: Decree) -> Any:
    rows: Any = MODELS[type(decree)]._default_manager
    row = rows.in_force(decree.valid_from).filter(**columns(decree, *decree.key)).first()
    if row is None:
        raise NothingToRetire
    return row


def record_change(
    before: Decree | None, after: Decree, *, office: Office, by: User, now: datetime
) -> RuleChange:
    """Append to an office's history that other terms decide from a day on."""
    kind = type(after)
    return RuleChange.objects.create(
        office=office,
        lane_id=getattr(after, kind.lane_field),
        kind=kind.rule,
        by=by,
        at=now,
        starts_on=after.valid_from,
        instrument=after.instrument,
        before=terms_of(before),
        after=terms_of(after),
    )


def record_protocol(
    *,
    office: Office,
    before: Protocol | None,
    after: Protocol | None,
    starts_on: date,
    instrument: str,
    by: User,
    now: datetime,
) -> RuleChange:
    """Append to an office's history that the gate checks by another protocol, or by none, from a day on."""
    return RuleChange.objects.create(
        office=office,
        lane_id=OfficeDecree.lane,
        kind=RuleChange.Kind.PROTOCOL,
        by=by,
        at=now,
        starts_on=starts_on,
        instrument=instrument,
        before={"protocol": before.name if before else None},
        after={"protocol": after.name if after else None},
    )


@busy_on_timeout()
def end_roll_over(
    *, rule_id: int, office_id: int, last_day: date, instrument: str, by: User, now: datetime
) -> RuleChange:
    """Set the last day of a roll-over; one that would begin later is deleted.

    Raises NotAllowed, NotFound, InvalidInput.
    """
    with transaction.atomic():
        office = _lock_office(office_id)
        check_right(by, Right.CHANGE_ROLL_OVER, office=office, now=now)
        row = RollOverRule.objects.filter(pk=rule_id, office=office).first()
        if row is None:
            raise NotFound
        _check_end(row, office, last_day, instrument, now)
        change = _record(
            row,
            RollOverDecree,
            office=office,
            before=row,
            after=None,
            starts_on=last_day + ONE_DAY,
            instrument=instrument.strip(),
            by=by,
            now=now,
        )
        if row.valid_from > last_day:
            row.delete()
        else:
            end_on(row, last_day)
        return change


def _check_end(
    row: RollOverRule, office: Office, last_day: date, instrument: str, now: datetime
) -> None:
    fields: dict[str, list[str]] = {}
    if last_day < office.local_day(now):
        fields["last_day"] = [_("Hari itu sudah lewat. Pilih hari ini atau sesudahnya.")]
    elif row.valid_until is not None and last_day >= row.valid_until:
        fields["last_day"] = [_("Pengalihan ini sudah berakhir pada hari itu.")]
    if not instrument.strip():
        fields["instrument"] = [_("Isi surat keputusan atau edaran yang menetapkannya.")]
    if fields:
        raise InvalidInput(fields=fields)


def _lock_office(office_id: int | None) -> Office:
    """Lock the office. An office cannot make a decree of a region or of the nation."""
    office = Office.objects.select_for_update(no_key=True).filter(pk=office_id or 0).first()
    if office is None:
        raise NotFound
    return office


def _record(
    row: Any,
    kind: type[Decree],
    *,
    office: Office,
    before: Dated | None,
    after: Dated | None,
    starts_on: date,
    instrument: str,
    by: User,
    now: datetime,
) -> RuleChange:
    """Append to the history: every field that the decree decides, before and after."""
    old = {} if before is None else terms_of(decree_of(before, kind))
    new = {} if after is None else terms_of(decree_of(after, kind))
    return RuleChange.objects.create(
        office=office,
        lane_id=getattr(decree_of(row, kind), kind.lane_field),
        kind=kind.rule,
        by=by,
        at=now,
        starts_on=starts_on,
        instrument=instrument,
        before=old,
        after=new if after is not None else dict.fromkeys(old),
    )
