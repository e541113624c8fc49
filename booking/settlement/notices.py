"""What the bank sends: the signature, the age and the form of a notice."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from booking.payments.models import CODE_LENGTH, BankNotice
from booking.settlement.errors import NoticeForged, NoticeStale, NoticeUnreadable, OtherCurrency
from core import signatures

CURRENCY: Final = "IDR"
OLDEST: Final = dt.timedelta(minutes=5)
TIMESTAMP_HEADER: Final = "X-Bank-Timestamp"
SIGNATURE_HEADER: Final = "X-Bank-Signature"
LARGEST_AMOUNT: Final = 10**12
NOTICE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
CODE: Final = re.compile(rf"[0-9]{{{CODE_LENGTH}}}")
FIELDS: Final = frozenset({"notice_id", "type", "billing_code", "amount", "currency", "paid_at"})
REVERSAL_FIELDS: Final = FIELDS | {"reverses"}


@dataclass(frozen=True, kw_only=True)
class BankMessage:
    """One statement of the bank. `reverses` is the number of the payment that a reversal takes back."""

    notice_id: str
    kind: str
    code: str
    amount: int
    paid_at: dt.datetime
    reverses: str = ""

    @property
    def digest(self) -> str:
        """A hash that is equal for the same statement, from the network or from a file."""
        parts = [self.notice_id, self.kind, self.code, self.amount, self.reverses]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def signature_of(body: bytes, timestamp: str) -> str:
    """Return the bank's signature of a body (`core.signatures`)."""
    return signatures.sign(body, timestamp=timestamp, key=settings.BANK_NOTICE_SECRET)


def verify_signature(body: bytes, *, timestamp: str, signature: str, now: dt.datetime) -> None:
    """Raise NoticeForged unless the bank signed the body, NoticeStale unless it did so just now."""
    key = settings.BANK_NOTICE_SECRET
    if not signatures.is_signed(body, timestamp=timestamp, signature=signature, key=key):
        raise NoticeForged
    if not signatures.is_recent(timestamp, now=now, within=OLDEST):
        raise NoticeStale(minutes=OLDEST // dt.timedelta(minutes=1))


def parse_notice(body: bytes) -> BankMessage:
    """Return the statement of a notice. Raises NoticeUnreadable, OtherCurrency."""
    try:
        data = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise NoticeUnreadable(problem=_("bukan JSON dalam UTF-8")) from error
    if not isinstance(data, dict):
        raise NoticeUnreadable(problem=_("bukan objek JSON"))
    wanted = REVERSAL_FIELDS if data.get("type") == BankNotice.Kind.REVERSAL else FIELDS
    if data.keys() != wanted:
        names = ", ".join(sorted(wanted))
        raise NoticeUnreadable(problem=_("kolomnya harus %(names)s") % {"names": names})
    return read_message(data)


def read_message(data: Mapping[str, Any]) -> BankMessage:
    """Return the statement with these values. Raises NoticeUnreadable, OtherCurrency."""
    amount = data["amount"]
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise NoticeUnreadable(problem=_("amount harus bilangan bulat rupiah"))
    if not 0 < amount <= LARGEST_AMOUNT:
        raise NoticeUnreadable(problem=_("amount di luar batas"))
    if data["type"] not in BankNotice.Kind.values:
        raise NoticeUnreadable(problem=_("type harus payment atau reversal"))
    for name, pattern in (("notice_id", NOTICE_ID), ("billing_code", CODE)):
        if not _fits(data[name], pattern):
            raise NoticeUnreadable(problem=_("format %(name)s salah") % {"name": name})
    if "reverses" in data and not _fits(data["reverses"], NOTICE_ID):
        raise NoticeUnreadable(problem=_("format %(name)s salah") % {"name": "reverses"})
    if data["currency"] != CURRENCY:
        raise OtherCurrency
    return BankMessage(
        notice_id=data["notice_id"],
        kind=data["type"],
        code=data["billing_code"],
        amount=amount,
        paid_at=_moment(data["paid_at"]),
        reverses=data.get("reverses", ""),
    )


def _fits(value: Any, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _moment(text: Any) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
        if moment.utcoffset() is None or not 2000 <= moment.year < 2100:
            raise ValueError
        return moment.astimezone(dt.UTC)
    except (TypeError, ValueError, OverflowError) as error:
        problem = _("paid_at harus waktu ISO 8601 dengan selisih UTC")
        raise NoticeUnreadable(problem=problem) from error
