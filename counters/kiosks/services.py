"""Issuing, pairing and revoking kiosks, and recording who checked in at one."""

import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from booking.codes import clean_code, new_code
from core.crypto import seal
from core.db import busy_on_timeout
from core.errors import InvalidInput, NotFound
from core.text import clean_text
from counters.kiosks.errors import TooManyWrongCodes, WrongPairingCode
from counters.kiosks.models import Kiosk, KioskCheckIn
from offices.directory.models import Office
from offices.permissions import Right, check_right

CODE_VALID_FOR: Final = timedelta(minutes=15)
MOST_TRIES: Final = 10
TRIES_WITHIN: Final = timedelta(minutes=5)
MINUTE: Final = timedelta(minutes=1)
LONGEST_NAME: Final = 60


def issue_kiosk(*, office_id: int, name: str, by: User, now: datetime) -> tuple[Kiosk, str]:
    """Create a kiosk and return it with its pairing code, which is stored as a hash only.

    Raises NotFound, NotAllowed, InvalidInput.
    """
    name = clean_text(name)
    if not name or len(name) > LONGEST_NAME:
        text = _("Tulis nama perangkat, paling panjang 60 karakter, misalnya Pintu utara.")
        raise InvalidInput(text, fields={"name": [text]})
    office = Office.objects.filter(pk=office_id).first()
    if office is None:
        raise NotFound
    check_right(by, Right.MANAGE_KIOSKS, office=office, now=now)
    code = new_code()
    kiosk = Kiosk.objects.create(
        office=office,
        name=name,
        code_hash=seal(code),
        code_expires_at=now + CODE_VALID_FOR,
        issued_by=by,
        issued_at=now,
    )
    return kiosk, code


def pair_kiosk(*, office: str, code: str, now: datetime) -> str:
    """Exchange a pairing code for the device's token; a code works once. Raises WrongPairingCode, Busy."""
    token = secrets.token_hex(32)
    with busy_on_timeout(), transaction.atomic():
        rows = Kiosk.objects.select_for_update(no_key=True, of=("self",)).filter(
            office__code=office,
            code_hash=seal(clean_code(code)),
            code_expires_at__gt=now,
            revoked_at__isnull=True,
            paired_at__isnull=True,
        )
        kiosk = rows.first()
        if kiosk is None:
            raise WrongPairingCode
        kiosk.code_hash, kiosk.token_hash, kiosk.paired_at = "", seal(token), now
        kiosk.save(update_fields=["code_hash", "token_hash", "paired_at"])
    return token


def revoke_kiosk(*, kiosk_id: int, by: User, now: datetime) -> Kiosk:
    """End a kiosk's access at once. Revoking twice changes nothing the second time. Raises NotFound."""
    with busy_on_timeout(), transaction.atomic():
        rows = Kiosk.objects.select_for_update(no_key=True, of=("self",)).select_related("office")
        kiosk = rows.filter(pk=kiosk_id).first()
        if kiosk is None:
            raise NotFound
        check_right(by, Right.MANAGE_KIOSKS, office=kiosk.office, now=now)
        if kiosk.revoked_at is None:
            kiosk.revoked_by, kiosk.revoked_at = by, now
            kiosk.save(update_fields=["revoked_by", "revoked_at"])
        return kiosk


def count_try(*, kiosk_id: int, now: datetime) -> None:
    """Count a code before it is looked up; `forgive_try` takes a known one back.

    Counting first keeps parallel guesses within the limit. Raises TooManyWrongCodes.
    """
    with busy_on_timeout(), transaction.atomic():
        kiosk = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk_id)
        since = kiosk.counted_since
        if since is None or not since <= now < since + TRIES_WITHIN:
            since, kiosk.tries = now, 0
        if kiosk.tries >= MOST_TRIES:
            left = since + TRIES_WITHIN - now
            raise TooManyWrongCodes(minutes=max(-(-left // MINUTE), 1))
        kiosk.tries += 1
        kiosk.counted_since, kiosk.last_used_at = since, now
        kiosk.save(update_fields=["tries", "counted_since", "last_used_at"])


def forgive_try(*, kiosk_id: int) -> None:
    """Take back the count of a code that was known."""
    with transaction.atomic():
        kiosk = Kiosk.objects.select_for_update(no_key=True).get(pk=kiosk_id)
        kiosk.tries = max(kiosk.tries - 1, 0)
        kiosk.save(update_fields=["tries"])


def record_check_in(
    *, booking_id: UUID, kiosk: Kiosk, is_complete: bool, now: datetime
) -> KioskCheckIn:
    """Record that a booking was shown at a kiosk. The second time on a day changes nothing."""
    row, _is_new = KioskCheckIn.objects.get_or_create(
        booking_id=booking_id,
        day=kiosk.office.local_day(now),
        defaults={"kiosk": kiosk, "at": now, "is_complete": is_complete},
    )
    return row
