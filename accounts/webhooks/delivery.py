"""Sends due events: each is leased to one worker, sent, and marked by itself."""

import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F, Q

from accounts.webhooks.models import WebhookEndpoint, WebhookEvent
from accounts.webhooks.sending import DeliveryFailed, send
from notices.models import Message
from notices.services import LEASE, SECONDS_A_RUN, wait_after

log = structlog.get_logger(__name__)
# With the waits of `wait_after`, 20 failures in a row take about 13 hours. The attempts of one event are a few
# more, so that it is sent once its endpoint is active again.
MOST_FAILURES: Final = 20
MOST_ATTEMPTS: Final = 26


def deliver_due(*, now: datetime, limit: int = 50) -> int:
    """Send due events, oldest first; return the number accepted by their endpoints.

    No transaction is open during network traffic. A second copy goes out only if this process dies between the
    endpoint's answer and our mark, and it has the same id. After a failure, nothing is sent to that endpoint until
    its wait is over, so one that does not answer costs a worker one attempt.
    """
    started, delivered = time.monotonic(), 0
    for _turn in range(limit):
        moment = now + timedelta(seconds=time.monotonic() - started)
        event = _lease_one(now=moment) if moment - now < timedelta(seconds=SECONDS_A_RUN) else None
        if event is None:
            break
        try:
            send(event, now=moment)
        except DeliveryFailed as failure:
            _record_failure(event=event, problem=failure.problem, now=moment)
            log.info("webhook_failed", problem=failure.problem, **_log_fields(event))
        else:
            _mark_delivered(event=event, now=moment)
            log.info("webhook_delivered", **_log_fields(event))
            delivered += 1
    return delivered


def _log_fields(event: WebhookEvent) -> dict[str, str | int]:
    """Return the log fields of an event, without the address of its endpoint."""
    return {
        "webhook_event": str(event.pk),
        "kind": event.kind,
        "endpoint": event.endpoint_id,
        "attempts": event.attempts,
    }


@transaction.atomic
def _lease_one(*, now: datetime) -> WebhookEvent | None:
    """Lease the oldest due event that no other worker has locked. A withdrawn message has none."""
    may_send = Q(endpoint__retry_at__isnull=True) | Q(endpoint__retry_at__lte=now)
    event = (
        WebhookEvent.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .waiting()
        .select_related("endpoint")
        .filter(may_send, next_at__lte=now, endpoint__paused_reason="")
        .exclude(message__suppressed_reason=Message.Suppression.WITHDRAWN)
        .order_by("next_at", "id")
        .first()
    )
    if event is not None:
        event.next_at = now + LEASE
        event.attempts += 1
        event.save(update_fields=["next_at", "attempts"])
    return event


@transaction.atomic
def _mark_delivered(*, event: WebhookEvent, now: datetime) -> None:
    WebhookEndpoint.objects.filter(pk=event.endpoint_id).update(
        failures=0, retry_at=None, last_error="", last_delivered_at=now
    )
    WebhookEvent.objects.filter(pk=event.pk).update(delivered_at=now, last_error="")


@transaction.atomic
def _record_failure(*, event: WebhookEvent, problem: str, now: datetime) -> None:
    """Schedule the next attempt; give the event up, or pause its endpoint, after many.

    Updates of rows that were deleted meanwhile change nothing.
    """
    rows = WebhookEndpoint.objects.filter(pk=event.endpoint_id)
    rows.update(failures=F("failures") + 1, last_error=problem)
    endpoint = rows.first()
    if endpoint is None:
        return
    endpoint.retry_at = now + wait_after(endpoint.failures)
    if endpoint.failures >= MOST_FAILURES and endpoint.is_active:
        endpoint.paused_reason = WebhookEndpoint.Pause.FAILURES
        log.warning("webhook_paused", endpoint=endpoint.pk)
    endpoint.save(update_fields=["retry_at", "paused_reason"])
    WebhookEvent.objects.filter(pk=event.pk).update(
        last_error=problem,
        next_at=now + wait_after(event.attempts),
        given_up_at=now if event.attempts >= MOST_ATTEMPTS else None,
    )
