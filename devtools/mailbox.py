"""The demo's mailbox: what the local mail sink received. It does not exist in production."""

import base64
import email
import email.policy
import hashlib
import re
from dataclasses import dataclass
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

MOST: Final = 500
IN_JSON: Final = ("to", "kind", "subject", "text", "at")
STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """One received message: what the JSON tells, and the parts that the page links to."""

    to: str
    kind: str
    subject: str
    text: str
    at: str
    name: str = ""
    language: str = ""
    html: str = ""
    calendar: str = ""


@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """List what was received, newest first, as a page or with ?format=json."""
    _only_in_the_demo()
    wanted = request.GET.get("to", "")
    letters = [letter for letter in read_letters() if not wanted or letter.to == wanted]
    if request.GET.get("format") == "json":
        rows = [{name: getattr(letter, name) for name in IN_JSON} for letter in letters]
        return JsonResponse(rows, safe=False)
    return render(request, "devtools/mailbox.html", {"letters": letters, "most": MOST})


@require_safe
@never_cache
def letter(request: HttpRequest, name: str) -> HttpResponse:
    """Show a letter as a mail program does: its HTML part, with its own style and nothing else."""
    html = _letter(name).html
    if not html:
        raise Http404
    answer: Any = HttpResponse(html)
    hashes = [hashlib.sha256(style.encode()).digest() for style in STYLE.findall(html)]
    styles = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in hashes]
    answer._csp_replace = {"default-src": [NONE], "style-src": styles or [NONE]}
    return answer


@require_safe
@never_cache
def letter_calendar(request: HttpRequest, name: str) -> HttpResponse:
    """Give the calendar file that came with a letter."""
    text = _letter(name).calendar
    if not text:
        raise Http404
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")


def read_letters() -> list[Letter]:
    """Return the newest letters of the demo's mail sink."""
    folder = Path(settings.MAILBOX_DIR)
    if not folder.is_dir():
        return []
    newest = sorted(folder.glob("*.eml"), reverse=True)[:MOST]
    return [_read(path) for path in newest]


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404


def _letter(name: str) -> Letter:
    _only_in_the_demo()
    # The address holds a slug, so it names a file of this folder and no other.
    path = Path(settings.MAILBOX_DIR) / f"{name}.eml"
    if not path.is_file():
        raise Http404
    return _read(path)


def _read(path: Path) -> Letter:
    message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Letter(
        to=str(message["To"] or ""),
        kind=str(message["X-Kind"] or ""),
        subject=str(message["Subject"] or ""),
        text=_text(message, "plain") or _text(message, "html"),
        at=str(message[RECEIVED_AT] or ""),
        name=path.stem,
        language=str(message["Content-Language"] or ""),
        html=_text(message, "html"),
        calendar=_calendar(message),
    )


def _text(message: EmailMessage, kind: str) -> str:
    body = message.get_body(preferencelist=(kind,))
    # A browser counts a style's lines with plain newlines when it compares its hash.
    return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


def _calendar(message: EmailMessage) -> str:
    for part in message.iter_attachments():
        if part.get_content_type() == "text/calendar":
            return str(part.get_content())
    return ""
