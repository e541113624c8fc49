"""The HTTP gateway for SMS and WhatsApp: one signed request for a message, one signed report about it.

Both are signed with MESSAGE_GATEWAY_KEY (`core.signatures`): the gateway's reports are checked by the code
that signs our requests.
"""

import hashlib
import json
import urllib.request
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any, Final
from urllib.error import HTTPError

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import signatures
from core.errors import DomainError, InvalidInput
from notices.models import Message

# A signed request is accepted for so long; a report that is sent again changes nothing.
VALID_FOR: Final = timedelta(minutes=5)
TIMEOUT: Final = 10
LONGEST_ANSWER: Final = 10_000
LONGEST_ID: Final = 80
# Worth another attempt: the others of 400 to 499 refuse the message for good.
PASSING: Final = (408, 425, 429)
STATUSES: Final = ("delivered", "failed")


class GatewayRefused(ValueError):
    """The gateway refuses this message for good."""

    def __init__(self, code: int) -> None:
        self.reply_code = code
        super().__init__(code)


class GatewayUnavailable(OSError):
    """The gateway did not answer, or asks to try again later."""

    def __init__(self, code: int | None = None) -> None:
        self.reply_code = code
        super().__init__(code)


class NotSigned(DomainError):
    """The signature is missing, wrong or too old."""

    code = "not_signed"
    http_status = 403
    message = _("Tanda tangan permintaan ini tidak ada, salah, atau terlalu lama.")


def sign(body: bytes, *, timestamp: str) -> str:
    """Return the signature of a body."""
    return signatures.sign(body, timestamp=timestamp, key=settings.MESSAGE_GATEWAY_KEY)


def signed_headers(body: bytes, *, now: datetime) -> dict[str, str]:
    """Return the headers of a signed request."""
    return signatures.signed_headers(body, key=settings.MESSAGE_GATEWAY_KEY, now=now)


def check_signature(body: bytes, *, timestamp: str, signature: str, now: datetime) -> None:
    """Check a signed request. Raises NotSigned."""
    key = settings.MESSAGE_GATEWAY_KEY
    if not signatures.is_signed(body, timestamp=timestamp, signature=signature, key=key):
        raise NotSigned
    if not signatures.is_recent(timestamp, now=now, within=VALID_FOR):
        raise NotSigned


def report_key(dedupe_key: str) -> str:
    """Return the id under which the gateway knows a message: without personal data."""
    return hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]


def send_text(message: Message, text: str, *, now: datetime) -> None:
    """Give a text to the gateway. Raises GatewayRefused, GatewayUnavailable.

    The id is the same for each attempt, so the gateway can drop a second copy.
    """
    body = json.dumps(
        {
            "id": report_key(message.dedupe_key),
            "channel": message.channel,
            "to": message.address,
            "language": message.language,
            "text": text,
        }
    ).encode()
    request = urllib.request.Request(  # noqa: S310 - set by the operator
        settings.MESSAGE_GATEWAY_URL, data=body, headers=signed_headers(body, now=now)
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310 - see above
            answer.read(LONGEST_ANSWER)
    except HTTPError as error:
        error.close()
        is_final = 400 <= error.code < 500 and error.code not in PASSING
        raise (GatewayRefused if is_final else GatewayUnavailable)(error.code) from None
    except (OSError, HTTPException):
        raise GatewayUnavailable from None


def read_report(body: bytes) -> tuple[str, str]:
    """Return id and status of a report. Raises InvalidInput."""
    try:
        report: Any = json.loads(body)
        key, status = report["id"], report["status"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise InvalidInput from None
    if not isinstance(key, str) or len(key) > LONGEST_ID or status not in STATUSES:
        raise InvalidInput
    return key, status
