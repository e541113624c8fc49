"""The demo's mailbox: what the local mail sink received. It does not exist in production."""

import email
import email.policy
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from passport_office.stack.mail_sink import RECEIVED_AT

MOST = 500


@dataclass(frozen=True)
class Letter:
    """One received message, as the page and the JSON show it."""

    to: str
    kind: str
    subject: str
    text: str
    at: str


@require_safe
@never_cache
def mailbox(request: HttpRequest) -> HttpResponse:
    """List what was received, newest first, as a page or with ?format=json."""
    if not settings.DEMO:
        raise Http404
    wanted = request.GET.get("to", "")
    letters = [letter for letter in read_letters() if not wanted or letter.to == wanted]
    if request.GET.get("format") == "json":
        return JsonResponse([asdict(letter) for letter in letters], safe=False)
    return render(request, "demo/mailbox.html", {"letters": letters, "most": MOST})


def read_letters() -> list[Letter]:
    """Return the newest letters of the demo's mail sink."""
    folder = Path(settings.MAILBOX_DIR)
    if not folder.is_dir():
        return []
    newest = sorted(folder.glob("*.eml"), reverse=True)[:MOST]
    return [_read(path) for path in newest]


def _read(path: Path) -> Letter:
    message: Any = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    return Letter(
        to=str(message["To"] or ""),
        kind=str(message["X-Kind"] or ""),
        subject=str(message["Subject"] or ""),
        text=_text(message),
        at=str(message[RECEIVED_AT] or ""),
    )


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    return "" if body is None else str(body.get_content())
