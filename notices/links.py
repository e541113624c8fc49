"""Links in messages that authorise their holder: the only code that makes, reads and keeps them.

1. A service writes a reference into the context of a message. It names purpose and subject and holds
   no secret (or another library's link, encrypted), so no row, list, export or backup holds a link that works.
2. When the message is sent, `mint` makes the address with a signed token: for one purpose, one subject
   and one message, until a set time. The stored text has a note in its place.
3. The first GET (`notices.views.entrance`) keeps the link in the session of this browser for 30 minutes and redirects
   to an address without the token. It changes nothing else, so a program that opens links uses none up.
4. The page checks the session (`require`), and its service records who answered (`record_answer`).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from core.crypto import decrypt, encrypt
from core.formats import date_long
from notices.errors import LinkExpired, LinkNeeded, LinkNotValid
from notices.models import LinkAnswer

SESSION_KEY: Final = "links"
HELD_FOR: Final = timedelta(minutes=30)
MOST_HELD: Final = 20
MARK: Final = "link:"
# Keys of a context whose values may be references.
ENDINGS: Final = ("url", "confirmation_code")
SEALED: Final = "sealed"
# The end of a signed token is its signature: 43 characters of base64.
TOKEN: Final = re.compile(r"[^\s/]+(?::|%3[Aa])[\w-]{43}(?![\w-])")
ADDRESS: Final = re.compile(r"\bhttps?://[^\s]*?" + TOKEN.pattern + r"[^\s]*")


@dataclass(frozen=True)
class Purpose:
    """What a link is for. `entrance` and `page` are names of URLs: with the token, and with the subject."""

    name: str
    entrance: str
    page: str
    lifetime: timedelta


PURPOSES: Final[dict[str, Purpose]] = {}


def register(*purposes: Purpose) -> None:
    """Add purposes. Raises ValueError for a name that is taken."""
    for purpose in purposes:
        if PURPOSES.setdefault(purpose.name, purpose) is not purpose:
            raise ValueError(f"two purposes of links are called {purpose.name}")


@dataclass(frozen=True)
class Link:
    """A valid link: its purpose, its subject, and the message it came with."""

    purpose: str
    subject: str
    message_id: int | None = None


@dataclass(frozen=True)
class LinkUse:
    """A link with which somebody answers, and the account that was signed in, if any."""

    link: Link
    account_id: int | None = None


# --- References and addresses ----------------------------------------------------------------------
def reference(purpose: Purpose, subject: Any, query: str = "") -> str:
    """Return what a message's context holds instead of a link. Its key ends in `url`."""
    return f"{MARK}{purpose.name}:{subject}{query}"


def sealed(address: str) -> str:
    """Return the reference of another library's link, or of a code: encrypted until it is sent."""
    return f"{MARK}{SEALED}:{encrypt(address)}"


Resolve = Callable[[str], str]


def resolved(context: Mapping[str, Any], resolve: Resolve) -> dict[str, Any]:
    """Return the context with each reference replaced."""
    return {
        key: resolve(value.removeprefix(MARK))
        if key.endswith(ENDINGS) and isinstance(value, str) and value.startswith(MARK)
        else value
        for key, value in context.items()
    }


def hidden(_target: str = "") -> str:
    """Return the note that is shown and stored in place of a link."""
    return _("[tautan pribadi, hanya ada di surel penerima]")


def mint(target: str, *, message_id: int | None, now: datetime) -> str:
    """Return the address with a signed token for a reference. Only the recipient may get it."""
    name, _colon, rest = target.partition(":")
    if name == SEALED:
        return decrypt(rest)
    subject, mark, query = rest.partition("?")
    purpose = PURPOSES[name]
    token = sign(purpose, subject, message_id=message_id, now=now)
    return f"{settings.PUBLIC_URL}{reverse(purpose.entrance, args=[token])}{mark}{query}"


def sign(purpose: Purpose, subject: Any, *, message_id: int | None, now: datetime) -> str:
    """Return the token of a link: subject, message and end, signed with a key of its purpose."""
    values = [str(subject), message_id, int((now + purpose.lifetime).timestamp())]
    return _signer(purpose).sign_object(values)


def hide(text: str) -> str:
    """Return the text with a note in place of each address that has a token."""
    return ADDRESS.sub(lambda _match: hidden(), text)


def read(token: str, purpose: Purpose, *, now: datetime) -> Link:
    """Return the link of a token. Raises LinkExpired, or LinkNotValid if it is forged or for another purpose."""
    try:
        subject, message_id, until = _signer(purpose).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise LinkNotValid from None
    if now.timestamp() >= until:
        ended_at = datetime.fromtimestamp(until, ZoneInfo(settings.TIME_ZONE))
        raise LinkExpired(when=date_long(ended_at.date()))
    return Link(purpose.name, subject, message_id)


def _signer(purpose: Purpose) -> signing.Signer:
    return signing.Signer(salt=f"link.{purpose.name}")


# --- The link in the session -------------------------------------------------------------------------
def hold(request: HttpRequest, link: Link, *, secret: str = "", now: datetime) -> None:
    """Keep a link in the session on the server for 30 minutes; `secret` is a token of another library."""
    kept = dict(request.session.get(SESSION_KEY, {}))
    entry = {
        "until": (now + HELD_FOR).timestamp(),
        "message": link.message_id,
        "secret": secret,
    }
    kept.pop(_name(link.purpose, link.subject), None)
    kept[_name(link.purpose, link.subject)] = entry
    request.session[SESSION_KEY] = dict(list(kept.items())[-MOST_HELD:])


def held(request: HttpRequest, purpose: Purpose, subject: Any, *, now: datetime) -> Link | None:
    """Return the link that this browser opened in the last 30 minutes, or None."""
    entry = _entry(request, purpose, subject, now=now)
    return None if entry is None else Link(purpose.name, str(subject), entry["message"])


def held_secret(request: HttpRequest, purpose: Purpose, *, now: datetime) -> str:
    """Return the other library's token that this browser opened in the last 30 minutes, or ""."""
    entry = _entry(request, purpose, "", now=now)
    return str(entry["secret"]) if entry else ""


def require(
    request: HttpRequest, purpose: Purpose, subject: Any, *, is_owner: bool = False, now: datetime
) -> LinkUse | None:
    """Return the use of the link, or None for the signed-in owner without one. Raises LinkNeeded."""
    link = held(request, purpose, subject, now=now)
    if link is not None:
        return LinkUse(link, request.user.pk if request.user.is_authenticated else None)
    if is_owner:
        return None
    raise LinkNeeded


def _entry(
    request: HttpRequest, purpose: Purpose, subject: Any, *, now: datetime
) -> dict[str, Any] | None:
    kept: dict[str, Any] = request.session.get(SESSION_KEY, {})
    entry: dict[str, Any] | None = kept.get(_name(purpose.name, subject))
    return entry if entry is not None and now.timestamp() < entry["until"] else None


def _name(purpose: str, subject: Any) -> str:
    return f"{purpose}:{subject}"


# --- The history -----------------------------------------------------------------------------------
def record_answer(use: LinkUse | None, *, action: str, now: datetime) -> None:
    """Record an answer by a link, in the caller's transaction. Does nothing for an answer without one."""
    if use is None:
        return
    LinkAnswer.objects.create(
        purpose=use.link.purpose,
        subject=use.link.subject,
        action=action,
        message_number=use.link.message_id,
        account_number=use.account_id,
        at=now,
    )
