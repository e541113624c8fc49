"""One person, one hour: the way of nearly everyone in a release minute, in one round trip to the database."""

import json
import uuid
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection

from booking.models import Party, new_code
from booking.services.applications import FOREIGNERS
from booking.services.letters import ANY_NAME, letter_of
from notices.services import request_id
from offices.selectors import limits_on, products_on

if TYPE_CHECKING:
    from booking.services.claims import Claim

TAKE_ONE: Final = f"SELECT booking_take_one({', '.join(['%s'] * 21)})"
LANGUAGE: Final = "SELECT language FROM accounts_user WHERE id = %s"


def book_alone(claim: "Claim", *, person_id: int, body_hash: str) -> Party | None:
    """Book, or change nothing and return None when anything stands against it.

    Who gets None goes the long way, which finds the reason, waits where waiting may help, or finds
    what this key made before. The caller translates what the database refuses.
    """
    booking_id, code = uuid.uuid4(), new_code()
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
            TAKE_ONE,
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
    party = Party(
        pk=party_id,
        account_id=claim.account_id,
        key=claim.key,
        body_hash=body_hash,
        created_at=claim.now,
    )
    party.made_codes = (code,)
    return party


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
