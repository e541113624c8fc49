"""Who comes too late, told apart from everyone else without changing anything."""

import datetime as dt
from collections.abc import Sequence

from booking.services.alone import is_surely_full
from booking.services.asked import asked_hour, asked_service, check_shape
from booking.services.claims import own_claim
from core.errors import DomainError
from quotas.services import check_let_in


def is_surely_refused(
    *,
    account_id: int,
    slot_id: int,
    applicant_ids: Sequence[int],
    service_type: str,
    key: str,
    now: dt.datetime,
    room_tickets: Sequence[str] = (),
) -> bool:
    """Tell whether `create_bookings` would say nothing but that the hour is full."""
    try:
        check_shape(applicant_ids, key)
        hour = asked_hour(slot_id)
        service = asked_service(service_type, hour)
        claim = own_claim(account_id=account_id, slot=hour.slot, service=service, key=key, now=now)
        if not is_surely_full(claim, applicant_ids):
            return False
        check_let_in(slot_id=slot_id, account_id=account_id, tokens=room_tickets, now=now)
    except DomainError:
        return False
    return True
