"""A supervisor changes rules: from a day on, with a legal basis, never reducing an open window."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import InternalError, transaction

from core.errors import InvalidInput, NotAllowed, NotFound
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import Place, ReleaseWindow, Slot
from quotas.plan.decrees import QuotaDecree, ReleaseDecree
from quotas.policies.errors import WindowNotOpen
from quotas.policies.models import QuotaPolicy, RuleChange
from quotas.rules.services import add_places, apply_decree, preview_decree
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_group,
    make_office,
    make_officer,
    make_open_slot,
    make_policy,
    make_weekly_release,
)

pytestmark = pytest.mark.django_db
WEEK = date(2026, 12, 7)
FRIDAY_14 = NOW.replace(hour=7) + timedelta(days=4)


def make_weekly_office(places: int = 75) -> Office:
    office = make_office()
    make_policy(office, places=places)
    make_weekly_release(office)
    prepare_windows(office_id=office.pk, now=NOW)
    return office


def halved(office: Office, **changes: Any) -> QuotaDecree:
    values: dict[str, Any] = {
        "lane": "online",
        "group": make_group().pk,
        "base": 75,
        "percent": Decimal(50),
        "valid_from": WEEK,
        "instrument": "SK 12/2026",
        **changes,
    }
    return QuotaDecree(office=office.pk, **values)


def day_places(office: Office, day: date) -> int:
    return Place.objects.offered().filter(slot__office=office, slot__day=day).count()


def test_a_halved_quota_applies_from_its_day() -> None:
    office = make_weekly_office()
    apply_decree(halved(office), by=make_officer(office, Role.SUPERVISOR), now=NOW)
    assert day_places(office, WEEK - timedelta(days=3)) == 75
    assert day_places(office, WEEK) == 37
    old, new = QuotaPolicy.objects.filter(office=office).order_by("valid_from")
    assert (old.valid_until, new.valid_until) == (WEEK - timedelta(days=1), None)


def test_the_history_is_complete_and_cannot_be_changed() -> None:
    office = make_weekly_office()
    user = make_officer(office, Role.SUPERVISOR)
    apply_decree(halved(office), by=user, now=NOW)
    change = RuleChange.objects.get(office=office)
    assert (change.by, change.at, change.instrument) == (user, NOW, "SK 12/2026")
    assert (change.before["percent"], change.after["percent"]) == ("100", "50")
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        RuleChange.objects.filter(pk=change.pk).update(instrument="lain")


def test_an_open_window_never_shrinks() -> None:
    office = make_weekly_office()
    later = FRIDAY_14 + timedelta(hours=1)
    tomorrow = office.local_day(later) + timedelta(days=1)
    new = halved(office, valid_from=tomorrow)
    apply_decree(new, by=make_officer(office, Role.SUPERVISOR), now=later)
    assert day_places(office, date(2026, 11, 30)) == 75
    assert day_places(office, WEEK) == 37


def test_a_second_change_for_a_day_replaces_the_row() -> None:
    office = make_weekly_office()
    for percent in (50, 40):
        new = halved(office, percent=Decimal(percent))
        apply_decree(new, by=make_officer(office, Role.SUPERVISOR), now=NOW)
    assert QuotaPolicy.objects.filter(office=office).count() == 2
    assert day_places(office, WEEK) == 30
    assert RuleChange.objects.filter(office=office).count() == 2


def test_a_later_decree_ends_the_new_row() -> None:
    office = make_weekly_office()
    later = WEEK + timedelta(days=14)
    apply_decree(
        halved(office, valid_from=later), by=make_officer(office, Role.SUPERVISOR), now=NOW
    )
    apply_decree(
        halved(office, percent=Decimal(80)), by=make_officer(office, Role.SUPERVISOR), now=NOW
    )
    rows = QuotaPolicy.objects.filter(office=office).order_by("valid_from")
    assert [row.valid_until for row in rows] == [
        WEEK - timedelta(days=1),
        later - timedelta(days=1),
        None,
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"percent": Decimal(-1)}, "percent"),
        ({"instrument": "  "}, "instrument"),
        ({"valid_from": NOW.date()}, "valid_from"),
    ],
)
def test_an_impossible_change_names_its_field(changes: dict[str, Any], field: str) -> None:
    office = make_weekly_office()
    with pytest.raises(InvalidInput) as refused:
        apply_decree(halved(office, **changes), by=make_officer(office, Role.SUPERVISOR), now=NOW)
    assert list(refused.value.fields) == [field]
    assert (QuotaPolicy.objects.filter(office=office).count(), RuleChange.objects.count()) == (1, 0)


def monthly(office: Office, **changes: Any) -> ReleaseDecree:
    values: dict[str, Any] = {
        "kind": "monthly",
        "month_days": (1,),
        "opens_time": time(9),
        "closes_time": time(16),
        "closes_before_days": 1,
        "valid_from": date(2027, 1, 1),
        "instrument": "SK 13/2026",
        **changes,
    }
    return ReleaseDecree(office=office.pk, lane="online", **values)


def test_a_new_rhythm_leaves_existing_windows_their_days() -> None:
    office = make_weekly_office()
    apply_decree(monthly(office), by=make_officer(office, Role.SUPERVISOR), now=NOW)
    window = ReleaseWindow.objects.get(office=office, first_day=date(2027, 1, 1))
    assert window.opens_at == datetime.fromisoformat("2026-12-01T09:00+07:00")
    assert day_places(office, date(2027, 1, 4)) == 75
    assert day_places(office, WEEK) == 75


def test_an_invalid_date_is_refused_in_the_readers_language() -> None:
    office = make_weekly_office()
    with pytest.raises(InvalidInput) as refused:
        apply_decree(
            monthly(office, month_days=(31,)), by=make_officer(office, Role.SUPERVISOR), now=NOW
        )
    assert "Tanggal 31 Februari tidak ada" in str(refused.value.fields["month_days"])


# --- The preview --------------------------------------------------------------------------------


def test_the_preview_shows_places_slots_and_openings() -> None:
    office = make_weekly_office()
    [preview] = preview_decree(halved(office), now=NOW).lanes
    days = {day.day: day for day in preview.days}
    assert (days[WEEK].before, days[WEEK].after) == (75, 37)
    assert days[WEEK - timedelta(days=7)].after == 75
    assert (preview.sample, sum(hour.after for hour in preview.hours)) == (WEEK, 37)
    assert QuotaPolicy.objects.filter(office=office).count() == 1
    apply_decree(halved(office), by=make_officer(office, Role.SUPERVISOR), now=NOW)
    assert day_places(office, WEEK) == days[WEEK].after


def test_the_preview_shows_when_openings_move() -> None:
    office = make_weekly_office()
    [preview] = preview_decree(monthly(office), now=NOW).lanes
    moved = [one for one in preview.openings if one.before != one.after]
    assert next(one.after for one in moved if one.first_day.month == 1) == datetime.fromisoformat(
        "2026-12-01T09:00+07:00"
    )


def test_the_preview_does_not_change_an_open_day() -> None:
    office = make_weekly_office()
    later = FRIDAY_14 + timedelta(hours=1)
    held = Place.objects.filter(slot__office=office, slot__day=date(2026, 11, 30))[0]
    Place.objects.filter(pk=held.pk).update(holder=uuid4())
    new = halved(office, valid_from=date(2026, 11, 30))
    [preview] = preview_decree(new, now=later).lanes
    first = next(day for day in preview.days if day.day == date(2026, 11, 30))
    assert (first.before, first.after, first.held, first.is_frozen) == (75, 75, 1, True)


# --- Adding places ------------------------------------------------------------------------------


def test_places_added_to_an_open_slot_are_available_at_once() -> None:
    slot = make_open_slot(places=3)
    add_places(
        office_id=slot.office_id,
        slot_id=slot.pk,
        count=4,
        reason="Lembur",
        by=make_officer(slot.office, Role.SUPERVISOR),
        now=NOW,
    )
    prepare_windows(office_id=slot.office_id, now=NOW)
    rows = Place.objects.offered().filter(slot=slot)
    assert rows.count() == 7
    assert {row.opens_at <= NOW < row.closes_at for row in rows} == {True}
    change = RuleChange.objects.get(office=slot.office)
    assert (change.kind, change.instrument, change.after["places"]) == ("added_places", "Lembur", 7)


def test_adding_places_needs_an_open_window_and_the_own_office() -> None:
    office = make_weekly_office()
    slot = Slot.objects.filter(office=office, day=WEEK)[0]
    call = {
        "slot_id": slot.pk,
        "count": 1,
        "reason": "Lembur",
        "by": make_officer(slot.office, Role.SUPERVISOR),
        "now": NOW,
    }
    with pytest.raises(WindowNotOpen):
        add_places(office_id=office.pk, **call)
    other = make_office()
    with pytest.raises(NotFound):
        add_places(office_id=other.pk, **{**call, "by": make_officer(other, Role.SUPERVISOR)})
    with pytest.raises(NotAllowed):
        add_places(office_id=other.pk, **call)
    with pytest.raises(InvalidInput):
        add_places(office_id=office.pk, **{**call, "reason": " "})
