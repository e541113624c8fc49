"""Recording refused bookings, and deleting the record when its time is over."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import pgtrigger
import structlog
from django.db import DatabaseError

from accounts.models import User
from booking.refusals.models import Refusal
from core.errors import DomainError
from notices.services import request_id
from offices.directory.models import Office
from quotas.places.models import Slot

# The retention rule for refused bookings.
KEPT_FOR: Final = dt.timedelta(days=30)
CODE_LENGTH: Final = 40
LARGEST_SIZE: Final = 32_767
LARGEST_ID: Final = 2**63 - 1
log = structlog.get_logger(__name__)

Channel = Refusal.Channel
Action = Refusal.Action


def record_refusal(
    error: DomainError,
    *,
    channel: Channel,
    action: Action = Action.BOOK,
    account_id: int | None,
    slot_id: int | None = None,
    slot: Slot | None = None,
    office: Office | None = None,
    size: int = 1,
    by: User | None = None,
    now: dt.datetime,
) -> None:
    """Record a refused booking by one statement, after its transaction was rolled back.

    `slot_id` is the slot in the request, `slot` the row if it exists. `by` is the officer at the desk.
    A record that cannot be written does not change the answer: the failure is logged.
    """
    slot_office_id = slot.office_id if slot else None
    refusal = Refusal(
        at=now,
        channel=channel,
        action=action,
        account_id=account_id,
        by=by,
        office_id=office.pk if office else slot_office_id,
        slot_id=slot_id if slot_id and slot_id <= LARGEST_ID else None,
        slot_starts_at=slot.starts_at if slot else None,
        size=min(size, LARGEST_SIZE),
        code=error.code[:CODE_LENGTH],
        reason=(error.reason or error.code)[:CODE_LENGTH],
        request_id=request_id(),
    )
    try:
        refusal.save(force_insert=True)
    except DatabaseError as failure:
        # Without the message of the database, which may quote the row.
        log.warning("refusal_not_recorded", refusal=error.code, failure=type(failure).__name__)


def delete_refusals(*, refusal_ids: Sequence[Any]) -> None:
    """Delete records whose period is over; the retention rule names it."""
    with pgtrigger.ignore("booking.Refusal:refusal_append_only"):
        Refusal.objects.filter(pk__in=refusal_ids).delete()
