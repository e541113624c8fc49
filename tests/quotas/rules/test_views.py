"""The supervisor's rule screen: preview a change, then save it."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from core.errors import InvalidInput
from offices.directory.models import Office
from offices.staff.models import Role
from quotas.places.models import Place, ReleaseWindow
from quotas.plan.decrees import RollOverDecree
from quotas.policies.models import QuotaPolicy, RollOverRule, RuleChange
from quotas.rules.services import apply_decree
from tests.builders import NOW, make_group, make_lane, make_officer, make_open_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(set_clock: Any) -> Office:
    set_clock(NOW)
    return make_open_office(places=12)


@pytest.fixture
def supervisor(client: Client, office: Office) -> Client:
    client.force_login(make_officer(office, Role.SUPERVISOR))
    return client


def typed(**changes: Any) -> dict[str, Any]:
    starts = (NOW + timedelta(days=15)).date().isoformat()
    return {
        "base": "12",
        "percent": "50",
        "cap": "",
        "valid_from": starts,
        "instrument": "SK 12/2026",
        **changes,
    }


ADDRESS = "/admin/rules/quota/online/citizens/"


def test_the_screen_shows_current_rules_and_links_to_changes(supervisor: Client) -> None:
    page = supervisor.get("/admin/rules/").content.decode()
    assert ADDRESS in page
    assert "SK uji" in page


def test_a_change_is_previewed_before_it_is_saved(supervisor: Client, office: Office) -> None:
    page = supervisor.post(ADDRESS, typed(preview="1")).content.decode()
    assert "Delapan minggu ke depan" in page
    assert "Simpan perubahan" in page
    assert not RuleChange.objects.exists()
    answer = supervisor.post(ADDRESS, typed(save="1"), follow=True)
    assert "SK 12/2026" in answer.content.decode()
    assert RuleChange.objects.get().office == office
    assert QuotaPolicy.objects.filter(office=office, lane="online", percent=50).exists()


def test_an_impossible_change_shows_the_error_and_saves_nothing(supervisor: Client) -> None:
    answer = supervisor.post(ADDRESS, typed(save="1", percent="-5", valid_from="2026-02-31"))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Persentase tidak boleh kurang dari 0." in text
    assert "Tanggal itu tidak ada di kalender" in text
    assert not RuleChange.objects.exists()


def test_a_release_rule_has_its_own_page(supervisor: Client, office: Office) -> None:
    values = {
        "kind": "monthly",
        "weekday": "",
        "month_days": "-1",
        "counts_working_days": "on",
        "ahead": "1",
        "tranches": "",
        "opens_time": "09:00",
        "closes_after_days": "",
        "closes_before_days": "1",
        "closes_time": "16:00",
        "mode": "first_come",
        "lottery_source": "jisdor",
        "valid_from": "2027-01-01",
        "instrument": "SK 13/2026",
    }
    address = "/admin/rules/opening/online/citizens/"
    assert supervisor.get(address).status_code == 200
    wrong = supervisor.post(address, {**values, "tranches": "60:2, 50:1", "preview": "1"})
    assert "Jumlah semua tahap 110 persen" in wrong.content.decode()
    assert (
        "Simpan perubahan" in supervisor.post(address, {**values, "preview": "1"}).content.decode()
    )
    assert supervisor.post(address, {**values, "save": "1"}).status_code == 302
    assert RuleChange.objects.get().after["month_days"] == [-1]


def test_places_are_added_to_an_open_slot_with_a_reason(supervisor: Client, office: Office) -> None:
    rows = Place.objects.filter(slot__office=office, slot__lane="online", opens_at__lte=NOW)
    place = rows.filter(closes_at__gt=NOW)[0]
    before = Place.objects.filter(slot=place.slot_id).count()
    values = {"slot": place.slot_id, "count": "3", "reason": "Lembur"}
    assert supervisor.post("/admin/rules/places/", values).status_code == 302
    assert Place.objects.filter(slot=place.slot_id).count() == before + 3


def test_only_the_offices_supervisor_changes_its_rules(client: Client, office: Office) -> None:
    client.force_login(make_officer(office, Role.COUNTER))
    assert client.get("/admin/rules/").status_code == 403
    region = make_officer(None, Role.REGIONAL, region=office.region)
    client.force_login(region)
    assert client.get("/admin/rules/").status_code == 200
    assert client.post(ADDRESS, typed(save="1")).status_code == 403
    other = make_officer(make_open_office(places=2), Role.SUPERVISOR)
    client.force_login(other)
    assert client.post(f"{ADDRESS}?office={office.code}", typed(save="1")).status_code == 404
    assert not RuleChange.objects.exists()


def test_a_roll_over_rule_is_saved_and_its_ledger_shown(supervisor: Client, office: Office) -> None:
    values = {
        "from_lane": "walk_in",
        "to_lane": "online",
        "group": office.service_types.all()[0].group_id,
        "at_time": "13:00",
        "percent": "100",
        "valid_from": "2026-11-25",
        "instrument": "SK 14/2026",
    }
    assert supervisor.get("/admin/rules/roll-over/").status_code == 200
    previewed = supervisor.post("/admin/rules/roll-over/", values, follow=True).content.decode()
    assert "Sebelum dan sesudah perubahan" in previewed
    assert not RuleChange.objects.exists()
    answer = supervisor.post("/admin/rules/roll-over/", {**values, "save": "1"})
    assert answer.status_code == 302
    assert "SK 14/2026" in supervisor.get("/admin/rules/").content.decode()
    page = supervisor.get("/admin/rules/ledger/?day=2026-11-25").content.decode()
    assert "Rincian tempat" in page


def test_a_waiting_room_is_previewed_and_excludes_a_lottery(
    supervisor: Client, office: Office
) -> None:
    values = {
        "kind": "weekly",
        "weekday": "5",
        "month_days": "",
        "ahead": "1",
        "tranches": "",
        "opens_time": "14:00",
        "closes_after_days": "2",
        "closes_before_days": "",
        "closes_time": "16:00",
        "valid_from": "2026-12-08",
        "instrument": "SK 14/2026",
        "mode": "first_come",
        "lottery_source": "jisdor",
        "has_waiting_room": "on",
    }
    address = "/admin/rules/opening/online/citizens/"
    previewed = supervisor.post(address, {**values, "preview": "1"})
    assert "melalui ruang tunggu" in previewed.content.decode()
    refused = supervisor.post(address, {**values, "mode": "draw", "save": "1"})
    assert "Undian tidak memerlukan ruang tunggu" in refused.content.decode()
    assert supervisor.post(address, {**values, "save": "1"}).status_code == 302
    assert RuleChange.objects.get().after["has_waiting_room"] is True
    assert "Melalui ruang tunggu." in supervisor.get("/admin/rules/").content.decode()


def test_a_lottery_is_switched_on_by_the_form(supervisor: Client, office: Office) -> None:
    values = {
        "kind": "weekly",
        "weekday": "5",
        "month_days": "",
        "ahead": "1",
        "tranches": "",
        "opens_time": "14:00",
        "closes_after_days": "2",
        "closes_before_days": "",
        "closes_time": "16:00",
        "mode": "draw",
        "lottery_source": "drand",
        "valid_from": "2026-12-14",
        "instrument": "SK 15/2026",
    }
    address = "/admin/rules/opening/online/citizens/"
    previewed = supervisor.post(address, {**values, "preview": "1"}, follow=True)
    assert "diundi" in previewed.content.decode()
    assert supervisor.post(address, {**values, "save": "1"}).status_code == 302
    windows = ReleaseWindow.objects.filter(office=office, lane="online", mode="draw")
    assert windows.filter(first_day=date(2026, 12, 14)).exists()
    assert RuleChange.objects.get().after["mode"] == "draw"


@pytest.mark.parametrize("way", [("walk_in", "priority"), ("priority", "accelerated")])
def test_a_roll_over_that_leads_back_is_refused(
    supervisor: Client, office: Office, way: tuple[str, str]
) -> None:
    """Walk-in to priority exists; priority to walk-in, or around by a third lane, is a cycle."""
    by = make_officer(office, Role.SUPERVISOR)
    for lane in ("walk_in", "priority", "accelerated"):
        make_lane(lane)
    steps = {
        ("walk_in", "priority"): ["walk_in"],
        ("priority", "accelerated"): ["walk_in", "priority"],
    }
    lanes = {"walk_in": "priority", "priority": "accelerated"}
    for source in steps[way]:
        apply_decree(roll_over(office, source, lanes[source]), by=by, now=NOW)
    with pytest.raises(InvalidInput) as refused:
        apply_decree(roll_over(office, way[1], "walk_in"), by=by, now=NOW)
    assert list(refused.value.fields) == ["to_lane"]
    assert not RollOverRule.objects.filter(from_lane=way[1]).exists()


def roll_over(office: Office, source: str, target: str) -> RollOverDecree:
    return RollOverDecree(
        office=office.pk,
        group=make_group().pk,
        from_lane=source,
        to_lane=target,
        at_time=time(13),
        valid_from=NOW.date() + timedelta(days=2),
        instrument="SK 16/2026",
    )
