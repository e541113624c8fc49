from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from passport_office.cache import IgnoringRedisCache
from passport_office.settings import base
from passport_office.stack.valkey import Valkey


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[Valkey]:
    """A Redis of this test's own, to be killed."""
    server = Valkey(tmp_path)
    server.start()
    settings.CACHES = base.caches(server.url)
    settings.REDIS_URL = server.url
    IgnoringRedisCache._away_until = 0
    yield server
    server.stop()
    IgnoringRedisCache._away_until = 0


def test_without_redis_a_cache_remembers_nothing_and_raises_nothing(own_redis: Valkey) -> None:
    cache: Any = caches["default"]
    cache.set("a", 1)
    assert cache.get("a") == 1
    own_redis.stop()
    assert cache.get("a", "nothing") == "nothing"
    assert cache.get_many(["a"]) == {}
    assert cache.incr("count") == 1
    assert cache.add("a", 1) is True
    assert cache.delete("a") is False
    assert cache.get_or_set("b", lambda: 2) == 2
    cache.set("a", 2)
    cache.clear()


def test_once_redis_is_back_it_is_used_again(own_redis: Valkey) -> None:
    cache: Any = caches["default"]
    own_redis.stop()
    cache.set("a", 1)
    own_redis.start()
    IgnoringRedisCache._away_until = 0  # two seconds have passed
    cache.set("a", 1)
    assert cache.get("a") == 1


@pytest.mark.django_db
def test_without_redis_whoever_is_signed_in_stays_so(own_redis: Valkey, client: Client) -> None:
    user = User.objects.create_user("siti@example.org", "kata-sandi-panjang", full_name="Siti")
    client.force_login(user)
    own_redis.stop()
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.wsgi_request.user == user
