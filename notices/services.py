"""Record messages with what they tell, and deliver what is due."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused
from typing import Any, Final

import structlog
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from notices.letters import build_letter, plain_text
from notices.models import Message

log = structlog.get_logger(__name__)
# A message is leased to one worker for longer than one SMTP conversation can take (nine answers of at
# most EMAIL_TIMEOUT = 10 s). When the worker dies, another one takes the message over after that.
LEASE: Final = timedelta(minutes=2)
FIRST_BACK_OFF: Final = timedelta(seconds=15)
LONGEST_BACK_OFF: Final = timedelta(hours=1)
# A mailbox that does not exist stays so: after three refusals for good we stop, and say so in the row.
REFUSALS_UNTIL_GIVEN_UP: Final = 3
PERMANENT_REPLY: Final = 500
SECONDS_A_RUN: Final = 60.0
SECRET_KINDS: Final = frozenset({"account"})
FIELDS: Final = tuple(field for field in Message._meta.concrete_fields if not field.primary_key)
INSERT: Final = (
    f"INSERT INTO notices_message ({', '.join(str(field.column) for field in FIELDS)}) "  # noqa: S608 - our own names
    f"VALUES ({', '.join(['%s'] * len(FIELDS))}) ON CONFLICT DO NOTHING"
)
# Where the log keeps the number of the request: to look through all that is bound took as long as a statement.
_told = structlog.contextvars.bind_contextvars(request_id="")
REQUEST_ID: Final = _told["request_id"].var
structlog.contextvars.reset_contextvars(**_told)
ABOUT_THIS_LETTER: Final = (SMTPRecipientsRefused, SMTPDataError, SMTPNotSupportedError, ValueError)


def queue_message(
    *,
    kind: str,
    dedupe_key: str,
    address: str,
    language: str,
    subject: str,
    paragraphs: Sequence[str],
    rows: Sequence[tuple[str, str]] = (),
    bring: Sequence[str] = (),
    action: tuple[str, str] | None = None,
    calendar: str = "",
    about_type: str = "",
    about_id: str = "",
    office_code: str = "",
    now: datetime,
    due_at: datetime | None = None,
) -> None:
    """Record a message in the caller's transaction; one with the same `dedupe_key` is never made twice.

    The texts are given in the reader's language. `action` is a label and an absolute address,
    `calendar` the text of an .ics file. Nothing is sent here: a task does that.
    """
    parts, body = lay_out(
        language=language,
        paragraphs=paragraphs,
        rows=rows,
        bring=bring,
        action=action,
        calendar=calendar,
    )
    due = due_at or now
    message = Message(
        kind=kind,
        dedupe_key=dedupe_key,
        address=address,
        language=language,
        subject=in_one_line(subject),
        body=body,
        parts=parts,
        about_type=about_type,
        about_id=str(about_id),
        office_code=office_code,
        request_id=request_id(),
        created_at=now,
        due_at=due,
        next_at=due,
    )
    _insert(message)


def lay_out(
    *,
    language: str,
    paragraphs: Sequence[str],
    rows: Sequence[tuple[str, str]] = (),
    bring: Sequence[str] = (),
    action: tuple[str, str] | None = None,
    calendar: str = "",
) -> tuple[dict[str, Any], str]:
    """Return a message's parts and its plain text, as they stand in its row."""
    parts: dict[str, Any] = {
        "paragraphs": [str(text) for text in paragraphs],
        "rows": [[str(label), str(value)] for label, value in rows],
        "bring": [str(thing) for thing in bring],
        "action": {"label": str(action[0]), "url": action[1]} if action else None,
        "calendar": calendar,
    }
    with translation.override(language):
        return parts, plain_text(parts)


def in_one_line(subject: str) -> str:
    """Return a subject that no line break can turn into another header."""
    return " ".join(str(subject).split())


def _insert(message: Message) -> None:
    """Write the row unless there is one of its key. Every booking comes by: `bulk_create` took four times as long."""
    values = [
        field.get_db_prep_save(getattr(message, field.attname), connection) for field in FIELDS
    ]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)


def request_id() -> str:
    """Return what the log lines of this request bear, or of the task when beat is at the beginning."""
    known = REQUEST_ID.get()
    if known is ... or not known:
        known = structlog.contextvars.get_contextvars().get("task_id") or ""
    return str(known)[:64]


def deliver_due(*, now: datetime, limit: int = 50) -> int:
    """Send what is due, oldest first; return how many the mail server has taken.

    Each message is claimed, sent and marked by itself, so that no transaction is open while we
    talk to the network. A second copy goes out only if this process dies between the server's
    answer and our mark, and it bears the same Message-ID.
    """
    started = time.monotonic()
    sent = 0
    connection: BaseEmailBackend | None = None
    try:
        for message in _claim_each(now=now, limit=limit, started=started):
            moment = now + timedelta(seconds=time.monotonic() - started)
            try:
                if connection is None:
                    connection = get_connection()
                    connection.open()
                connection.send_messages([build_letter(message, connection)])
            except (OSError, ValueError) as error:  # every SMTPException is an OSError
                _record_failure(message=message, error=error, now=moment)
                log.warning("message_failed", error=message.last_error, **_of(message))
                if not isinstance(error, ABOUT_THIS_LETTER):
                    # The server is away or confused: leave the others their turn for later.
                    break
            else:
                _mark_sent(message=message, now=moment)
                log.info("message_sent", **_of(message))
                sent += 1
    finally:
        if connection is not None:
            connection.close()
    return sent


def _of(message: Message) -> dict[str, Any]:
    """Return what a log line tells of a message: neither whom it goes to nor what it says."""
    return {
        "message": message.pk,
        "kind": message.kind,
        "attempts": message.attempts,
        "request_id": message.request_id,
    }


def _claim_each(*, now: datetime, limit: int, started: float) -> Iterator[Message]:
    """Yield due messages one by one, each leased to us when it is handed out."""
    for _turn in range(limit):
        elapsed = time.monotonic() - started
        if elapsed > SECONDS_A_RUN:
            return
        message = _claim_one(now=now + timedelta(seconds=elapsed))
        if message is None:
            return
        yield message


@transaction.atomic
def _claim_one(*, now: datetime) -> Message | None:
    """Lease the oldest due message that no other worker is claiming."""
    message = (
        Message.objects.select_for_update(no_key=True, skip_locked=True)
        .waiting()
        .filter(next_at__lte=now)
        .order_by("next_at", "id")
        .first()
    )
    if message is not None:
        message.next_at = now + LEASE
        message.attempts += 1
        message.save(update_fields=["next_at", "attempts"])
    return message


def _mark_sent(*, message: Message, now: datetime) -> None:
    done: dict[str, Any] = {"sent_at": now, "last_error": ""}
    if message.kind in SECRET_KINDS:
        # Its link opens an account: the mailbox keeps it, we do not.
        done |= {"body": "", "parts": {}}
    Message.objects.filter(pk=message.pk).update(**done)


def _record_failure(*, message: Message, error: Exception, now: datetime) -> None:
    """Put the message back for later, or for good when its mailbox refuses it again and again."""
    wait = min(FIRST_BACK_OFF * 2 ** min(message.attempts - 1, 12), LONGEST_BACK_OFF)
    message.next_at = now + wait
    # Only the kind and the number: a server's sentence often repeats the address.
    message.last_error = _brief(error)
    if _is_refused_for_good(error) and message.attempts >= REFUSALS_UNTIL_GIVEN_UP:
        message.given_up_at = now
    message.save(update_fields=["next_at", "last_error", "given_up_at"])


def _reply_code(error: Exception) -> int | None:
    if isinstance(error, SMTPRecipientsRefused):
        codes = [reply[0] for reply in error.recipients.values()]
        return min(codes) if codes else None
    return getattr(error, "smtp_code", None)


def _is_refused_for_good(error: Exception) -> bool:
    if isinstance(error, SMTPNotSupportedError | ValueError):
        return True  # an address that cannot be written as one
    code = _reply_code(error)
    return isinstance(error, SMTPRecipientsRefused) and code is not None and code >= PERMANENT_REPLY


def _brief(error: Exception) -> str:
    code = _reply_code(error)
    name = type(error).__name__
    return f"{name} {code}" if code else name


@transaction.atomic
def send_again(*, message_id: int, now: datetime) -> bool:
    """Give a message that was not delivered another try at once. A message that went out stays as it is."""
    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    if message.sent_at is not None:
        return False
    message.next_at = now
    message.attempts = 0
    message.given_up_at = None
    message.save(update_fields=["next_at", "attempts", "given_up_at"])
    return True


def describe_state(message: Message) -> str:
    """Say in one word or two where a message is on its way."""
    if message.sent_at is not None:
        return _("terkirim")
    if message.given_up_at is not None:
        return _("ditolak alamatnya")
    return _("mencoba lagi") if message.attempts else _("menunggu")
