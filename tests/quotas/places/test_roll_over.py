"""Unused places of a lane move to another by rule, once, and the ledger shows each move."""

from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from core.errors import InvalidInput
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import Place, PlaceMove
from quotas.places.roll_over import roll_over_due
from quotas.places.selectors import ledger
from quotas.places.services import take_places
from quotas.plan.decrees import RollOverDecree
from quotas.policies.models import RollOverRule
from quotas.rules.services import apply_decree
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_daily_release,
    make_group,
    make_lane,
    make_office,
    make_officer,
    make_policy,
)

pytestmark = pytest.mark.django_db
TOMORROW = NOW.date() + timedelta(days=1)
AT_13 = NOW.replace(hour=6) + timedelta(days=1)  # 13.00 WIB
MORNING = NOW.replace(hour=1) + timedelta(days=1)  # 08.00 WIB


def make_desk(**changes: Any) -> Office:
    """Six priority places a day, one per slot; the rest at 13.00 goes to walk-in."""
    office = make_office()
    make_policy(office, places=6, lane="priority")
    make_daily_release(office, days_ahead=0, lane="priority")
    make_lane("walk_in")
    apply_decree(rule_of(office, **changes), by=make_officer(office, Role.SUPERVISOR), now=NOW)
    prepare_windows(office_id=office.pk, now=MORNING)
    return office


def rule_of(office: Office, **changes: Any) -> RollOverDecree:
    values: dict[str, Any] = {
        "from_lane": "priority",
        "to_lane": make_lane("walk_in").pk,
        "group": make_group().pk,
        "at_time": time(13),
        "valid_from": TOMORROW,
        "instrument": "SK uji",
        **changes,
    }
    make_lane("priority")
    return RollOverDecree(office=office.pk, **values)


def free_in(office: Office, lane: str) -> int:
    return (
        Place.objects.free()
        .filter(slot__office=office, slot__day=TOMORROW, slot__lane=lane)
        .count()
    )


def test_remaining_places_change_their_lane_at_the_set_time() -> None:
    office = make_desk()
    assert roll_over_due(now=AT_13 - timedelta(minutes=1)) == 0
    assert roll_over_due(now=AT_13) == 2  # 13-14 and 14-15; the morning is over
    assert (free_in(office, "walk_in"), free_in(office, "priority")) == (2, 4)
    move = PlaceMove.objects.all()[0]
    assert (move.from_slot.starts_at, move.from_slot.ends_at) == (
        move.to_slot.starts_at,
        move.to_slot.ends_at,
    )


def test_it_runs_once_a_day_without_taking_booked_places() -> None:
    office = make_desk()
    held = Place.objects.filter(slot__office=office, slot__day=TOMORROW).order_by(
        "-slot__starts_at"
    )[0]
    Place.objects.filter(pk=held.pk).update(holder=uuid4())
    assert (roll_over_due(now=AT_13), roll_over_due(now=AT_13)) == (1, 0)
    held.refresh_from_db()
    assert held.slot.lane_id == "priority"


def test_three_concurrent_workers_move_each_place_once(
    run_together: Callable[[Any], list[Any]],
) -> None:
    make_desk()
    outcomes = run_together([partial(roll_over_due, now=AT_13) for _ in range(3)])
    assert sum(outcomes) == 2 == PlaceMove.objects.count()


def test_a_moved_place_is_bookable_and_survives_preparation() -> None:
    office = make_desk()
    roll_over_due(now=AT_13)
    prepare_windows(office_id=office.pk, now=AT_13)
    place = Place.objects.free().filter(slot__office=office, slot__lane="walk_in")[0]
    with transaction.atomic():
        taken = take_places(
            slot_id=place.slot_id, holders=[uuid4()], now=AT_13, lanes_booked_at="desk"
        )
    assert taken == [place.pk]


def test_the_ledger_accounts_for_every_place_of_the_day() -> None:
    office = make_desk(percent=Decimal(50), at_time=time(8))
    assert roll_over_due(now=MORNING) == 0  # half of one place an hour is none
    RollOverRule.objects.filter(office=office).update(percent=100)
    office = make_desk(at_time=time(8))
    roll_over_due(now=MORNING)
    report = ledger(office, TOMORROW)
    rows = {row.lane.pk: row for row in report.lanes}
    assert (rows["priority"].made, rows["priority"].moved_out, rows["priority"].left) == (6, 6, 0)
    assert (rows["walk_in"].made, rows["walk_in"].moved_in, rows["walk_in"].left) == (0, 6, 6)
    assert all(row.balances for row in report.lanes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": 0}, "percent"),
        ({"instrument": " "}, "instrument"),
        ({"valid_from": NOW.date()}, "valid_from"),
    ],
)
def test_an_impossible_roll_over_names_its_field(changes: dict[str, Any], field: str) -> None:
    office = make_office()
    with pytest.raises(InvalidInput) as refused:
        apply_decree(rule_of(office, **changes), by=make_officer(office, Role.SUPERVISOR), now=NOW)
    assert list(refused.value.fields) == [field]


def test_a_lane_cannot_roll_over_into_itself() -> None:
    office = make_office()
    with pytest.raises(InvalidInput):
        apply_decree(
            rule_of(office, to_lane="priority"), by=make_officer(office, Role.SUPERVISOR), now=NOW
        )
