"""The demo's mailbox: messages received by the local mail sink. It does not exist in production."""

import base64
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

from csp.constants import NONE
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from devtools.stack.mail_sink import RECEIVED_AT
from offices.directory.models import Office

MOST: Final = 500
LONGEST_NAME: Final = 100
IN_JSON: Final = ("to", "kind", "subject", "text", "at")
STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class ReceivedMessage:
    """One received message: the JSON fields, and the parts that the page links to."""

    to: str
    kind: str
    subject: str
    text: str
    at: str
    name: str = ""
    language: str = ""
    html: str = ""
    calendar: str = ""

    @property
    def moment(self) -> datetime | None:
        """The time of receipt, or None for a message without one."""
        try:
            return datetime.fromisoformat(self.at)
        except ValueError:
            return None


@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """List the received messages, newest first, as a page or with ?format=json.

    The page shows the time of the office that `office` names; without one of the capital.
    """
    _only_in_the_demo()
    wanted = request.GET.get("to", "")
    messages = [message for message in read_messages() if not wanted or message.to == wanted]
    if request.GET.get("format") == "json":
        rows = [{name: getattr(message, name) for name in IN_JSON} for message in messages]
        return JsonResponse(rows, safe=False)
    office = Office.objects.filter(code=request.GET.get("office", "")).first()
    context = {"received": messages, "most": MOST, "place": office or settings.TIME_ZONE}
    return render(request, "devtools/mailbox.html", context)


@require_safe
@never_cache
def message(request: HttpRequest, name: str) -> HttpResponse:
    """Show a message as a mail program does: its HTML part, with its own style and nothing else."""
    html = _message(name).html
    if not html:
        raise Http404
    answer: Any = HttpResponse(html)
    hashes = [hashlib.sha256(style.encode()).digest() for style in STYLE.findall(html)]
    styles = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes]
    answer._csp_replace = {"default-src": [NONE], "style-src": styles or [NONE]}
    return answer


@require_safe
@never_cache
def message_calendar(request: HttpRequest, name: str) -> HttpResponse:
    """Return the calendar file of a message."""
    text = _message(name).calendar
    if not text:
        raise Http404
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")


def read_messages() -> list[ReceivedMessage]:
    """Return the newest messages of the demo's mail sink."""
    folder = Path(settings.MAILBOX_DIR)
    if not folder.is_dir():
        return []
    newest = sorted(folder.glob("*.eml"), reverse=True)[:MOST]
    return [_read(path) for path in newest]


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404


def _message(name: str) -> ReceivedMessage:
    _only_in_the_demo()
    # The URL pattern allows slugs only, so the path stays in this folder.
    path = Path(settings.MAILBOX_DIR) / f"{name}.eml"
    if len(name) > LONGEST_NAME or not path.is_file():
        raise Http404
    return _read(path)


def _read(path: Path) -> ReceivedMessage:
    mail: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return ReceivedMessage(
        to=str(mail["To"] or ""),
        kind=str(mail["X-Kind"] or ""),
        subject=str(mail["Subject"] or ""),
        text=_text(mail, "plain") or _text(mail, "html"),
        at=str(mail[RECEIVED_AT] or ""),
        name=path.stem,
        language=str(mail["Content-Language"] or ""),
        html=_text(mail, "html"),
        calendar=_calendar(mail),
    )


def _text(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body(preferencelist=(kind,))
    # Browsers normalise newlines before they compare the hash of a style.
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


def _calendar(mail: EmailMessage) -> str:
    for part in mail.iter_attachments():
        if part.get_content_type() == "text/calendar":
            return str(part.get_content())
    return ""
