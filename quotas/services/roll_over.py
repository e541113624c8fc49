"""Roll-over: places of a lane that nobody took by a set time go to another lane, the same hours."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import InvalidInput, NotFound
from offices.models import Office
from offices.permissions import Right, check_right
from quotas.errors import RuleOverlaps
from quotas.models import (
    Place,
    PlaceMove,
    RollOver,
    RollOverRule,
    RuleChange,
    Slot,
    is_cooled_down,
)

ONE_DAY = timedelta(days=1)
WHOLE = Decimal(100)


def roll_over_due(*, now: datetime) -> int:
    """Run every rule whose time has come today at its office; return how many places moved.

    However many workers run, a rule runs once a day: whoever comes second finds its row.
    """
    moved = 0
    for office in Office.objects.filter(roll_over_rules__isnull=False).distinct():
        local = now.astimezone(office.zone)
        due = RollOverRule.objects.in_force(local.date()).filter(
            office=office, at_time__lte=local.time()
        )
        for rule in due.exclude(runs__day=local.date()).order_by("at_time", "pk"):
            moved += _run(rule, office, now)
    return moved


@busy_on_timeout()
@transaction.atomic
def _run(rule: RollOverRule, office: Office, now: datetime) -> int:
    """Move the share of what is free, hour by hour, under the office's lock; write the ledger."""
    Office.objects.select_for_update(no_key=True).get(pk=office.pk)
    run, is_new = RollOver.objects.get_or_create(
        rule=rule, day=office.local_day(now), defaults={"at": now}
    )
    if not is_new:
        return 0
    moves = []
    for slot_id, places in _free_by_slot(rule, run, now).items():
        share = int(len(places) * rule.percent / Decimal(100))
        if share:
            moves += _move(run, rule, Slot.objects.get(pk=slot_id), places[:share])
    PlaceMove.objects.bulk_create(moves)
    return len(moves)


def _free_by_slot(rule: RollOverRule, run: RollOver, now: datetime) -> dict[int, list[Place]]:
    """Lock what nobody holds in hours that are still to end; who is just taking one keeps it."""
    rows = (
        Place.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .free()
        .filter(
            is_cooled_down(now),
            slot__office_id=rule.office_id,
            slot__day=run.day,
            slot__lane=rule.from_lane_id,
            slot__group=rule.group_id,
            slot__ends_at__gt=now,
            opens_at__lte=now,
        )
        .order_by("slot_id", "number")
    )
    found: dict[int, list[Place]] = defaultdict(list)
    for place in rows:
        found[place.slot_id].append(place)
    return found


def _move(run: RollOver, rule: RollOverRule, slot: Slot, places: list[Place]) -> list[PlaceMove]:
    target, _made = Slot.objects.get_or_create(
        office_id=slot.office_id,
        lane_id=rule.to_lane_id,
        group_id=slot.group_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        only_services=slot.only_services,
        defaults={"day": slot.day},
    )
    # What the online lane closed the day before can be given at the desk until its hour ends.
    Place.objects.filter(pk__in=[place.pk for place in places]).update(
        slot=target, closes_at=slot.ends_at
    )
    return [PlaceMove(run=run, place=place, from_slot=slot, to_slot=target) for place in places]


@busy_on_timeout()
def change_roll_over(*, row: RollOverRule, by: User, now: datetime) -> RuleChange:
    """Put a roll-over (an unsaved row of an office) in force from its first day on.

    The row in force for the same lane ends the day before. Raises InvalidInput or RuleOverlaps.
    """
    with (
        constraints_as_errors({"roll_over_rule_never_overlaps": RuleOverlaps}),
        transaction.atomic(),
    ):
        office = Office.objects.select_for_update(no_key=True).get(pk=row.office_id)
        check_right(by, Right.CHANGE_ROLL_OVER, office=office, now=now)
        _refuse(row, office, now)
        rows = RollOverRule.objects.filter(
            office=office, group=row.group_id, from_lane=row.from_lane_id
        )
        old = rows.in_force(row.valid_from).first()
        if old is not None and old.valid_from < row.valid_from:
            old.valid_until = row.valid_from - ONE_DAY
            old.save(update_fields=["valid_until"])
        row.save(force_insert=True)
        return RuleChange.objects.create(
            office=office, lane_id=row.from_lane_id, kind=RuleChange.Kind.ROLL_OVER, by=by, at=now,
            starts_on=row.valid_from, instrument=row.instrument,
            before={} if old is None else _told(old), after=_told(row),
        )  # fmt: skip


@busy_on_timeout()
def end_roll_over(
    *, rule_id: int, office_id: int, last_day: date, instrument: str, by: User, now: datetime
) -> RuleChange:
    """Let a roll-over run for the last time on a day; one that has not begun by then never does.

    Raises NotFound, InvalidInput.
    """
    with transaction.atomic():
        office = Office.objects.select_for_update(no_key=True).get(pk=office_id)
        check_right(by, Right.CHANGE_ROLL_OVER, office=office, now=now)
        row = RollOverRule.objects.filter(pk=rule_id, office=office).first()
        if row is None:
            raise NotFound
        _refuse_end(row, office, last_day, instrument, now)
        before = _told(row)
        if row.valid_from > last_day:
            row.delete()
        else:
            row.valid_until = last_day
            row.save(update_fields=["valid_until"])
        return RuleChange.objects.create(
            office=office, lane_id=row.from_lane_id, kind=RuleChange.Kind.ROLL_OVER, by=by, at=now,
            starts_on=last_day + ONE_DAY, instrument=instrument.strip(),
            before=before, after=dict.fromkeys(before),
        )  # fmt: skip


def _refuse_end(
    row: RollOverRule, office: Office, last_day: date, instrument: str, now: datetime
) -> None:
    fields: dict[str, list[str]] = {}
    if last_day < office.local_day(now):
        fields["last_day"] = [_("Hari itu sudah lewat. Pilih hari ini atau sesudahnya.")]
    elif row.valid_until is not None and last_day >= row.valid_until:
        fields["last_day"] = [_("Pengalihan ini memang sudah berakhir pada hari itu.")]
    if not instrument.strip():
        fields["instrument"] = [_("Tulis surat keputusan atau edaran yang menetapkannya.")]
    if fields:
        raise InvalidInput(fields=fields)


def _told(row: RollOverRule) -> dict[str, str]:
    return {
        "to_lane": row.to_lane_id,
        "at_time": f"{row.at_time:%H:%M}",
        "percent": f"{Decimal(row.percent).normalize():f}",
    }


def _refuse(row: RollOverRule, office: Office, now: datetime) -> None:
    fields: dict[str, list[str]] = {}
    if row.from_lane_id == row.to_lane_id:
        fields["to_lane"] = [_("Pilih jalur lain dari jalur asalnya.")]
    if not 0 < row.percent <= WHOLE:
        fields["percent"] = [_("Tulis 1 sampai 100 persen.")]
    if not row.instrument.strip():
        fields["instrument"] = [_("Tulis surat keputusan atau edaran yang menetapkannya.")]
    if row.valid_from <= office.local_day(now):
        fields["valid_from"] = [_("Pengalihan baru berlaku paling cepat besok.")]
    if fields:
        raise InvalidInput(fields=fields)
