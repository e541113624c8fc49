"""The two plain answers of a release minute, a booking for one person and "this hour is full"; never a reason.

What is not plain is asked of `create_bookings`, which says the same where it is, and has a reason for everything.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from accounts.models import User
from booking.models import Party
from booking.services.alone import ASKER, book_alone, hash_of, is_seen_full
from booking.services.applications import FOREIGNERS
from booking.services.asked import asked_hour, asked_service, check_shape
from booking.services.claims import ONE_LIVE, Claim, own_claim
from core.db import busy_on_timeout, constraints_as_errors
from core.errors import DomainError
from quotas.errors import SlotFull
from quotas.selectors.calendar import OPEN, slot_view
from quotas.services import check_let_in

ACCOUNT_FIELDS: Final = ("id", "password", "language", "is_active")  # in the model's order


@dataclass(frozen=True)
class PlainForm:
    """What a form for an hour says."""

    slot_id: int
    applicant_ids: Sequence[int]
    service_type: str
    key: str
    room_tickets: Sequence[str]
    device_key: str = ""


@dataclass(frozen=True)
class Asker:
    """Whose the person is whom a form names, what the session says that came with it, and what is asked for.

    That the session is this account's is for the caller to look at. `is_free`: nothing stands against booking but
    that there may be no place.
    """

    form: PlainForm
    claim: Claim
    account: User
    full_name: str
    session_data: str
    is_free: bool


def find_asker(form: PlainForm, *, session_key: str, now: dt.datetime) -> Asker | None:
    """Return who asks for one person, or None for anyone else."""
    if len(form.applicant_ids) != 1:
        return None
    try:
        check_shape(form.applicant_ids, form.key)
        hour = asked_hour(form.slot_id)
        service = asked_service(form.service_type, hour)
    except DomainError:
        return None
    is_foreign = service.group.code == FOREIGNERS
    found = ASKER.rows(form.key, is_foreign, now, session_key, form.applicant_ids[0])
    if not found:
        return None
    session_data, full_name, *values, is_free = found[0]
    account = User.from_db(connection.alias, ACCOUNT_FIELDS, values)
    claim = own_claim(
        account_id=account.pk, slot=hour.slot, service=service, key=form.key, now=now,
        device_key=form.device_key, language=account.language,
    )  # fmt: skip
    return Asker(form, claim, account, full_name, session_data, is_free)


def is_plainly_full(asker: Asker) -> bool:
    """Tell whether `create_bookings` would say nothing but that the hour is full."""
    if not asker.is_free or not is_seen_full(asker.form.slot_id, now=asker.claim.now):
        return False
    try:
        _check_let_in(asker)
    except DomainError:
        return False
    return True


def book_plainly(asker: Asker) -> Party | None:
    """Book an hour that everyone sees open, or change nothing and return None.

    Raises SlotFull, without alternatives, when nothing else stands in the way.
    """
    form, claim = asker.form, asker.claim
    seen = slot_view(form.slot_id, now=claim.now)
    if not asker.is_free or seen is None or seen.status != OPEN or not seen.left:
        return None
    body_hash = hash_of(form.slot_id, form.applicant_ids, form.service_type)
    try:
        _check_let_in(asker)
        with busy_on_timeout(), constraints_as_errors(ONE_LIVE):
            return book_alone(
                claim,
                person_id=form.applicant_ids[0],
                body_hash=body_hash,
                person_name=asker.full_name,
            )
    except SlotFull:
        raise
    except DomainError:
        return None


def _check_let_in(asker: Asker) -> None:
    form = asker.form
    check_let_in(
        slot_id=form.slot_id,
        account_id=asker.account.pk,
        tokens=form.room_tickets,
        now=asker.claim.now,
    )
