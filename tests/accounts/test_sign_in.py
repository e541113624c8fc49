"""Sign-in with production security settings."""

import runpy
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.test import Client
from knox.models import AuthToken
from pytest_django import Settings

from accounts.models import User
from accounts.services import issue_token, password_link
from offices.staff.models import Role
from passport_office.settings import base
from tests.builders import make_office, make_officer

pytestmark = pytest.mark.django_db
ADDRESS, PASSWORD = "siti@example.org", "pagi-hujan-88-biru"
SIGN_IN = "/akun/login/"


@pytest.fixture
def user() -> User:
    return User.objects.create_user(ADDRESS, PASSWORD, full_name="Siti Rahmawati")


def sign_in(client: Client, password: str = PASSWORD, login: str = ADDRESS) -> Any:
    return client.post(SIGN_IN, {"login": login, "password": password})


def test_passwords_are_hashed_with_argon2(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = base.PASSWORD_HASHERS
    assert make_password(PASSWORD).startswith("argon2$argon2id$")


def test_signing_in_changes_the_session_key(user: User) -> None:
    client = Client()
    session = client.session
    session["before"] = "somebody else may have set this cookie"
    session.save()
    before = session.session_key
    assert before is not None
    client.cookies["sessionid"] = before
    assert sign_in(client).status_code == 302
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


def test_sessions_survive_the_loss_of_redis(user: User, settings: Settings) -> None:
    assert settings.SESSION_ENGINE.endswith("cached_db")
    client = Client()
    sign_in(client)
    from django.core.cache import caches

    caches["redis"].clear()
    assert client.get("/bookings/").status_code == 200


def test_a_session_and_a_link_survive_a_change_of_the_secret_key(
    user: User, settings: Settings
) -> None:
    client = Client()
    sign_in(client)
    link = password_link(user).partition("8000")[2]
    old, settings.SECRET_KEY = settings.SECRET_KEY, "the new key " * 5
    assert client.get("/bookings/").status_code == 302, "without the fallback it ends"
    sign_in(client)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a third key " * 5
    assert client.get("/bookings/").status_code == 200
    assert client.get(link, follow=True).context["token_fail"]
    settings.SECRET_KEY_FALLBACKS = [old]
    assert Client().get(link, follow=True).status_code == 200


def test_session_cookies_are_http_only_and_secure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from devtools.stack.checks import THROW_AWAY

    for name, value in THROW_AWAY.items():
        if name != "DJANGO_SETTINGS_MODULE":
            monkeypatch.setenv(name, value)
    monkeypatch.delenv("DEMO_CLOCK_OFFSET", raising=False)
    production = runpy.run_module("passport_office.settings.production")
    assert production["SESSION_COOKIE_SECURE"]
    assert production["CSRF_COOKIE_SECURE"]
    assert production["SESSION_COOKIE_HTTPONLY"]
    assert production["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert production["STAFF_NEEDS_SECOND_FACTOR"]
    assert production["RATE_LIMIT_LOOPBACK"]
    from ops import logs

    logs.configure(as_json=False)


def test_sign_in_attempts_are_limited_per_account_and_network(user: User) -> None:
    answers = [sign_in(Client(REMOTE_ADDR="203.0.113.7"), password=f"salah-{n}") for n in range(7)]
    assert "lima menit" in answers[-1].content.decode()
    late = sign_in(Client(REMOTE_ADDR="203.0.113.7"))
    assert late.status_code == 200, "the right password does not help either, for five minutes"
    assert sign_in(Client(REMOTE_ADDR="203.0.113.8")).status_code == 302


def test_sign_in_attempts_are_limited_per_address() -> None:
    client = Client(REMOTE_ADDR="203.0.113.7")
    answers = [sign_in(client, login=f"orang{n}@example.org").status_code for n in range(32)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_a_token_expires(user: User) -> None:
    token = issue_token(user_id=user.pk)
    call = Client(headers={"Authorization": f"Token {token}"})
    assert call.get("/api/v1/bookings/").status_code == 200
    row = AuthToken.objects.get()
    assert row.expiry - row.created <= timedelta(hours=24, minutes=1)
    AuthToken.objects.update(expiry=row.created)  # knox reads the system clock
    assert call.get("/api/v1/bookings/").status_code == 401


def test_officers_must_enter_their_second_factor_before_any_screen(
    settings: Settings,
) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    officer = make_officer(make_office(), Role.SUPERVISOR)
    officer.set_password(PASSWORD)
    officer.save(update_fields=["password"])
    secret = generate_totp_secret()
    TOTP.activate(officer, secret)
    client = Client()
    assert sign_in(client, login=officer.email).url.startswith("/akun/2fa/authenticate/")
    assert client.get("/admin/today/")["Location"].startswith(SIGN_IN)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert client.post("/akun/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/admin/today/").status_code == 200


@pytest.mark.parametrize("path", ["/admin/", "/admin/today/", "/admin/offices/office/"])
def test_officer_screens_require_a_second_factor(settings: Settings, path: str) -> None:
    settings.STAFF_NEEDS_SECOND_FACTOR = True
    client = Client()
    client.force_login(make_officer(make_office(), Role.SUPERVISOR))
    assert client.get(path)["Location"] == "/akun/2fa/totp/activate/"


def test_a_closed_account_is_signed_out_at_once(user: User) -> None:
    client = Client()
    sign_in(client)
    User.objects.update(is_active=False)
    assert client.get("/bookings/").status_code == 302
