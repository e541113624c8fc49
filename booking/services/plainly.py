"""The two plain answers of a release minute, a booking for one person and "this hour is full"; never a reason.

What is not plain is asked of `create_bookings`, which says the same where it is, and has a reason for everything.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from booking.models import Party
from booking.services.alone import LateComer, book_alone, hash_of, is_seen_full, late_comer
from booking.services.asked import asked_hour, asked_service, check_shape
from booking.services.claims import ONE_LIVE, Claim, own_claim
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import DomainError
from quotas.errors import SlotFull
from quotas.selectors.calendar import OPEN, slot_view
from quotas.services import check_let_in


@dataclass(frozen=True)
class PlainForm:
    """What a form for an hour says, and of which account."""

    account_id: int
    slot_id: int
    applicant_ids: Sequence[int]
    service_type: str
    key: str
    room_tickets: Sequence[str]
    device_key: str = ""

    def claim(self, *, now: dt.datetime, language: str = "") -> Claim:
        """Return what is asked for. Raises a DomainError when it can be nobody's."""
        check_shape(self.applicant_ids, self.key)
        hour = asked_hour(self.slot_id)
        service = asked_service(self.service_type, hour)
        return own_claim(
            account_id=self.account_id, slot=hour.slot, service=service, key=self.key, now=now,
            device_key=self.device_key, language=language,
        )  # fmt: skip


def find_late_comer(form: PlainForm, *, now: dt.datetime) -> LateComer | None:
    """Return who is too late for an hour that is full, with what an account is known by; None for anyone else."""
    if not is_seen_full(form.slot_id, now=now):
        return None
    try:
        found = late_comer(form.claim(now=now), form.applicant_ids)
        if found is not None and found.is_surely_refused:
            _check_let_in(form, now)
    except DomainError:
        return None
    return found


def book_plainly(form: PlainForm, *, language: str, now: dt.datetime) -> Party | None:
    """Book for one person an hour that everyone sees open, or change nothing and return None.

    Raises SlotFull, without alternatives, when nothing else stands in the way.
    """
    seen = slot_view(form.slot_id, now=now)
    if len(form.applicant_ids) != 1 or seen is None or seen.status != OPEN or not seen.left:
        return None
    body_hash = hash_of(form.slot_id, form.applicant_ids, form.service_type)
    try:
        claim = form.claim(now=now, language=language)
        _check_let_in(form, now)
        with busy_on_timeout(), constraints_as_errors(ONE_LIVE):
            return book_alone(claim, person_id=form.applicant_ids[0], body_hash=body_hash)
    except SlotFull:
        raise
    except DomainError:
        return None


def _check_let_in(form: PlainForm, now: dt.datetime) -> None:
    check_let_in(
        slot_id=form.slot_id, account_id=form.account_id, tokens=form.room_tickets, now=now
    )
