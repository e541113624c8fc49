"""Reads of webhooks."""

from accounts.webhooks.models import WebhookEndpoint
from core.db import shared_read
from core.errors import NotFound


def endpoints_of(account_id: int) -> list[WebhookEndpoint]:
    """Return an account's endpoints in the order of their numbers."""
    return list(WebhookEndpoint.objects.filter(account_id=account_id).order_by("number"))


def endpoint_of(account_id: int, endpoint_id: int) -> WebhookEndpoint:
    """Return one of an account's endpoints. Raises NotFound."""
    endpoint = WebhookEndpoint.objects.filter(account_id=account_id, pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


@shared_read(has_text=False)
def followed_addresses() -> frozenset[str]:
    """Return the e-mail addresses of accounts with an active endpoint: a second old at most.

    So a booking of an account without one asks the database nothing.
    """
    rows = WebhookEndpoint.objects.filter(paused_reason="")
    return frozenset(rows.order_by().values_list("account__email", flat=True))
