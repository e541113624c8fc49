"""What the tests of counters share: a small office, and a browser for a signed-in officer."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from tests.counters.world import World, make_world

OpenPage = Callable[..., Any]


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def desk_of(new_page: OpenPage, live_server: Any) -> OpenPage:
    """Open a browser for a signed-in officer."""

    def make(user: User, **options: Any) -> Any:
        client = Client()
        client.force_login(user)
        page = new_page(viewport={"width": 1280, "height": 800}, **options)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        return page

    return make
