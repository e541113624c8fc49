"""Rule changes by decree, and more places for an open window."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.dated import Dated
from offices.directory.models import Office
from offices.in_force import end_on, put_in_force
from offices.permissions import Right, check_right
from quotas import labels
from quotas.places.models import Place, Slot
from quotas.plan.decrees import (
    AdmissionDecree,
    AttendanceDecree,
    DayDecree,
    Decree,
    NoShowDecree,
    NoticeDecree,
    PlannedDecree,
    QuotaDecree,
    RebookingDecree,
    ReleaseDecree,
    ReturnDecree,
    RollOverDecree,
    to_json,
)
from quotas.plan.faults import faults_of
from quotas.policies.errors import ConfirmationNeeded, RuleChanged, RuleOverlaps, WindowNotOpen
from quotas.policies.models import ReleaseRule, RollOverRule, RuleChange
from quotas.policies.selectors import MODELS, columns, decree_of, latest_change
from quotas.rules.preview import Caution, Preview, preview
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
        if isinstance(decree, PlannedDecree):
            require_confirmed(preview(office, decree=decree, now=now).cautions, confirmed)
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


def preview_decree(decree: PlannedDecree, *, now: datetime) -> Preview:
    """Return the effects of a decree on every lane and group it touches, without writing. Raises InvalidInput."""
    office = Office.objects.get(pk=decree.office or 0)
    check_decree(decree, office=office, now=now)
    return preview(office, decree=decree, now=now)


def check_decree(decree: Decree, *, office: Office, now: datetime) -> None:
    """Raise InvalidInput with a message for each wrong field."""
    fields: dict[str, list[str]] = {}
    for fault in faults_of(decree, today=office.local_day(now)):
        fields.setdefault(fault.field, []).append(labels.fault(fault))
    if fields:
        raise InvalidInput(fields=fields)


def write_decree(decree: Decree) -> tuple[Any, Any]:
    """Write a decree's row; return it and the row that was in force on its first day.

    The caller has checked the decree and holds the office's lock.
    """
    kind = type(decree)
    names = (*kind.terms(), "valid_from", "valid_until", "instrument")
    return put_in_force(
        MODELS[kind], key=columns(decree, *kind.key), values=columns(decree, *names)
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
    old, new = _values(before, kind), _values(after, kind)
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


def _values(row: Dated | None, kind: type[Decree]) -> dict[str, Any]:
    if row is None:
        return {}
    values = decree_of(row, kind).values(*kind.terms())
    return {name: to_json(value) for name, value in values.items()}
