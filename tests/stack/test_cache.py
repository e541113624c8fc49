from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from passport_office.settings import base
from passport_office.stack.valkey import Valkey

pytestmark = pytest.mark.django_db
PASSWORD = "kata-sandi-panjang"


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[Valkey]:
    """A Redis of this test's own, to be stopped."""
    server = Valkey(tmp_path)
    server.start()
    settings.CACHES = base.caches(server.url)
    settings.REDIS_URL = server.url
    yield server
    server.stop()


def test_without_redis_the_cache_stores_nothing_and_raises_nothing(own_redis: Valkey) -> None:
    cache: Any = caches["redis"]
    cache.set("a", 1)
    assert cache.get("a") == 1
    own_redis.stop()
    assert cache.get("a", "nothing") == "nothing"
    assert not cache.get_many(["a"])
    assert not cache.add("a", 1)
    assert not cache.delete("a")
    cache.set("a", 2)


def test_the_cache_works_again_once_redis_is_back(own_redis: Valkey) -> None:
    cache: Any = caches["redis"]
    own_redis.stop()
    cache.set("a", 1)
    own_redis.start()
    cache.set("a", 1)
    assert cache.get("a") == 1


def test_sessions_survive_without_redis(own_redis: Valkey, client: Client) -> None:
    user = User.objects.create_user("siti@example.org", PASSWORD, full_name="Siti")
    client.force_login(user)
    own_redis.stop()
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.wsgi_request.user == user


def test_the_limit_on_sign_in_holds_without_redis(own_redis: Valkey) -> None:
    User.objects.create_user("siti@example.org", PASSWORD, full_name="Siti")
    own_redis.stop()
    guess = {"login": "siti@example.org", "password": "salah-semua"}
    answers = [Client().post("/akun/login/", guess) for _attempt in range(12)]
    assert "Terlalu banyak percobaan" in answers[-1].content.decode()
    right = Client().post("/akun/login/", {**guess, "password": PASSWORD})
    assert right.status_code == 200  # refused: a successful sign-in redirects
