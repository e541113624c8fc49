"""The phone number of an account: entered, confirmed by a code, removed."""

import secrets
from datetime import datetime, timedelta
from typing import Final

import phonenumbers
from django.db import transaction
from django.utils.crypto import constant_time_compare

from accounts.errors import NotAPhone, PhoneCodeRefused, PhoneCodeTooSoon
from accounts.models import Phone, User
from core.crypto import keyed_hash
from core.text import normalise
from notices import links
from notices.kinds import Group, MessageKind, register
from notices.services import new_message, queue_messages

DIGITS: Final = 6
LIFETIME: Final = timedelta(minutes=30)
# A new code for the same account, to whichever number: an SMS costs money.
PAUSE: Final = timedelta(minutes=2)
MOST_TRIES: Final = 5
COUNTED_FOR: Final = timedelta(days=1)


def read_number(text: str) -> str:
    """Return a mobile number in international form. Raises NotAPhone.

    Letters are refused: the library would turn the O of `0812 3456 789O` into a 6.
    """
    typed = normalise(text).text
    refused = NotAPhone(fields={"number": [NotAPhone.message]})
    if any(char.isalpha() for char in typed):
        raise refused
    try:
        number = phonenumbers.parse(typed, "ID")
    except phonenumbers.NumberParseException:
        raise refused from None
    if not phonenumbers.is_possible_number(number):
        raise refused
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@transaction.atomic
def set_phone(*, user_id: int, number: str, channel: str, now: datetime) -> None:
    """Keep an unconfirmed number and queue the message with its code. Raises PhoneCodeTooSoon.

    The number is in international form. Another account may have the same one: a family shares a phone.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user_id)
    if Phone.objects.filter(user=user, issued_at__gt=now - PAUSE).exists():
        raise PhoneCodeTooSoon
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    values = {"number": number, "code_hash": _code_hash(user_id, code), "issued_at": now}
    Phone.objects.update_or_create(
        user=user,
        defaults={**values, "confirmed_at": None},
        create_defaults={**values, "counted_since": now},
    )
    message = new_message(
        kind="phone_code",
        dedupe_key=f"phone_code:{user_id}:{now.timestamp()}",
        address=number,
        language=user.language,
        context={"confirmation_code": links.sealed(code)},
        now=now,
    )
    message.channel = channel
    queue_messages([message])


def confirm_phone(*, user_id: int, code: str, now: datetime) -> None:
    """Confirm the number by its code. Raises PhoneCodeRefused for a wrong or old one, or too many attempts."""
    with transaction.atomic():
        is_right = _use_code(user_id, "".join(code.split()), now)
    # Outside the transaction, so that the attempt stays counted.
    if not is_right:
        raise PhoneCodeRefused


def _use_code(user_id: int, code: str, now: datetime) -> bool:
    rows = Phone.objects.select_for_update(no_key=True).filter(user_id=user_id)
    phone = rows.exclude(code_hash="").first()
    if phone is None:
        return False
    if phone.counted_since <= now - COUNTED_FOR:
        phone.tries, phone.counted_since = 0, now
    phone.tries = min(phone.tries, MOST_TRIES) + 1
    is_valid = phone.tries <= MOST_TRIES and now < phone.issued_at + LIFETIME
    is_right = constant_time_compare(phone.code_hash, _code_hash(user_id, code)) and is_valid
    if is_right:
        phone.confirmed_at, phone.code_hash = now, ""
    phone.save(update_fields=["tries", "counted_since", "confirmed_at", "code_hash"])
    return is_right


def remove_phone(*, user_id: int) -> None:
    """Forget the number; messages go by e-mail only."""
    Phone.objects.filter(user_id=user_id).delete()


def confirmed_number(user_id: int) -> str:
    """Return the account's confirmed number, or ""."""
    phone = Phone.objects.filter(user_id=user_id, confirmed_at__isnull=False).first()
    return phone.number if phone else ""


def _code_hash(user_id: int, code: str) -> str:
    return keyed_hash("phone_code", str(user_id), code)


register(
    MessageKind(
        name="phone_code",
        keys=frozenset({"confirmation_code"}),
        is_secret=True,
        group=Group.ACCESS,
    )
)
