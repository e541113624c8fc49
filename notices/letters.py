"""How a message looks as a letter: plain text, HTML and the calendar file."""

import hashlib
import re
from collections.abc import Mapping
from email.mime.text import MIMEText
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from notices.models import Message


def plain_text(parts: Mapping[str, Any]) -> str:
    """Write the letter's text in the active language; cheap, for it runs while places are taken."""
    blocks = list(parts.get("paragraphs", []))
    if parts.get("rows"):
        blocks.append("\n".join(f"{label}: {value}" for label, value in parts["rows"]))
    if parts.get("bring"):
        blocks.append("\n".join([_("Bawa:"), *(f"- {thing}" for thing in parts["bring"])]))
    if parts.get("action"):
        blocks.append(f"{parts['action']['label']}:\n{parts['action']['url']}")
    blocks.append(_("Pesan ini dikirim otomatis; balasan ke alamat ini tidak terbaca."))
    return "\n\n".join(blocks) + "\n"


def message_id(dedupe_key: str) -> str:
    """Return the Message-ID: the same for every copy of one message, and it tells nothing."""
    digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}@{host}>"


def build_letter(
    message: Message, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """Build the e-mail of a message: text, HTML, and the calendar file where there is one."""
    letter = EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        to=[message.address],
        connection=connection,
        headers={
            "Message-ID": message_id(message.dedupe_key),
            "X-Kind": message.kind,
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
        },
    )
    with translation.override(message.language):
        html = render_to_string("notices/mail.html", {"message": message, **message.parts})
    letter.attach_alternative(html, "text/html")
    if message.parts.get("calendar"):
        letter.attach(_calendar_part(message.parts["calendar"]))
    return letter


def _calendar_part(text: str) -> MIMEText:
    """Attach a calendar file that mail programs offer to take over: its method stands in its type too."""
    part = MIMEText(text, "calendar", "utf-8")
    method = re.search(r"^METHOD:(\w+)", text, re.MULTILINE)
    if method:
        part.set_param("method", method[1])
    part.add_header("Content-Disposition", "attachment", filename="jadwal.ics")
    return part
