"""A decree of a region or of the nation: all offices in one preview, exceptions by name, one legal basis."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.test import Client

from core.errors import NotAllowed
from offices.directory.models import Office
from offices.hours.models import Attendance
from offices.hours.selectors import attendance_on
from offices.staff.models import Role
from quotas.places.models import Place
from quotas.plan.decrees import AttendanceDecree, QuotaDecree
from quotas.policies.errors import RuleChanged
from quotas.policies.models import QuotaPolicy, RuleChange
from quotas.rules.wide import WideDecree, apply_wide, latest_change_of, preview_wide
from quotas.windows.services import prepare_windows
from tests.builders import (
    NOW,
    make_group,
    make_office,
    make_officer,
    make_policy,
    make_weekly_release,
)

pytestmark = pytest.mark.django_db
START = NOW.date() + timedelta(days=14)


def quota(region: int | None = None, **changes: Any) -> QuotaDecree:
    values = {"base": 0, "percent": Decimal(50), "valid_from": START, "instrument": "SE 1/2026"}
    return QuotaDecree(lane="online", group=make_group().pk, region=region, **{**values, **changes})


def attendance(region: int | None = None, percent: int = 50) -> AttendanceDecree:
    return AttendanceDecree(
        region=region, percent=Decimal(percent), valid_from=START, instrument="SE 2/2026"
    )


def make_offices(*places: int, region: str = "uji") -> list[Office]:
    offices = []
    for number in places:
        office = make_office(region=region)
        make_policy(office, places=number)
        make_weekly_release(office)
        prepare_windows(office_id=office.pk, now=NOW)
        offices.append(office)
    return offices


@pytest.fixture
def national() -> Any:
    return make_officer(None, Role.NATIONAL)


def places_on(office: Office) -> int:
    return Place.objects.offered().filter(slot__office=office, slot__day=START).count()


def test_a_national_percentage_keeps_every_offices_base(national: Any) -> None:
    first, second, excepted = make_offices(80, 40, 60)
    wide = WideDecree(quota(), frozenset({excepted.pk}))
    preview = preview_wide(wide=wide, by=national, now=NOW)
    assert {row.part.office: row.part.is_excepted for row in preview.offices} == {
        first: False,
        second: False,
        excepted: True,
    }
    apply_wide(wide=wide, by=national, now=NOW)
    assert [places_on(office) for office in (first, second, excepted)] == [40, 20, 60]
    rows = RuleChange.objects.filter(instrument="SE 1/2026")
    assert {row.office for row in rows} == {first, second}
    new = QuotaPolicy.objects.get(office=first, valid_from=START)
    assert (new.base, new.percent, new.instrument) == (80, 50, "SE 1/2026")


def test_offices_without_a_rule_inherit_and_others_follow_by_their_own(national: Any) -> None:
    inherits, own, excepted, own_excepted = make_offices(10, 10, 10, 10)
    for office in (own, own_excepted):
        Attendance.objects.create(
            office=office, percent=75, valid_from=NOW.date(), instrument="SK sendiri"
        )
    wide = WideDecree(attendance(), frozenset({excepted.pk, own_excepted.pk}))
    apply_wide(wide=wide, by=national, now=NOW)
    assert [attendance_on(row, START) for row in (inherits, own, excepted, own_excepted)] == [
        50,
        50,
        100,
        75,
    ]
    assert [attendance_on(row, START - timedelta(days=1)) for row in (inherits, own)] == [100, 75]
    assert not Attendance.objects.filter(office=inherits).exists()
    assert RuleChange.objects.filter(kind="attendance").count() == 3


def test_a_region_decides_for_its_own_offices_only() -> None:
    [mine] = make_offices(80)
    [other] = make_offices(40, region="lain")
    officer = make_officer(None, Role.REGIONAL, region=mine.region)
    apply_wide(wide=WideDecree(quota(mine.region_id)), by=officer, now=NOW)
    assert (places_on(mine), places_on(other)) == (40, 40)
    for region in (None, other.region_id):
        with pytest.raises(NotAllowed):
            apply_wide(wide=WideDecree(quota(region)), by=officer, now=NOW)
    with pytest.raises(NotAllowed):
        apply_wide(
            wide=WideDecree(quota(mine.region_id)), by=make_officer(mine, Role.SUPERVISOR), now=NOW
        )


def test_of_two_decrees_made_at_once_one_is_refused(
    run_together: Callable[[Any], list[Any]],
) -> None:
    national = make_officer(None, Role.NATIONAL)
    offices = make_offices(80, 40)
    basis = latest_change_of(offices, AttendanceDecree)
    calls = [
        partial(
            apply_wide,
            wide=WideDecree(attendance(percent=percent)),
            by=national,
            now=NOW,
            basis=basis,
        )
        for percent in (50, 75)
    ]
    outcomes = run_together(calls)
    assert sorted(type(one).__name__ for one in outcomes) == ["RuleChanged", "list"]
    assert Attendance.objects.filter(office=None).count() == 1


def test_without_a_basis_the_last_decree_of_two_applies(
    run_together: Callable[[Any], list[Any]],
) -> None:
    """The control of the test above: what refuses the second decree is its basis."""
    national = make_officer(None, Role.NATIONAL)
    make_offices(80)
    calls = [
        partial(apply_wide, wide=WideDecree(attendance(percent=percent)), by=national, now=NOW)
        for percent in (50, 75)
    ]
    assert not any(isinstance(one, RuleChanged) for one in run_together(calls))


# --- The screen -----------------------------------------------------------------------------------

ADDRESS = "/admin/rules/decrees/quota/"


def typed(**changes: Any) -> dict[str, Any]:
    return {
        "scope": "nation",
        "lane": "online",
        "group": make_group().pk,
        "percent": "50",
        "cap": "",
        "valid_from": START.isoformat(),
        "instrument": "SE 1/2026",
        **changes,
    }


def test_the_form_previews_every_office_and_saves_once(
    client: Client, national: Any, set_clock: Any
) -> None:
    set_clock(NOW)
    first, second = make_offices(80, 40)
    client.force_login(national)
    page = client.post(ADDRESS, typed(exceptions=[second.pk], preview="1"), follow=True)
    text = page.content.decode()
    assert first.name in text
    assert "Dikecualikan" in text
    assert not RuleChange.objects.exists()
    saved = client.post(ADDRESS, typed(exceptions=[second.pk], save="1", basis="0"))
    assert saved.status_code == 302
    assert (places_on(first), places_on(second)) == (40, 40)


def test_a_regional_officer_is_offered_the_region_only(client: Client, set_clock: Any) -> None:
    set_clock(NOW)
    [office] = make_offices(80)
    client.force_login(make_officer(None, Role.REGIONAL, region=office.region))
    assert "Semua kantor di Indonesia" not in client.get(ADDRESS).content.decode()
    assert client.post(ADDRESS, typed(save="1")).status_code in (303, 400)
    assert client.get("/admin/rules/decrees/tidak-ada/").status_code == 404
    page = client.get("/admin/rules/").content.decode()
    assert "/admin/rules/decrees/" in page
    assert "/admin/rules/quota/" not in page
