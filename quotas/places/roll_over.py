"""Roll-over: places of a lane that are free at a set time move to another lane, same slots."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from core.db import busy_on_timeout
from offices.directory.models import Office
from quotas.places.models import Place, PlaceMove, RollOver, Slot, is_cooled_down
from quotas.policies.models import RollOverRule

ONE_DAY = timedelta(days=1)
WHOLE = Decimal(100)


def roll_over_due(*, now: datetime) -> int:
    """Run every rule that is due today at its office; return how many places moved.

    Each rule runs once a day with any number of workers: later ones see its row.
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
    """Move the rule's share of the free places, slot by slot, under the office's lock; write the ledger."""
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
    """Lock the free places of slots that have not ended, by slot. Skips places that are being taken."""
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
    by_slot: dict[int, list[Place]] = defaultdict(list)
    for place in rows:
        by_slot[place.slot_id].append(place)
    return by_slot


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
    # The online lane closes the day before; at the desk a place can be given until its slot ends.
    Place.objects.filter(pk__in=[place.pk for place in places]).update(
        slot=target, closes_at=slot.ends_at
    )
    return [PlaceMove(run=run, place=place, from_slot=slot, to_slot=target) for place in places]
