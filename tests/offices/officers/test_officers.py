"""A supervisor invites, suspends and resets the officers of their own office only."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import InternalError, transaction
from django.test import Client
from knox.models import AuthToken

from accounts.models import User
from core.errors import InvalidInput, NotAllowed, NotFound
from notices.models import Message
from offices.directory.models import Office
from offices.officers import services
from offices.officers.errors import OfficerOfOthers
from offices.officers.models import OfficerEvent
from offices.permissions import Right, has_right, permission_table
from offices.staff.models import Role, StaffRole
from tests.builders import NOW, SINCE, make_office, make_officer, make_user
from tests.outbox import link_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
ADDRESS = "petugas@imigrasi.example"


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.fixture
def supervisor(office: Office) -> User:
    return make_officer(office, Role.SUPERVISOR)


def invite(office: Office, by: User, **changes: Any) -> User:
    values: dict[str, Any] = {
        "email": ADDRESS,
        "full_name": "Rina Marlina",
        "role": Role.GATE,
        "starts_on": TODAY,
    } | changes
    return services.invite_officer(office_id=office.pk, by=by, now=NOW, **values)


def test_an_invited_officer_sets_a_password_and_can_work(
    office: Office, supervisor: User, client: Client
) -> None:
    user = invite(office, supervisor)
    assert not user.has_usable_password()
    link = link_of(Message.objects.get(kind="officer_invited", address=ADDRESS))
    page = client.get(link.replace("http://127.0.0.1:8000", ""), follow=True)
    form = page.redirect_chain[-1][0]
    password = {"password1": "pagi-hujan-88", "password2": "pagi-hujan-88"}
    assert client.post(form, password).status_code == 302
    user.refresh_from_db()
    assert user.check_password("pagi-hujan-88")
    assert has_right(user, Right.SERVE_GATE, office=office, now=NOW)
    again = Client().get(link.replace("http://127.0.0.1:8000", ""), follow=True)
    assert again.context["token_fail"]
    event = OfficerEvent.objects.get()
    assert (event.officer, event.kind, event.role, event.by) == (
        user,
        "invited",
        "gate",
        supervisor,
    )


def test_a_future_role_gives_no_right_yet(office: Office, supervisor: User) -> None:
    user = invite(office, supervisor, starts_on=TODAY + timedelta(days=1))
    user.refresh_from_db()
    assert not has_right(user, Right.SERVE_GATE, office=office, now=NOW)
    assert has_right(user, Right.SERVE_GATE, office=office, now=NOW + timedelta(days=1))


def test_a_suspended_officer_loses_access_and_can_be_invited_again(
    office: Office, supervisor: User
) -> None:
    officer = make_officer(office, Role.GATE, email=ADDRESS)
    browser = Client()
    browser.force_login(officer)
    AuthToken.objects.create(user=officer)
    services.suspend_officer(office_id=office.pk, officer_id=officer.pk, by=supervisor, now=NOW)
    officer.refresh_from_db()
    assert not has_right(officer, Right.SERVE_GATE, office=office, now=NOW)
    assert StaffRole.objects.get(user=officer).valid_until == TODAY
    assert not AuthToken.objects.filter(user=officer).exists()
    assert browser.get("/admin/gate/").status_code in (302, 403)
    again = invite(office, supervisor)
    again.refresh_from_db()
    assert again == officer
    assert has_right(again, Right.SERVE_GATE, office=office, now=NOW + timedelta(days=9))


def test_a_reset_removes_password_second_factor_and_sessions(
    office: Office, supervisor: User
) -> None:
    officer = make_officer(office, Role.COUNTER)
    Authenticator.objects.create(user=officer, type=Authenticator.Type.TOTP, data={})
    browser = Client()
    browser.force_login(officer)
    services.reset_officer(office_id=office.pk, officer_id=officer.pk, by=supervisor, now=NOW)
    officer.refresh_from_db()
    assert not officer.has_usable_password()
    assert not Authenticator.objects.filter(user=officer).exists()
    assert browser.get("/admin/counter/").status_code == 302
    assert Message.objects.filter(kind="officer_reset", address=officer.email).exists()


@pytest.mark.parametrize("act", [services.suspend_officer, services.reset_officer])
def test_a_supervisor_manages_their_own_officers_only(
    office: Office, supervisor: User, act: Any
) -> None:
    there = make_office()
    regional = make_officer(None, Role.REGIONAL, region=office.region)
    superuser = make_officer(office, Role.GATE)
    User.objects.filter(pk=superuser.pk).update(is_superuser=True)
    cases = [
        (make_officer(there, Role.GATE), NotFound),
        (make_officer(there, Role.SUPERVISOR), NotFound),
        (regional, NotFound),
        (make_officer(None, Role.NATIONAL), NotFound),
        (make_officer(None, Role.DATA_PROTECTION_OFFICER), NotFound),
        (make_user(), NotFound),
        (superuser, NotAllowed),
        (supervisor, NotAllowed),
    ]
    both = make_officer(office, Role.GATE)
    StaffRole.objects.create(user=both, role=Role.GATE, office=there, valid_from=SINCE)
    for officer, error in [*cases, (both, OfficerOfOthers)]:
        with pytest.raises(error):
            act(office_id=office.pk, officer_id=officer.pk, by=supervisor, now=NOW)
    with pytest.raises(NotAllowed):
        act(office_id=there.pk, officer_id=cases[0][0].pk, by=supervisor, now=NOW)
    assert not OfficerEvent.objects.exists()


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_only_supervisors_manage_officers(office: Office, role: Role) -> None:
    with pytest.raises(NotAllowed):
        invite(office, make_officer(office, role))


def test_an_invitation_cannot_take_over_an_account(office: Office, supervisor: User) -> None:
    make_user("warga@contoh.id")
    make_officer(None, Role.NATIONAL, email="pusat@imigrasi.example")
    make_officer(office, Role.GATE, email="ada@imigrasi.example")
    for email in ("warga@contoh.id", "pusat@imigrasi.example", "ada@imigrasi.example"):
        with pytest.raises(InvalidInput):
            invite(office, supervisor, email=email)
    for changes in ({"role": "national"}, {"starts_on": TODAY - timedelta(days=1)}):
        with pytest.raises(InvalidInput):
            invite(office, supervisor, **changes)


def test_the_officer_history_cannot_be_changed(office: Office, supervisor: User) -> None:
    invite(office, supervisor)
    with pytest.raises(InternalError), transaction.atomic():
        OfficerEvent.objects.update(kind="reset")


def test_the_screens_invite_reset_and_suspend(
    office: Office, supervisor: User, client: Client, set_clock: Any
) -> None:
    set_clock(NOW)
    client.force_login(supervisor)
    values = {"email": ADDRESS, "full_name": "Rina", "role": "gate", "starts_on": str(TODAY)}
    assert client.post("/admin/officers/", values | {"email": ""}).status_code == 400
    assert client.post("/admin/officers/", values).status_code == 302
    user = User.objects.get(email=ADDRESS)
    assert "Rina" in client.get("/admin/officers/").content.decode()
    assert client.get(f"/admin/officers/{user.pk}/").status_code == 200
    for verb in ("reset", "suspend"):
        assert client.post(f"/admin/officers/{user.pk}/{verb}/").status_code == 302
    assert client.get(f"/admin/officers/{user.pk}/").status_code == 404
    assert list(OfficerEvent.objects.values_list("kind", flat=True)) == [
        "suspended",
        "reset",
        "invited",
    ]


def test_a_data_protection_officer_reads_logs_only(office: Office) -> None:
    user = make_officer(None, Role.DATA_PROTECTION_OFFICER)
    rights = {right for right in Right if has_right(user, right, office=office, now=NOW)}
    assert rights == {
        Right.READ_AUDIT,
        Right.READ_MESSAGES,
        Right.READ_ALL_MESSAGES,
        Right.READ_DATA_REQUESTS,
        Right.ANSWER_DATA_REQUEST,
    }


def test_every_right_needs_staff_access_and_second_factor(
    office: Office, supervisor: User, settings: Any
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    assert not has_right(supervisor, Right.CLOSE_OFFICE, office=office, now=NOW)
    Authenticator.objects.create(user=supervisor, type=Authenticator.Type.TOTP, data={})
    assert has_right(supervisor, Right.CLOSE_OFFICE, office=office, now=NOW)
    supervisor.is_staff = False
    assert not has_right(supervisor, Right.CLOSE_OFFICE, office=office, now=NOW)


def test_the_document_contains_the_table_of_rights(settings: Any) -> None:
    """`manage.py permission_table` rewrites it."""
    path = settings.BASE_DIR / "docs" / "permissions.md"
    assert path.read_text() == permission_table()
    call_command("permission_table", verbosity=0)
    assert path.read_text() == permission_table()
