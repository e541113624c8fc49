"""Reads of webhooks."""

from accounts.webhooks.models import WebhookEndpoint
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


def endpoints_at(address: str) -> list[WebhookEndpoint]:
    """Return the active endpoints of the account with this e-mail address."""
    rows = WebhookEndpoint.objects.filter(paused_reason="", account__email=address)
    return list(rows.order_by("pk"))
