"""Redis stops: the cache is empty, pages and sessions work, and sign-in is still limited."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from accounts.models import RateLimit, User
from devtools.stack.valkey import Valkey
from passport_office.settings import base

PASSWORD = "kata-sandi-panjang"


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[Valkey]:
    """A Redis for this test alone, which it may stop."""
    server = Valkey(tmp_path)
    server.start()
    settings.CACHES = base.caches(server.url)
    settings.REDIS_URL = server.url
    yield server
    server.stop()


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("siti@example.org", PASSWORD, full_name="Siti")


def sign_in(address: str, password: str) -> Any:
    client = Client(REMOTE_ADDR=address)
    return client.post("/akun/login/", {"login": "siti@example.org", "password": password})


def test_without_redis_the_cache_is_empty_without_errors(own_redis: Valkey) -> None:
    cache: Any = caches["redis"]
    cache.set("a", 1)
    assert cache.get("a") == 1
    own_redis.stop()
    cache.set("a", 2)
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert not cache.add("a", 1)
    assert not cache.delete("a")
    assert cache.get_or_set("b", lambda: 2) == 2
    cache.clear()


def test_redis_is_used_again_when_it_returns(own_redis: Valkey) -> None:
    cache: Any = caches["redis"]
    own_redis.stop()
    cache.set("a", 1)
    own_redis.start()
    cache.set("a", 1)
    assert cache.get("a") == 1


def test_without_redis_pages_and_sessions_work(
    own_redis: Valkey, client: Client, user: User
) -> None:
    client.force_login(user)
    own_redis.stop()
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.wsgi_request.user == user
    assert client.get("/bookings/").status_code == 200
    assert sign_in("203.0.113.8", PASSWORD).status_code == 302


def test_without_redis_password_guesses_are_limited(own_redis: Valkey, user: User) -> None:
    own_redis.stop()
    answers = [sign_in("203.0.113.7", f"salah-{n}") for n in range(7)]
    assert "lima menit" in answers[-1].content.decode()
    assert sign_in("203.0.113.7", PASSWORD).status_code == 200, "refused, though it is right"


def test_control_limits_in_the_default_cache_fail_without_redis(
    own_redis: Valkey, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer proves that PostgreSQL counts."""
    monkeypatch.setattr("allauth.core.internal.ratelimit.cache_lock", _no_lock)
    monkeypatch.setattr("allauth.core.internal.ratelimit.cache", caches["redis"])
    own_redis.stop()
    answers = [sign_in("203.0.113.7", f"salah-{n}") for n in range(7)]
    assert "lima menit" not in answers[-1].content.decode()


def _no_lock(_key: str) -> Any:
    from contextlib import nullcontext

    return nullcontext(True)


def test_without_redis_api_sign_in_is_limited(own_redis: Valkey, db: None) -> None:
    own_redis.stop()
    client = Client(REMOTE_ADDR="203.0.113.7")
    bodies = [{"email": f"orang{n}@example.org", "password": "salah"} for n in range(22)]
    codes = [
        client.post("/api/v1/auth/token/", body, content_type="application/json").status_code
        for body in bodies
    ]
    assert codes[0] == 400
    assert codes[-1] == 429


def test_without_redis_sign_up_and_password_reset_are_limited(own_redis: Valkey, db: None) -> None:
    own_redis.stop()
    client = Client(REMOTE_ADDR="203.0.113.7")
    for path, field in (("/akun/signup/", "email"), ("/akun/password/reset/", "email")):
        codes = [client.post(path, {field: f"orang{n}@example.org"}).status_code for n in range(22)]
        assert codes[-1] == 429, path


def test_without_redis_a_second_factor_code_works_once(own_redis: Valkey, user: User) -> None:
    own_redis.stop()
    secret = generate_totp_secret()
    factor = TOTP.activate(user, secret)
    code = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    assert factor.validate_code(code)
    assert not factor.validate_code(code)


def test_without_redis_second_factor_guesses_are_limited(own_redis: Valkey, user: User) -> None:
    own_redis.stop()
    TOTP.activate(user, generate_totp_secret())
    client = Client(REMOTE_ADDR="203.0.113.7")
    client.post("/akun/login/", {"login": user.email, "password": PASSWORD})
    answers = [client.post("/akun/2fa/authenticate/", {"code": "000000"}) for _ in range(7)]
    assert "lima menit" in answers[-1].content.decode() or answers[-1].status_code == 429
    assert RateLimit.objects.exists()
