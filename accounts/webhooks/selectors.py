"""Reads of webhooks."""

from collections.abc import Collection
from typing import Final

from accounts.webhooks.models import WebhookEndpoint
from core.db import fetch_rows
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


# Read with every message about a booking: as a query of Django it takes nine times the processor time.
FOLLOWED: Final = """
SELECT DISTINCT account.email
  FROM accounts_user account JOIN accounts_webhookendpoint endpoint ON endpoint.account_id = account.id
 WHERE account.email = ANY(%(addresses)s) AND endpoint.paused_reason = ''
"""


def followed_addresses(addresses: Collection[str]) -> set[str]:
    """Return those of the e-mail addresses whose accounts have an active endpoint."""
    return {row[0] for row in fetch_rows(FOLLOWED, addresses=list(addresses))}


def endpoints_at(addresses: Collection[str]) -> list[WebhookEndpoint]:
    """Return the active endpoints of the accounts with these e-mail addresses, with their accounts."""
    rows = WebhookEndpoint.objects.filter(paused_reason="", account__email__in=addresses)
    return list(rows.select_related("account").order_by("pk"))
