"""The demo's gateway for SMS and WhatsApp: it keeps each message for the mailbox page and reports about it.

It delivers nothing. It does not exist in production. A number that ends in 00 cannot be reached.
"""

import json
import secrets
import time
import urllib.request
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import clock, signatures
from core.errors import DomainError
from core.web import error_json
from devtools.stack.mail_sink import RECEIVED_AT
from notices import gateway
from notices.models import Message

log = structlog.get_logger(__name__)
UNREACHABLE: Final = "00"
REPORTS: Final = "reports"
TIMEOUT: Final = 5


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Keep a signed message; its report is sent by the demo's task."""
    if not settings.DEMO:
        raise Http404
    now = clock.now()
    try:
        gateway.check_signature(
            request.body,
            timestamp=request.headers.get(signatures.TIMESTAMP, ""),
            signature=request.headers.get(signatures.SIGNATURE, ""),
            now=now,
        )
    except DomainError as error:
        return error_json(error)
    message: Any = json.loads(request.body)
    name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
    _write(f"{name}.eml", _as_mail(message, at=now.isoformat(timespec="seconds")))
    status = "failed" if message["to"].endswith(UNREACHABLE) else "delivered"
    report = json.dumps({"id": message["id"], "status": status})
    _write(f"{REPORTS}/{name}.json", report.encode())
    return JsonResponse({"id": name}, status=202)


def send_reports() -> int:
    """Send the reports that wait; return how many were accepted. One that is refused is sent again."""
    accepted = 0
    for path in sorted((Path(settings.MAILBOX_DIR) / REPORTS).glob("*.json")):
        body = path.read_bytes()
        request = urllib.request.Request(  # noqa: S310 - the demo's own address
            f"{settings.PUBLIC_URL}{reverse('notices:gateway_report')}",
            data=body,
            headers=gateway.signed_headers(body, now=clock.now()),
        )
        try:
            urllib.request.urlopen(request, timeout=TIMEOUT).close()  # noqa: S310 - see above
        except (OSError, HTTPException) as error:
            log.info("report_not_accepted", error=type(error).__name__)
            continue
        path.unlink(missing_ok=True)
        accepted += 1
    return accepted


def _as_mail(message: Any, *, at: str) -> bytes:
    """Return a message in the form of the mailbox's other files."""
    mail = EmailMessage()
    mail[RECEIVED_AT] = at
    mail["To"] = message["to"]
    mail["X-Kind"] = message["channel"]
    mail["Subject"] = str(Message.Channel(message["channel"]).label)
    mail["Content-Language"] = message["language"]
    mail.set_content(message["text"])
    return mail.as_bytes()


def _write(name: str, data: bytes) -> None:
    """Write a file that others see only when it is whole."""
    path = Path(settings.MAILBOX_DIR) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    draft.write_bytes(data)
    draft.rename(path)
