"""The screen of presets: the same preview, second confirmation and history as every rule change."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core.errors import NotAllowed
from offices.directory.models import Office
from offices.hours.models import AdmissionRule, Attendance
from offices.limits.models import Protocol
from offices.staff.models import Role
from quotas.capacity.selectors import office_days
from quotas.places.models import Place
from quotas.policies.errors import ConfirmationNeeded, RuleChanged
from quotas.policies.models import QuotaPolicy, RuleChange
from quotas.windows.services import prepare_windows
from scenarios.errors import PresetDoesNotFit
from scenarios.reading import preset_names
from scenarios.services import PresetOrder, apply_preset, preview_preset
from tests.builders import make_office, make_officer
from tests.scenarios.test_scenarios import load

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
MONDAY = date(2026, 12, 14)
ADDRESS = "/admin/rules/presets/"
BASIS = "SK Kepala Kantor 14/2026"


@pytest.fixture
def office(set_clock: Any) -> Office:
    set_clock(NOW)
    office = load("palembang")
    prepare_windows(office_id=office.pk, now=NOW)
    return office


@pytest.fixture
def supervisor(office: Office) -> User:
    return make_officer(office, Role.SUPERVISOR)


def order(office: Office, preset: str = "new-normal-2020", day: date = MONDAY) -> PresetOrder:
    return PresetOrder(preset, office.pk, day, BASIS)


def typed(**changes: str) -> dict[str, str]:
    values = {"preset": "new-normal-2020", "valid_from": f"{MONDAY}", "instrument": BASIS}
    return {**values, **changes}


def apply(office: Office, by: User, preset: str) -> None:
    wanted = order(office, preset)
    preview = preview_preset(order=wanted, now=NOW)
    confirmed = [row.token for row in preview.change.cautions]
    apply_preset(order=wanted, by=by, now=NOW, basis=preview.basis, confirmed=confirmed)


def places_on(office: Office, day: date) -> int:
    return (
        Place.objects.offered()
        .filter(slot__office=office, slot__day=day, slot__lane="online")
        .count()
    )


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_loads_with_its_rules_in_the_history(
    office: Office, supervisor: User, preset: str
) -> None:
    apply(office, supervisor, preset)
    rows = RuleChange.objects.filter(office=office, instrument=BASIS, by=supervisor)
    assert (
        rows.filter(kind="quota").count()
        == QuotaPolicy.objects.filter(office=office, valid_from=MONDAY, instrument=BASIS).count()
    )
    assert rows.filter(kind="release").exists()
    assert set(rows.values_list("starts_on", flat=True)) == {MONDAY}


def test_the_preview_equals_what_loading_does(office: Office, supervisor: User) -> None:
    preview = preview_preset(order=order(office), now=NOW)
    assert preview.change.rules is not None
    lane = next(row for row in preview.change.rules.lanes if row.lane.pk == "online")
    day = next(row for row in lane.days if row.day == MONDAY)
    assert (day.before, day.after) == (places_on(office, MONDAY), 75)
    assert not RuleChange.objects.exists()
    apply(office, supervisor, "new-normal-2020")
    assert places_on(office, MONDAY) == 75
    assert Attendance.objects.get(office=office, valid_from=MONDAY).percent == Decimal(50)
    assert not AdmissionRule.objects.get(office=office, valid_from=MONDAY).admits_companions
    protocol = Protocol.objects.get(office=office, valid_from=MONDAY)
    assert (protocol.instrument, len(protocol.items)) == (BASIS, 3)
    change = RuleChange.objects.get(kind="protocol")
    assert change.after == {"protocol": protocol.name}


def test_a_preview_reads_each_table_a_few_times(
    office: Office, django_assert_max_num_queries: Any
) -> None:
    """The largest preset: some queries for each rule, none for each day or lane."""
    with django_assert_max_num_queries(90):
        preview_preset(order=order(office, "m-paspor-2025"), now=NOW)


def test_cautions_need_a_second_confirmation(office: Office, supervisor: User) -> None:
    wanted = order(office, "m-paspor-2022", date(2026, 11, 25))
    assert preview_preset(order=wanted, now=NOW).change.cautions
    with pytest.raises(ConfirmationNeeded):
        apply_preset(order=wanted, by=supervisor, now=NOW)
    assert not RuleChange.objects.exists()


def test_the_capacity_caution_counts_all_lanes_together(office: Office, supervisor: User) -> None:
    preview = preview_preset(order=order(office, "m-paspor-2025"), now=NOW)
    rows = [dict(row.values) for row in preview.change.cautions if row.code == "above_capacity"]
    assert rows
    apply(office, supervisor, "m-paspor-2025")
    for row in rows:
        pools = office_days(office, first=row["day"], last=row["day"])[0].by_pool
        assert (row["capacity"], row["needed"]) in {(one.capacity, one.needed) for one in pools}


def test_a_change_after_the_preview_refuses_the_preset(office: Office, supervisor: User) -> None:
    basis = preview_preset(order=order(office), now=NOW).basis
    apply(office, supervisor, "m-paspor-2025")
    with pytest.raises(RuleChanged):
        apply_preset(order=order(office), by=supervisor, now=NOW, basis=basis)


def test_only_supervisors_and_national_officers_load_presets(office: Office) -> None:
    with pytest.raises(NotAllowed):
        apply(office, make_officer(office, Role.GATE), "new-normal-2020")
    with pytest.raises(NotAllowed):
        apply(office, make_officer(make_office(), Role.SUPERVISOR), "new-normal-2020")
    apply(office, make_officer(None, Role.NATIONAL), "new-normal-2020")


def test_an_office_without_a_quota_is_refused(office: Office, supervisor: User) -> None:
    other = make_office()
    with pytest.raises(PresetDoesNotFit):
        preview_preset(order=order(other), now=NOW)


def test_the_screen_previews_before_it_loads(
    client: Client, office: Office, supervisor: User
) -> None:
    client.force_login(supervisor)
    assert ADDRESS in client.get("/admin/rules/").content.decode()
    answer = client.post(ADDRESS, typed(save="1"))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Baca dampaknya" in page
    assert "Protokol kesehatan di gerbang" in page
    assert not RuleChange.objects.exists()
    preview = answer.context["preview"]
    sent: dict[str, Any] = typed(
        save="1", previewed=answer.context["previewed"], basis=str(preview.basis)
    )
    sent["confirm"] = [row.token for row in preview.change.cautions]
    answer = client.post(ADDRESS, sent, follow=True)
    assert BASIS in answer.content.decode()
    assert places_on(office, MONDAY) == 75


def test_wrong_input_is_explained(client: Client, supervisor: User) -> None:
    client.force_login(supervisor)
    for wrong in ({"preset": "../national"}, {"valid_from": "2026-11-23"}, {"instrument": " "}):
        answer = client.post(ADDRESS, typed(save="1", **wrong))
        assert answer.status_code == 400
        assert "Belum tercatat." in answer.content.decode()
    assert not RuleChange.objects.exists()
