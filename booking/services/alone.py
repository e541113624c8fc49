"""One person, one hour: the way of nearly everyone in a release minute, in one round trip to the database."""

import datetime as dt
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection

from accounts.models import User
from booking.models import LIVE, Party, new_code
from booking.services.applications import FOREIGNERS
from booking.services.letters import ANY_NAME, letter_of
from core.db import Planned, kept_by_connection
from core.ids import new_id
from notices.services import request_id
from offices.selectors import limits_on, products_on
from quotas.errors import SlotFull
from quotas.selectors.calendar import FULL, slot_view

if TYPE_CHECKING:
    from booking.services.claims import Claim

BOOK_ONE: Final = f"SELECT booking_book_one({', '.join(['%s'] * 21)})"
IS_FULL: Final = -1
# For nobody: the function finds no such person and takes its party's row back.
REHEARSAL: Final = """
SELECT booking_book_one(0, gen_random_uuid()::text, '', 0, false, 0, 0, 0, gen_random_uuid(), '', now(), '', '', '', '{}', '', '', '',
  '', NULL, NULL)
"""
# Scalar questions with a LIMIT, not NOT EXISTS: that the planner may answer by walking through all live bookings. The
# account's row comes along, so that whose session it is need not be asked apart.
LATE_COMER: Final = Planned(
    "late_comer",
    f"""
SELECT account.password, account.is_active,
       NOT EXISTS (SELECT FROM booking_party made WHERE made.account_id = $1 AND made.key = $2)
   AND EXISTS (
SELECT FROM booking_applicant person
 WHERE person.id = $3 AND person.account_id = $1 AND person.removed_at IS NULL
   AND (person.identity_kind = 'passport') = $4
   AND (SELECT true FROM booking_booking live WHERE live.person_key = person.person_key
           AND live.status IN ({", ".join(f"'{status}'" for status in LIVE)}) LIMIT 1) IS NULL
   AND (SELECT true FROM booking_restriction bound WHERE bound.person_key = person.person_key
           AND bound.until_at > $5 AND bound.lifted_at IS NULL LIMIT 1) IS NULL)
  FROM accounts_user account WHERE account.id = $1
""",  # noqa: S608 - our own words
)
ACCOUNT_FIELDS: Final = ("id", "password", "is_active")
MOST_KEPT: Final = 2_000
LANGUAGE: Final = "SELECT language FROM accounts_user WHERE id = %s"


def hash_of(slot_id: int, applicant_ids: Sequence[int], service_type: str) -> str:
    """Return by what a repeated request is known to ask for the same."""
    body = json.dumps([slot_id, sorted(applicant_ids), service_type])
    return hashlib.sha256(body.encode()).hexdigest()


def book_alone(claim: "Claim", *, person_id: int, body_hash: str) -> Party | None:
    """Book, or change nothing and return None when anything stands against it.

    Who gets None goes the long way, which finds the reason, waits where waiting may help, or finds
    what this key made before. Raises SlotFull when nothing stands against it but that; the caller translates
    what the database refuses.
    """
    booking_id, code = new_id(), new_code()
    language = claim.language or _language_of(claim.account_id)
    letter = letter_of(
        claim.slot,
        claim.service,
        language=language,
        booking_id=booking_id,
        code=code,
        now=claim.now,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            BOOK_ONE,
            [
                claim.account_id, claim.key, body_hash, person_id, claim.service.group.code == FOREIGNERS,
                claim.slot.pk, claim.office.pk, claim.service.pk, str(booking_id), code, claim.now,
                language, letter.subject, letter.body, letter.parts, ANY_NAME,
                claim.office.code, request_id(), claim.device_key, _products(claim), _bounds(claim),
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


@dataclass(frozen=True)
class LateComer:
    """Whose request it is, and whether they need hear nothing but that the hour is full."""

    account: User
    is_surely_refused: bool


def rehearse() -> None:
    """Have the present connection plan a booking before somebody waits for it: half of what its first one costs."""
    with connection.cursor() as cursor:
        kept = kept_by_connection()
        if "rehearsal" not in kept:
            cursor.execute(REHEARSAL)
            kept.add("rehearsal")


def late_comer(claim: "Claim", applicant_ids: Sequence[int]) -> LateComer | None:
    """Return the one person who comes to an hour that `is_seen_full`, or None for several.

    What could make another answer of "full" is asked in one statement without a lock: this form made a booking before,
    the person has an hour, may not book, or is not the account's.
    """
    if len(applicant_ids) != 1:
        return None
    is_foreign = claim.service.group.code == FOREIGNERS
    asked = (claim.account_id, claim.key, applicant_ids[0], is_foreign, claim.now)
    found = LATE_COMER.rows(*asked)
    if not found:
        return None
    password, is_active, is_refused = found[0]
    values = (claim.account_id, password, is_active)
    return LateComer(User.from_db(connection.alias, ACCOUNT_FIELDS, values), is_refused)


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
