"""One person, one hour: the way of nearly everyone in a release minute, in one round trip to the database."""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from booking.models import LIVE, Applicant, Booking, Party, Status, new_code
from booking.services.applications import FOREIGNERS
from booking.services.messages import booking_context
from core.db import Planned, kept_by_connection
from core.ids import new_id
from notices.services import request_id
from notices.snapshots import to_json
from offices.selectors import limits_on, products_on
from quotas.errors import SlotFull
from quotas.selectors.calendar import FULL, slot_view

if TYPE_CHECKING:
    from booking.services.claims import Claim

BOOK_ONE: Final = f"SELECT booking_book_one({', '.join(['%s'] * 22)})"
IS_FULL: Final = -1
# For nobody: the function finds no such person and takes its party's row back.
REHEARSAL: Final = """
SELECT booking_book_one(0, gen_random_uuid()::text, '', 0, false, 0, 0, 0, gen_random_uuid(), '', now(), '', '', '', '{}', '', '', '',
  '', NULL, NULL, NULL)
"""
# What could make another answer of "full": this form made a booking before, or the person is not the account's, has an hour
# or may not book. Scalar questions with a LIMIT, not NOT EXISTS: that the planner may answer by walking through all live ones.
IS_FREE: Final = f"""NOT EXISTS (SELECT FROM booking_party made WHERE made.account_id = person.account_id AND made.key = $1)
   AND person.removed_at IS NULL AND (person.identity_kind = 'passport') = $2
   AND (SELECT true FROM booking_booking live WHERE live.person_key = person.person_key
           AND live.status IN ({", ".join(f"'{status}'" for status in LIVE)}) LIMIT 1) IS NULL
   AND (SELECT true FROM booking_restriction bound WHERE bound.person_key = person.person_key
           AND bound.until_at > $3 AND bound.lifted_at IS NULL LIMIT 1) IS NULL"""  # noqa: S608 - our own words
LATE_COMER: Final = Planned(
    "late_comer",
    f"SELECT {IS_FREE} FROM booking_applicant person WHERE person.id = $4 AND person.account_id = $5",  # noqa: S608
)
# Who asks, by a session and by whom a form names: one look instead of one at the session and one at the account.
ASKER: Final = Planned(
    "asker",
    f"""
SELECT session.session_data, person.full_name, account.id, account.password, account.language, account.is_active, {IS_FREE}
  FROM django_session session, booking_applicant person JOIN accounts_user account ON account.id = person.account_id
 WHERE session.session_key = $4 AND session.expire_date > now() AND person.id = $5
""",  # noqa: S608 - our own words
)
ANY_NAME: Final = "\ue000"  # a character that no name contains
MOST_KEPT: Final = 2_000
LANGUAGE: Final = "SELECT language FROM accounts_user WHERE id = %s"


def hash_of(slot_id: int, applicant_ids: Sequence[int], service_type: str) -> str:
    """Return by what a repeated request is known to ask for the same."""
    body = json.dumps([slot_id, sorted(applicant_ids), service_type])
    return hashlib.sha256(body.encode()).hexdigest()


def book_alone(
    claim: "Claim", *, person_id: int, body_hash: str, person_name: str | None = None
) -> Party | None:
    """Book, or change nothing and return None when anything stands against it.

    Who gets None goes the long way, which finds the reason, waits where waiting may help, or finds
    what this key made before. Raises SlotFull when nothing stands against it but that; the caller translates
    what the database refuses. With the person's name, the database need not put it into the message.
    """
    booking_id, code = new_id(), new_code()
    language = claim.language or _language_of(claim.account_id)
    context = _context(claim, booking_id, code, language=language, name=person_name)
    with connection.cursor() as cursor:
        cursor.execute(
            BOOK_ONE,
            [
                claim.account_id, claim.key, body_hash, person_id, claim.service.group.code == FOREIGNERS,
                claim.slot.pk, claim.office.pk, claim.service.pk, str(booking_id), code, claim.now,
                language, "", "", context, ANY_NAME,
                claim.office.code, request_id(), claim.device_key, _products(claim), _bounds(claim), person_name,
            ],
        )  # fmt: skip
        [(party_id,)] = cursor.fetchall()
    if party_id is None:
        return None
    if party_id == IS_FULL:
        _note_full(claim.slot.pk)
        raise SlotFull
    party = Party(
        pk=party_id,
        account_id=claim.account_id,
        key=claim.key,
        body_hash=body_hash,
        created_at=claim.now,
    )
    party.made_codes = (code,)
    return party


def _context(
    claim: "Claim", booking_id: UUID, code: str, *, language: str, name: str | None
) -> str:
    """Return the context of the confirmation; without a name, the database puts it in for ANY_NAME."""
    booking = Booking(
        id=booking_id,
        code=code,
        applicant=Applicant(full_name=name or ANY_NAME),
        service_type=claim.service,
        office=claim.office,
        slot=claim.slot,
        status=Status.BOOKED,
        via=Booking.Via.FIRST_COME,
    )
    context = booking_context([booking], language=language, now=claim.now)
    return json.dumps(to_json(context), ensure_ascii=False)


def rehearse() -> None:
    """Have the present connection plan a booking before somebody waits for it: half of what its first one costs."""
    with connection.cursor() as cursor:
        kept = kept_by_connection()
        if "rehearsal" not in kept:
            cursor.execute(REHEARSAL)
            kept.add("rehearsal")


def is_surely_full(claim: "Claim", applicant_ids: Sequence[int]) -> bool:
    """Tell whether one person who came too late need hear nothing but that the hour is full.

    That it is full is what everyone sees, a second old at most; what could make another answer of it is asked in
    one statement without a lock.
    """
    if len(applicant_ids) != 1 or not is_seen_full(claim.slot.pk, now=claim.now):
        return False
    is_foreign = claim.service.group.code == FOREIGNERS
    asked = (claim.key, is_foreign, claim.now, applicant_ids[0], claim.account_id)
    return LATE_COMER.rows(*asked) == [(True,)]


# --- What this process saw --------------------------------------------------------------------------
_full_since: dict[int, float] = {}


def is_seen_full(slot_id: int, *, now: dt.datetime) -> bool:
    """Tell whether an hour is full as everyone sees it, or was when this process last wanted a place in it.

    Either is a second old at most.
    """
    noted = _full_since.get(slot_id)
    if noted is not None and time.monotonic() - noted < settings.SHARED_READ_SECONDS:
        return True
    seen = slot_view(slot_id, now=now)
    return seen is not None and seen.status == FULL


def _note_full(slot_id: int) -> None:
    """Remember what the database has just said: what everyone sees may be from before the last place went."""
    if len(_full_since) >= MOST_KEPT:
        _full_since.clear()
    _full_since[slot_id] = time.monotonic()


def _products(claim: "Claim") -> list[str] | None:
    rule = products_on(claim.office, claim.slot.day)
    return None if rule is None else list(rule.products)


def _bounds(claim: "Claim") -> str | None:
    """Return the bounds on online booking as JSON, or None where no rule is in force."""
    rules = limits_on(claim.office, claim.office.local_day(claim.now))
    rows = [
        {"subject": rule.subject, "most": rule.most, "within_days": rule.within_days}
        for rule in rules
    ]
    return json.dumps(rows) if rows else None


def _language_of(account_id: int | None) -> str:
    with connection.cursor() as cursor:
        cursor.execute(LANGUAGE, [account_id])
        row = cursor.fetchone()
    return str(row[0]) if row else settings.LANGUAGE_CODE
