"""A receiver, and an endpoint that leads there."""

from collections.abc import Iterator

import pytest

from accounts.webhooks.models import WebhookEndpoint
from tests.accounts.webhooks.receiver import Receiver, make_endpoint
from tests.builders import make_user


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def endpoint(receiver: Receiver) -> WebhookEndpoint:
    """An endpoint for every kind, of an account of its own."""
    return make_endpoint(make_user("program@contoh.id"), receiver.url)
