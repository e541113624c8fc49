"""A session that was signed in with a password alone opens no officers' screen."""

from typing import Any

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from knox.models import AuthToken
from pytest_django import Settings

from accounts.models import User
from accounts.requests import has_passed_second_factor
from accounts.services import issue_token, set_staff_access
from counters.today.views import today
from offices.permissions import Right, has_right
from offices.staff.models import Role
from tests.builders import NOW, make_office, make_officer, make_user

pytestmark = pytest.mark.django_db
SCREENS = ["/admin/today/", "/admin/?all=1", "/admin/offices/office/", "/admin/handbook/"]
ENTER_CODE = "/akun/2fa/reauthenticate/"
PASSWORD = "pagi-hujan-88-biru"


@pytest.fixture
def officer() -> User:
    user = make_officer(make_office(), Role.SUPERVISOR)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


@pytest.fixture
def old_session(officer: User) -> tuple[Client, str]:
    """A session from before the officer had a second factor, and the secret of that factor."""
    client = Client()
    assert client.post("/akun/login/", {"login": officer.email, "password": PASSWORD})["Location"]
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)
    return client, secret


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize("path", SCREENS)
def test_a_password_session_opens_no_officers_screen(
    old_session: tuple[Client, str], settings: Settings, path: str
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    client, _secret = old_session
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith(ENTER_CODE)
    assert client.post(path, {})["Location"] == f"{ENTER_CODE}?next=%2Fadmin%2F"


@pytest.mark.parametrize("path", SCREENS)
def test_control_without_the_requirement_the_session_opens_it(
    old_session: tuple[Client, str], settings: Settings, path: str
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    client, _secret = old_session
    assert client.get(path).status_code == 200


def test_control_the_account_alone_has_the_right(
    officer: User, old_session: tuple[Client, str], settings: Settings
) -> None:
    """The account has a second factor, so that only the session can tell the attacker apart."""
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    office = officer.staff_roles.get().office
    assert has_right(officer, Right.READ_TODAY, office=office, now=NOW)


def test_the_code_opens_the_screens_for_this_session_only(
    officer: User, old_session: tuple[Client, str], settings: Settings
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    client, secret = old_session
    page = client.get("/admin/today/", follow=True)
    assert "Sesi ini belum melewati verifikasi dua langkah" in page.content.decode()
    wrong = client.post(f"{ENTER_CODE}?next=/admin/today/", {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/admin/today/")["Location"].startswith(ENTER_CODE)
    right = client.post(f"{ENTER_CODE}?next=/admin/today/", {"code": code_of(secret)})
    assert right["Location"] == "/admin/today/"
    assert client.get("/admin/today/").status_code == 200
    other = Client()
    other.force_login(officer)
    assert other.get("/admin/today/")["Location"].startswith(ENTER_CODE)


def test_a_record_of_another_account_does_not_count(officer: User, settings: Settings) -> None:
    """A session keeps records of who signed in; those of another account prove nothing."""
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    TOTP.activate(officer, generate_totp_secret())
    client = Client()
    client.force_login(officer)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": 0, "type": "totp"}]
    session["account_authentication_methods_user"] = str(make_user().pk)
    session.save()
    assert client.get("/admin/today/")["Location"].startswith(ENTER_CODE)
    session["account_authentication_methods_user"] = str(officer.pk)
    session.save()
    assert client.get("/admin/today/").status_code == 200


def test_guard_and_admin_site_check_without_the_middleware(
    officer: User, settings: Settings
) -> None:
    """The middleware only chooses the message: a screen at another address stays guarded."""
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    TOTP.activate(officer, generate_totp_secret())
    request: Any = RequestFactory().get("/elsewhere/")
    request.user, request.session = officer, {}
    assert today(request).status_code == 302
    assert not admin.site.has_permission(request)
    settings.STAFF_NEEDS_SECOND_FACTOR = False
    assert admin.site.has_permission(request)
    request.user = AnonymousUser()
    assert not admin.site.has_permission(request)
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    assert not has_passed_second_factor(request)


def test_applicants_are_not_affected(settings: Settings) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    client = Client()
    client.force_login(make_user())
    assert client.get("/bookings/").status_code == 200


def test_becoming_an_officer_revokes_older_tokens() -> None:
    """A token of an applicant was issued for a password alone."""
    user = make_user()
    issue_token(user_id=user.pk)
    set_staff_access(user_id=user.pk, is_staff=True)
    assert not AuthToken.objects.filter(user=user).exists()
