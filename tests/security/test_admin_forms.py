"""Rules, accounts and roles change only through their services, never by Django's own forms."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from knox.models import AuthToken

from accounts.models import User
from accounts.services import issue_token
from core.errors import InvalidInput, NotAllowed
from offices.directory.models import Office
from offices.officers.models import OfficerEvent
from offices.officers.services import end_role, give_role, withdraw_role
from offices.permissions import Right, has_right
from offices.staff.models import Role, StaffRole
from ops.services import AccountData, change_account
from quotas.policies.models import QuotaPolicy, ReleaseRule, ReturnRule, RuleChange
from tests.builders import (
    NOW,
    make_officer,
    make_open_office,
    make_return_rule,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)
NO_CONSENTS = {"consents-TOTAL_FORMS": 0, "consents-INITIAL_FORMS": 0}


@pytest.fixture
def office() -> Office:
    office = make_open_office("balikpapan", places=6)
    make_return_rule(office)
    return office


@pytest.fixture
def national() -> User:
    return make_officer(None, Role.NATIONAL)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", [QuotaPolicy, ReleaseRule, ReturnRule])
def test_nobody_changes_a_rule_in_djangos_own_forms(
    office: Office, national: User, model: type[Model]
) -> None:
    """It would skip preview, checks, windows and the history of changes."""
    row = model._default_manager.all()[0]
    before = model._default_manager.filter(pk=row.pk).values()[0]
    root = User.objects.create_superuser("akar@imigrasi.example", "kata-sandi-uji-1")
    for user in (national, root):
        client = client_of(user)
        values = {"base": 99, "answer_hours": 99, "opens_time": "01:00"}
        assert client.post(address(model, "change", row.pk), values).status_code == 403
        assert client.post(address(model, "add"), values).status_code == 403
        assert client.post(address(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).values()[0] == before
    page = client.get(address(model, "changelist")).content.decode()
    assert 'href="/admin/rules/"' in page


def test_control_the_stock_form_would_change_a_rule_without_a_record(
    office: Office, national: User
) -> None:
    row = QuotaPolicy.objects.filter(office=office)[0]
    row.base = 99
    form: Any = admin.site._registry[QuotaPolicy]
    request = RequestFactory().post("/")
    request.user = national
    admin.ModelAdmin.save_model(form, request, row, None, True)
    row.refresh_from_db()
    assert (row.base, RuleChange.objects.count()) == (99, 0)


# --- Roles ----------------------------------------------------------------------------------------
def role_values(user: User, **changes: Any) -> dict[str, Any]:
    values = {
        "user": user.pk,
        "role": "regional",
        "office": "",
        "region": "",
        "valid_from": TODAY,
        "valid_until": "",
    }
    return {**values, **changes}


def test_a_role_is_given_and_ended_by_the_services(
    office: Office, national: User, set_clock: Any
) -> None:
    set_clock(NOW)
    client, user = client_of(national), make_user()
    values = role_values(user, region=office.region_id)
    answer = client.post(address(StaffRole, "add"), values)
    assert answer.status_code == 302, answer.context["errors"]
    role = StaffRole.objects.get(user=user)
    user.refresh_from_db()
    assert has_right(user, Right.READ_REPORTS, office=office, now=NOW)
    again = client.post(address(StaffRole, "add"), values)
    assert again.status_code == 200
    assert again.context["errors"]
    change = address(StaffRole, "change", role.pk)
    yesterday = client.post(change, {"valid_until": TODAY - timedelta(days=1)})
    assert "Hari itu sudah lewat" in yesterday.content.decode()
    last = {"valid_until": TODAY, "role": "national", "region": ""}
    assert client.post(change, last).status_code == 302
    role.refresh_from_db()
    assert (role.role, role.valid_until) == ("regional", TODAY)
    kinds = list(OfficerEvent.objects.order_by("at", "pk").values_list("kind", "by"))
    assert kinds == [("role_given", national.pk), ("role_ended", national.pk)]
    listed = client.get(address(OfficerEvent, "changelist")).content.decode()
    assert "peran diberikan" in listed


def test_only_a_future_role_is_withdrawn(office: Office, national: User, set_clock: Any) -> None:
    set_clock(NOW)
    client, user = client_of(national), make_user()
    current = make_officer(office, Role.GATE).staff_roles.get()
    client.post(
        address(StaffRole, "add"),
        role_values(user, role="gate", office=office.pk, valid_from=TODAY + timedelta(days=9)),
    )
    future = StaffRole.objects.get(user=user)
    deletes = [address(StaffRole, "delete", row.pk) for row in (current, future)]
    assert [client.post(one, {"post": "yes"}).status_code for one in deletes] == [403, 302]
    assert list(StaffRole.objects.filter(pk__in=[current.pk, future.pk])) == [current]
    assert OfficerEvent.objects.filter(kind="withdrawn", officer=user, by=national).count() == 1
    with pytest.raises(NotAllowed):
        withdraw_role(role_id=current.pk, by=national, now=NOW)


def test_role_services_are_for_national_officers(office: Office, national: User) -> None:
    supervisor = make_officer(office, Role.SUPERVISOR)
    role = StaffRole(user=supervisor, role=Role.NATIONAL, valid_from=TODAY)
    own = supervisor.staff_roles.get()
    for by in (supervisor, make_officer(None, Role.DATA_PROTECTION_OFFICER), make_user()):
        with pytest.raises(NotAllowed):
            give_role(role=role, by=by, now=NOW)
        with pytest.raises(NotAllowed):
            end_role(role_id=own.pk, last_day=None, by=by, now=NOW)
    with pytest.raises(InvalidInput):
        end_role(role_id=own.pk, last_day=TODAY - timedelta(days=1), by=national, now=NOW)
    twice = StaffRole(user=supervisor, role=own.role, office=office, valid_from=TODAY)
    with pytest.raises(InvalidInput):
        give_role(role=twice, by=national, now=NOW)
    assert give_role(role=role, by=national, now=NOW).pk, "control: the national officer may"


# --- Accounts -------------------------------------------------------------------------------------
def test_an_account_that_loses_access_is_signed_out(office: Office, national: User) -> None:
    officer = make_officer(office, Role.GATE)
    at_work = client_of(officer)
    issue_token(user_id=officer.pk)
    assert at_work.get("/admin/gate/").status_code == 200, "control"
    values = {"full_name": "Rina", "language": "id", "is_active": "on", **NO_CONSENTS}
    client = client_of(national)
    assert client.post(address(User, "change", officer.pk), values).status_code == 302
    officer.refresh_from_db()
    assert (officer.full_name, officer.is_staff, officer.is_active) == ("Rina", False, True)
    assert not AuthToken.objects.filter(user=officer).exists()
    assert at_work.get("/admin/gate/").status_code in (302, 403)


def test_account_services_are_for_national_officers(office: Office, national: User) -> None:
    user = make_user()
    root = User.objects.create_superuser("akar@imigrasi.example", "kata-sandi-uji-1")
    data = AccountData("Nama baru", "id", is_staff=True, is_active=True)
    for by in (make_officer(office, Role.SUPERVISOR), make_user()):
        with pytest.raises(NotAllowed):
            change_account(user_id=user.pk, data=data, by=by, now=NOW)
    with pytest.raises(NotAllowed):
        change_account(user_id=root.pk, data=data, by=national, now=NOW)
    assert change_account(user_id=user.pk, data=data, by=national, now=NOW).is_staff
    assert change_account(user_id=root.pk, data=data, by=root, now=NOW).full_name == "Nama baru"
