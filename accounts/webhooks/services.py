"""An account's endpoints, and the events written for them."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from accounts.messages import CHANGED
from accounts.models import User
from accounts.webhooks import kinds
from accounts.webhooks.addresses import check_url
from accounts.webhooks.errors import EndpointPaused, TooManyEndpoints
from accounts.webhooks.models import MOST_ENDPOINTS, WebhookEndpoint, WebhookEvent
from accounts.webhooks.selectors import endpoints_at
from core.errors import NotFound, SlowDown
from notices.followers import register_follower
from notices.models import Message
from notices.services import queue_message

Pause = WebhookEndpoint.Pause
TEST_EVERY: Final = timedelta(seconds=10)


@transaction.atomic
def create_endpoint(
    *, account_id: int, url: str, event_kinds: Collection[str], now: datetime
) -> WebhookEndpoint:
    """Create an endpoint with a secret of its own, and tell the account's owner by e-mail.

    Raises AddressRefused, TooManyEndpoints.
    """
    check_url(url)
    account = User.objects.select_for_update(no_key=True).get(pk=account_id)
    taken = set(account.webhooks.values_list("number", flat=True))
    number = next((n for n in range(1, MOST_ENDPOINTS + 1) if n not in taken), None)
    if number is None:
        raise TooManyEndpoints(most=MOST_ENDPOINTS)
    endpoint = WebhookEndpoint.objects.create(
        account=account,
        number=number,
        url=url,
        kinds=sorted(set(event_kinds)),
        secret=_new_secret(),
        created_at=now,
    )
    queue_message(
        kind=CHANGED,
        dedupe_key=f"{CHANGED}:webhook:{endpoint.pk}",
        address=account.email,
        language=account.language,
        context={"change": "webhook_added"},
        about_type="user",
        about_id=account.pk,
        now=now,
    )
    return endpoint


@transaction.atomic
def change_endpoint(
    *, account_id: int, endpoint_id: int, changes: dict[str, Any], now: datetime
) -> WebhookEndpoint:
    """Change address, kinds or activity. A new address and resuming forget earlier failures.

    What waited while the endpoint was paused is then due. Raises NotFound, AddressRefused.
    """
    endpoint = _locked(account_id, endpoint_id)
    if "url" in changes:
        check_url(changes["url"])
        endpoint.url = changes["url"]
    if "kinds" in changes:
        endpoint.kinds = sorted(set(changes["kinds"]))
    if "is_active" in changes:
        was_paused = endpoint.paused_reason
        endpoint.paused_reason = "" if changes["is_active"] else was_paused or Pause.OWNER
    if "url" in changes or changes.get("is_active"):
        endpoint.failures, endpoint.retry_at, endpoint.last_error = 0, None, ""
        endpoint.events.waiting().filter(attempts__gt=0).update(next_at=now)
    endpoint.save(
        update_fields=["url", "kinds", "paused_reason", "failures", "retry_at", "last_error"]
    )
    return endpoint


@transaction.atomic
def renew_secret(*, account_id: int, endpoint_id: int) -> WebhookEndpoint:
    """Give an endpoint a new secret; the old one signs nothing any more. Raises NotFound."""
    endpoint = _locked(account_id, endpoint_id)
    endpoint.secret = _new_secret()
    endpoint.save(update_fields=["secret"])
    return endpoint


@transaction.atomic
def delete_endpoint(*, account_id: int, endpoint_id: int) -> None:
    """Delete an endpoint with its events. Raises NotFound."""
    _locked(account_id, endpoint_id).delete()


@transaction.atomic
def queue_test(*, account_id: int, endpoint_id: int, now: datetime) -> WebhookEvent:
    """Write a test event that is sent at once. Raises NotFound, EndpointPaused, SlowDown."""
    endpoint = _locked(account_id, endpoint_id)
    if not endpoint.is_active:
        raise EndpointPaused
    tests = endpoint.events.filter(message=None)
    if tests.filter(created_at__gt=now - TEST_EVERY).exists():
        raise SlowDown(retry_after=int(TEST_EVERY.total_seconds()))
    tests.waiting().delete()
    endpoint.retry_at = None
    endpoint.save(update_fields=["retry_at"])
    return WebhookEvent.objects.create(
        endpoint=endpoint, kind=kinds.TEST, created_at=now, next_at=now
    )


def pause_endpoints(*, account_id: int) -> None:
    """Pause an account's endpoints: its tokens were revoked, so no program may have access."""
    rows = WebhookEndpoint.objects.filter(account_id=account_id, paused_reason="")
    rows.update(paused_reason=Pause.ACCESS)


def delete_endpoints_of(*, account_id: int) -> None:
    """Delete an account's endpoints and events."""
    WebhookEndpoint.objects.filter(account_id=account_id).delete()


def write_events(message: Message) -> None:
    """Write the events that follow a due message: one for each active endpoint of the account with its address."""
    kind = kinds.KIND_OF_MESSAGE.get(message.kind)
    if kind is None:
        return
    WebhookEvent.objects.bulk_create(
        [
            WebhookEvent(
                endpoint=endpoint,
                message=message,
                kind=kind.name,
                facts={"office": message.office_code, **kind.facts(message)},
                created_at=message.created_at,
                next_at=message.due_at,
            )
            for endpoint in endpoints_at(message.address)
            if kind.name in endpoint.kinds
        ],
        ignore_conflicts=True,
    )


register_follower(write_events)


def _locked(account_id: int, endpoint_id: int) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.select_for_update(no_key=True)
    endpoint = rows.filter(account_id=account_id, pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound
    return endpoint


def _new_secret() -> str:
    return secrets.token_urlsafe(32)
