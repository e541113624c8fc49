"""The admin lists: everyone sees their own office, and only national staff write."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from offices.directory.models import Fee, Hall, Office
from offices.hours.models import AdmissionRule
from offices.staff.models import Role
from quotas.places.models import Place
from quotas.policies.models import QuotaPolicy, ReleaseRule
from tests.builders import NOW, make_office, make_officer, make_open_office

pytestmark = pytest.mark.django_db
OURS = [model for model in admin.site._registry if model._meta.app_label in ("offices", "quotas")]
PER_OFFICE = (
    "offices_hall",
    "offices_counter",
    "offices_openinghours",
    "offices_admissionrule",
    "quotas_slot",
    "quotas_releasewindow",
    "quotas_place",
)


@pytest.fixture
def office(set_clock: Callable[[datetime], None]) -> Office:
    set_clock(NOW)
    return make_open_office("sini", places=6)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def list_of(name: str) -> str:
    return reverse(f"admin:{name}_changelist")


def visible_rows(user: User, name: str) -> list[object]:
    answer = client_of(user).get(list_of(name))
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_national_staff_open_every_list(office: Office) -> None:
    client = client_of(make_officer(None, Role.NATIONAL))
    for model in OURS:
        answer = client.get(list_of(f"{model._meta.app_label}_{model._meta.model_name}"))
        assert answer.status_code == 200, model


def test_national_staff_open_every_row(office: Office) -> None:
    client = client_of(make_officer(None, Role.NATIONAL))
    for model in OURS:
        row = model._default_manager.first()
        if row is not None:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            assert client.get(reverse(name, args=[row.pk])).status_code == 200, model


@pytest.mark.parametrize("name", PER_OFFICE)
def test_a_supervisor_sees_their_own_office_only(office: Office, name: str) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    mine = visible_rows(supervisor, name)
    assert mine
    make_open_office("sana", places=6)
    assert visible_rows(supervisor, name) == mine
    other_supervisor = make_officer(make_office("lain"), Role.SUPERVISOR)
    assert not set(visible_rows(other_supervisor, name)) & set(mine)


def test_a_row_of_another_office_does_not_open(office: Office) -> None:
    other = make_open_office("sana", places=6)
    client = client_of(make_officer(office, Role.SUPERVISOR))
    policy = QuotaPolicy.objects.filter(office=other)[0]
    answer = client.get(reverse("admin:quotas_quotapolicy_change", args=[policy.pk]))
    assert answer.status_code in (302, 403, 404)


def test_national_rules_are_shown_to_every_supervisor(office: Office) -> None:
    rule = ReleaseRule.objects.filter(office=office)[0]
    rule.pk, rule.office = None, None
    rule.save(force_insert=True)
    supervisor = make_officer(office, Role.SUPERVISOR)
    assert rule in visible_rows(supervisor, "quotas_releaserule")


def test_supervisors_read_but_do_not_write(office: Office) -> None:
    client = client_of(make_officer(office, Role.SUPERVISOR))
    policy = QuotaPolicy.objects.filter(office=office)[0]
    address = reverse("admin:quotas_quotapolicy_change", args=[policy.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"base": 1}).status_code == 403
    assert client.get(reverse("admin:quotas_quotapolicy_add")).status_code == 403
    policy.refresh_from_db()
    assert policy.base == 6


def test_nobody_edits_places_in_the_admin(office: Office) -> None:
    place = Place.objects.all()[0]
    for user in (make_officer(None, Role.NATIONAL), make_officer(office, Role.SUPERVISOR)):
        client = client_of(user)
        address = reverse("admin:quotas_place_change", args=[place.pk])
        assert client.post(address, {"number": 9}).status_code == 403
        assert client.get(reverse("admin:quotas_place_add")).status_code == 403
        page = client.get(address).content.decode()
        assert "cooldown" not in page


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_officers_without_reporting_rights_see_no_lists(office: Office, role: Role) -> None:
    client = client_of(make_officer(office, role))
    assert client.get(list_of("quotas_releasewindow")).status_code == 403
    assert client.get(list_of("offices_staffrole")).status_code == 403


def test_applicants_cannot_open_the_admin(office: Office) -> None:
    client = client_of(User.objects.create_user("siti@contoh.id", "kata-sandi-uji-1"))
    assert client.get(list_of("quotas_releasewindow")).status_code in (302, 403)


def test_overlapping_periods_are_a_form_error(office: Office) -> None:
    client = client_of(make_officer(None, Role.NATIONAL))
    data = {
        "product": "plain_5",
        "amount": "350000",
        "valid_from": "2026-01-01",
        "valid_until": "",
        "instrument": "SK 2",
    }
    rows = Fee.objects.filter(product="plain_5")
    assert client.post(reverse("admin:offices_fee_add"), data).status_code == 302
    before = rows.count()
    answer = client.post(reverse("admin:offices_fee_add"), data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert rows.count() == before


def test_rules_and_places_of_work_are_never_deleted_or_added_in_lists(office: Office) -> None:
    """Rules change by decree, halls and counters by the scenario file; nothing in use is deleted."""
    client = client_of(User.objects.create_superuser("akar@contoh.id", "kata-sandi-uji-1"))
    hall = Hall.objects.filter(office=office)[0]
    for name, row, actions in (
        ("admissionrule", AdmissionRule.objects.filter(office=office)[0], ("change", "delete")),
        ("hall", hall, ("delete",)),
        ("counter", hall.counters.all()[0], ("delete",)),
    ):
        for action in actions:
            address = reverse(f"admin:offices_{name}_{action}", args=[row.pk])
            assert client.post(address, {"post": "yes"}).status_code == 403
        assert client.post(reverse(f"admin:offices_{name}_add"), {}).status_code == 403
    for name, pk in (("region", office.region_id), ("office", office.pk)):
        address = reverse(f"admin:offices_{name}_delete", args=[pk])
        assert client.post(address, {"post": "yes"}).status_code == 403
