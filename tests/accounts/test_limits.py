"""The PostgreSQL cache for rate limits."""

from functools import partial
from typing import Any

import pytest

from accounts.limits import PostgresCache, delete_expired
from accounts.models import RateLimit

pytestmark = pytest.mark.django_db
limits = PostgresCache()


def test_a_value_is_stored_until_it_expires() -> None:
    assert limits.get("a", "nothing") == "nothing"
    limits.set("a", [1.5, 1.0], 60)
    assert limits.get("a") == [1.5, 1.0]
    limits.set("a", [2.5], 60)
    assert limits.get("a") == [2.5]
    limits.set("a", [3.5], -1)
    assert limits.get("a") is None
    limits.set("for ever", 1, None)
    assert limits.get("for ever") == 1


def test_add_stores_only_where_no_live_value_exists() -> None:
    assert limits.add("a", 1, 60)
    assert not limits.add("a", 2, 60)
    assert limits.get("a") == 1
    limits.set("a", 1, -1)
    assert limits.add("a", 3, 60)
    assert limits.get("a") == 3
    assert limits.delete("a")
    assert not limits.delete("a")


def test_one_of_many_concurrent_adds_succeeds(run_together: Any) -> None:
    assert sorted(run_together([partial(limits.add, "a", n, 60) for n in range(8)])) == [
        *[False] * 7,
        True,
    ]


def test_a_row_contains_neither_address_nor_account() -> None:
    limits.set("login:ip:203.0.113.7", 1, 60)
    row = RateLimit.objects.get()
    assert "203" not in row.key
    assert len(row.key) == 64


def test_only_expired_rows_are_deleted() -> None:
    limits.set("old", 1, -1)
    limits.set("live", 1, 60)
    assert delete_expired() == 1
    assert limits.get("live") == 1
