"""Composes an e-mail at delivery, from a message row and the templates of its kind."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.mime.text import MIMEText
from email.utils import parseaddr
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template import Context
from django.template.loader import get_template, render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from core.calendar_files import method_of, split_files
from notices import links
from notices.kinds import KINDS, MessageKind
from notices.models import SUBJECT_LENGTH, Message
from notices.snapshots import from_json

BLANK_LINES: Final = re.compile(r"\n\s*\n")


class IncompleteContext(Exception):
    """The row lacks a value that its kind needs. The text names the keys, never the values."""


@dataclass(frozen=True)
class Composed:
    """A message as it is sent. `kept` is the text to store: without addresses that authorise their holder."""

    subject: str
    body: str
    kept: str
    html: str
    calendar: str
    unsubscribe: str
    short: str = ""

    def by(self, channel: str) -> str:
        """Return the text for a channel: an SMS has the subject, and the address of the button or the first sentence."""
        return self.short if channel == Message.Channel.SMS else self.body


def compose(message: Message, resolve: links.Resolve = links.hidden) -> Composed:
    """Compose a message from its row alone, in its language. Raises any error of its templates.

    `resolve` makes the addresses of its links; without it, they are hidden.
    """
    kind = KINDS[message.kind]
    context = {**dict.fromkeys(kind.optional, ""), **from_json(message.context)}
    if missing := kind.keys - context.keys():
        raise IncompleteContext(", ".join(sorted(missing)))
    with translation.override(message.language):
        context = links.resolved(context, resolve)
        if kind.texts:
            context = {**context, **kind.texts(context)}
        subject = " ".join(_render(kind, "subject.txt", context).split())[:SUBJECT_LENGTH]
        parts = _parts(kind, context)
        html = {**parts, "subject": subject, "language": message.language}
        body = _plain_text(parts)
        return Composed(
            subject=subject,
            body=body,
            kept=links.hide(body),
            html=render_to_string("notices/mail.html", html),
            calendar=_calendar_text(kind, context, message.address),
            unsubscribe=str(context[kind.unsubscribe]) if kind.unsubscribe else "",
            short=_short(subject, parts),
        )


def _calendar_text(kind: MessageKind, context: Mapping[str, Any], address: str) -> str:
    """Return the calendar files of a message: their entries are for its recipient."""
    if kind.calendar is None:
        return ""
    # An address that cannot be sent to is refused when the e-mail is built.
    return kind.calendar({**context, "address": address if address.isprintable() else ""})


def _render(kind: MessageKind, file: str, context: Mapping[str, Any]) -> str:
    """Render plain text, without HTML escaping."""
    template: Any = get_template(f"notices/{kind.name}/{file}")
    return str(template.template.render(Context(dict(context), autoescape=False)))


def _parts(kind: MessageKind, context: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template context of text and HTML; paragraphs are separated by blank lines."""
    blocks = BLANK_LINES.split(_render(kind, "body.txt", context))
    return {
        "paragraphs": [block.strip() for block in blocks if block.strip()],
        "rows": kind.rows(context) if kind.rows else (),
        "bring": kind.bring(context) if kind.bring else (),
        "action": kind.action(context) if kind.action else None,
    }


def _plain_text(parts: Mapping[str, Any]) -> str:
    blocks: list[str] = list(parts["paragraphs"])
    if parts["rows"]:
        blocks.append("\n".join(f"{label}: {value}" for label, value in parts["rows"]))
    if parts["bring"]:
        blocks.append("\n".join([_("Bawa:"), *(f"- {thing}" for thing in parts["bring"])]))
    if parts["action"]:
        blocks.append("{}:\n{}".format(*parts["action"]))
    blocks.append(_("Pesan ini dikirim otomatis. Balasan ke alamat ini tidak dibaca."))
    return "\n\n".join(blocks) + "\n"


def _short(subject: str, parts: Mapping[str, Any]) -> str:
    action, paragraphs = parts["action"], parts["paragraphs"]
    rest = "{}: {}".format(*action) if action else " ".join(paragraphs[:1])
    return f"{_('Antrean Paspor')}: {subject}. {rest}".strip()


def message_id(dedupe_key: str) -> str:
    """Return the Message-ID: the same for every copy of a message, and without personal data."""
    digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{digest}@{host}>"


def build_email(
    message: Message, composed: Composed, connection: BaseEmailBackend | None = None
) -> EmailMultiAlternatives:
    """Build the e-mail of a composed message: text, HTML, and the calendar file where there is one."""
    mail = EmailMultiAlternatives(
        subject=composed.subject,
        body=composed.body,
        to=[message.address],
        connection=connection,
        headers={
            "Message-ID": message_id(message.dedupe_key),
            "X-Kind": message.kind,
            "Auto-Submitted": "auto-generated",
            "Content-Language": message.language,
            **_unsubscribe_headers(composed),
        },
    )
    mail.attach_alternative(composed.html, "text/html")
    files = split_files(composed.calendar)
    if len(files) == 1:  # Outlook and Google read an entry only beside the text
        mail.attach_alternative(files[0], f"text/calendar; method={method_of(files[0])}")
    for number, text in enumerate(files, start=1):
        mail.attach(_calendar_part(text, f"jadwal-{number}.ics" if number > 1 else "jadwal.ics"))
    return mail


def _unsubscribe_headers(composed: Composed) -> dict[str, str]:
    """Return the headers from which mail programs make an "unsubscribe" button (RFC 2369 and 8058)."""
    if not composed.unsubscribe:
        return {}
    return {
        "List-Unsubscribe": f"<{composed.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _calendar_part(text: str, name: str) -> MIMEText:
    """Attach a calendar file. Mail programs offer an import only if the MIME type has a method."""
    part = MIMEText(text, "calendar", "utf-8")
    part.set_param("method", method_of(text))
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part
