"""Record messages, and compose and deliver those that are due."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from smtplib import SMTPDataError, SMTPNotSupportedError, SMTPRecipientsRefused
from typing import Any, Final, Self

import structlog
from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import NotFound
from core.tracing import span
from notices import channels, gateway, links, origin, topics
from notices.budgets import address_key, reason_to_suppress
from notices.composing import Composed, IncompleteContext, build_email, compose
from notices.followers import call_followers
from notices.kinds import KINDS, Group
from notices.models import ERROR_LENGTH, Message
from notices.snapshots import to_json

log = structlog.get_logger(__name__)
# A message is leased to one worker for longer than one SMTP conversation can take (nine answers of at
# most EMAIL_TIMEOUT = 10 s). When the worker dies, another one takes the message over after that.
LEASE: Final = timedelta(minutes=2)
FIRST_BACK_OFF: Final = timedelta(seconds=15)
LONGEST_BACK_OFF: Final = timedelta(hours=1)
# Permanent refusals (5xx) do not go away: give up after three of them.
REFUSALS_UNTIL_GIVEN_UP: Final = 3
PERMANENT_REPLY: Final = 500
SECONDS_A_RUN: Final = 60.0
BATCH: Final = 500
# The variable that holds the request id: reading all bound variables took as long as a statement.
_tokens = structlog.contextvars.bind_contextvars(request_id="")
REQUEST_ID: Final = _tokens["request_id"].var
structlog.contextvars.reset_contextvars(**_tokens)
NEVER_SENT: Final = (
    Message.Suppression.UNCONFIRMED,
    Message.Suppression.WITHDRAWN,
    Message.Suppression.PREFERENCE,
)
ABOUT_THIS_MESSAGE: Final = (
    SMTPRecipientsRefused,
    SMTPDataError,
    SMTPNotSupportedError,
    ValueError,
)


def new_message(
    *,
    kind: str,
    dedupe_key: str,
    address: str,
    language: str,
    context: Mapping[str, Any],
    about_type: str = "",
    about_id: Any = "",
    office_code: str = "",
    by_office: bool = False,
    now: datetime,
    due_at: datetime | None = None,
) -> Message:
    """Return an unsaved message. `context` holds all data of the text composed at delivery.

    `by_office` says that the office moved or cancelled a booking: no budget holds this message back.

    Raises ValueError when the context has other keys than its kind declares, TypeError when it holds
    what JSON cannot.
    """
    needed = KINDS[kind].keys
    if wrong := (needed - context.keys()) | (context.keys() - needed - KINDS[kind].optional):
        names = ", ".join(sorted(wrong))
        raise ValueError(f"the context of {kind} does not fit its kind: {names}")
    due = due_at or now
    cause = origin.current()
    return Message(
        kind=kind,
        dedupe_key=dedupe_key,
        address=address,
        language=language,
        context=to_json(context),
        about_type=about_type,
        about_id=str(about_id),
        office_code=office_code,
        request_id=request_id(),
        created_at=now,
        due_at=due,
        next_at=due,
        is_always_sent=by_office or KINDS[kind].group == Group.OFFICE,
        address_key=address_key(address),
        account_number=cause.account_number,
        network_key=cause.network_key,
    )


def queue_messages(messages: Iterable[Message]) -> None:
    """Insert messages in the caller's transaction; skip those whose `dedupe_key` exists.

    Up to BATCH messages per statement. A task composes and sends them later.
    """
    Message.objects.bulk_create(messages, ignore_conflicts=True, batch_size=BATCH)


def queue_message(**values: Any) -> None:
    """Insert one message. The arguments are those of `new_message`."""
    queue_messages([new_message(**values)])


def request_id() -> str:
    """Return the id in the log lines of this request or, without one, of the current task."""
    known = REQUEST_ID.get()
    if known is ... or not known:
        known = structlog.contextvars.get_contextvars().get("task_id") or ""
    return str(known)[:64]


def deliver_due(*, now: datetime, limit: int = 50) -> int:
    """Send due e-mails, oldest first; return the number accepted by the mail server.

    Each message is leased, composed, sent and marked by itself, so that no transaction is open
    during network traffic. A second copy goes out only if this process dies between the server's
    answer and our mark, and it has the same Message-ID.
    """
    with _Server() as server:
        return _deliver(server.send, (Message.Channel.EMAIL,), now=now, limit=limit)


def deliver_due_by_phone(*, now: datetime, limit: int = 50) -> int:
    """Send due SMS and WhatsApp messages; return the number accepted by the gateway.

    A gateway that is unavailable does not hold back e-mails, and these wait longer after each attempt.
    """
    if not settings.MESSAGE_GATEWAY_URL:
        return 0
    return _deliver(_send_by_phone, topics.BY_PHONE, now=now, limit=limit)


def _send_by_phone(message: Message, composed: Composed, now: datetime) -> None:
    gateway.send_text(message, composed.by(message.channel), now=now)


def _deliver(
    send: Callable[[Message, Composed, datetime], None],
    by: Sequence[str],
    *,
    now: datetime,
    limit: int,
) -> int:
    started = time.monotonic()
    sent = 0
    for message in _lease_each(by, now=now, limit=limit, started=started):
        composed = _composed(message, now=_moment(now, started))
        if composed is None:
            continue
        try:
            with span("deliver", request_id=message.request_id, kind=message.kind):
                send(message, composed, _moment(now, started))
        except (OSError, ValueError) as error:  # every SMTPException is an OSError
            _record_failure(message=message, error=error, now=_moment(now, started))
            log.warning("message_failed", error=message.last_error, **_log_fields(message))
            if not isinstance(error, ABOUT_THIS_MESSAGE):
                # The server is unavailable, so the remaining messages would fail too.
                break
        else:
            _mark_sent(message=message, composed=composed, now=_moment(now, started))
            log.info("message_sent", **_log_fields(message))
            sent += 1
    return sent


class _Server:
    """The mail server. Connects when the first message is sent."""

    def __init__(self) -> None:
        self.connection: BaseEmailBackend | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.connection is not None:
            self.connection.close()

    def send(self, message: Message, composed: Composed, now: datetime) -> None:
        if self.connection is None:
            self.connection = get_connection()
            self.connection.open()
        self.connection.send_messages([build_email(message, composed, self.connection)])


def _moment(now: datetime, started: float) -> datetime:
    return now + timedelta(seconds=time.monotonic() - started)


def _composed(message: Message, *, now: datetime) -> Composed | None:
    """Compose a message; on an error, log it, schedule a retry and return None."""
    try:
        return compose(message, partial(links.mint, message_id=message.pk, now=now))
    except Exception as error:  # noqa: BLE001 - whatever a template or a context of its kind raises
        # Not the error's text or traceback: both may contain personal data from the context.
        is_ours = isinstance(error, IncompleteContext)
        _put_back(
            message=message,
            error=f"{type(error).__name__} {error if is_ours else ''}".strip(),
            now=now,
        )
        log.error("message_not_composed", error=message.last_error, **_log_fields(message))
        return None


def _log_fields(message: Message) -> dict[str, Any]:
    """Return the log fields of a message, without address and content."""
    return {
        "message": message.pk,
        "kind": message.kind,
        "attempts": message.attempts,
        "request_id": message.request_id,
    }


def _lease_each(
    by: Sequence[str], *, now: datetime, limit: int, started: float
) -> Iterator[Message]:
    """Yield due messages one by one, each leased when it is yielded."""
    for _turn in range(limit):
        if time.monotonic() - started > SECONDS_A_RUN:
            return
        message = _lease_one(by, now=_moment(now, started))
        if message is None:
            return
        if message.suppressed_at is not None:
            log.info("message_suppressed", reason=message.suppressed_reason, **_log_fields(message))
            continue
        yield message


@transaction.atomic
def _lease_one(by: Sequence[str], *, now: datetime) -> Message | None:
    """Lease the oldest due message that no other worker has locked, or suppress it if it is over a budget."""
    message = (
        Message.objects.select_for_update(no_key=True, skip_locked=True)
        .waiting()
        .filter(next_at__lte=now, channel__in=by)
        .order_by("next_at", "id")
        .first()
    )
    if message is not None and admit(message, now=now):
        message.next_at = now + LEASE
        message.attempts += 1
        message.save(update_fields=["next_at", "attempts"])
    return message


def admit(message: Message, *, now: datetime) -> bool:
    """Decide once, in the caller's transaction, whether a message is sent; store the decision.

    What follows a message (`notices.followers`) is written then, whether the message is sent or not.
    """
    if message.admitted_at is None:
        wanted = channels.wanted_for(message)
        reason = reason_to_suppress(message)
        if not reason:
            channels.write_copies(message, wanted, now=now)
        if not reason and not wanted.by_email:
            reason = Message.Suppression.PREFERENCE
        message.suppressed_reason = reason
        message.suppressed_at = now if message.suppressed_reason else None
        message.admitted_at = None if message.suppressed_reason else now
        message.save(update_fields=["suppressed_at", "suppressed_reason", "admitted_at"])
        call_followers(message)
    return message.suppressed_at is None


def _mark_sent(*, message: Message, composed: Composed, now: datetime) -> None:
    """Store the sent text without its links or, for a secret kind, remove text and context."""
    sent: dict[str, Any] = {"subject": composed.subject, "body": composed.kept}
    if message.channel in topics.BY_PHONE:
        sent["body"] = links.hide(composed.by(message.channel))
        sent["report_key"] = gateway.report_key(message.dedupe_key)
    if KINDS[message.kind].is_secret:
        sent |= {"body": "", "context": {}}
    Message.objects.filter(pk=message.pk).update(sent_at=now, last_error="", **sent)


def _record_failure(*, message: Message, error: Exception, now: datetime) -> None:
    """Schedule a retry, or give up after several permanent refusals."""
    if _is_refused_for_good(error) and message.attempts >= REFUSALS_UNTIL_GIVEN_UP:
        message.given_up_at = now
    # Only class and code: the server's reply often contains the address.
    _put_back(message=message, error=_brief(error), now=now)


def _put_back(*, message: Message, error: str, now: datetime) -> None:
    """Schedule the next attempt."""
    message.next_at = now + wait_after(message.attempts)
    message.last_error = error[:ERROR_LENGTH]
    message.save(update_fields=["next_at", "last_error", "given_up_at"])


def wait_after(attempts: int) -> timedelta:
    """Return the wait after so many attempts: 15 s after the first, then doubling up to one hour."""
    return min(FIRST_BACK_OFF * 2 ** min(attempts - 1, 12), LONGEST_BACK_OFF)


def _reply_code(error: Exception) -> int | None:
    if isinstance(error, SMTPRecipientsRefused):
        codes = [reply[0] for reply in error.recipients.values()]
        return min(codes) if codes else None
    return getattr(error, "smtp_code", None) or getattr(error, "reply_code", None)


def _is_refused_for_good(error: Exception) -> bool:
    if isinstance(error, SMTPNotSupportedError | ValueError):
        return True  # the address cannot be encoded
    code = _reply_code(error)
    return isinstance(error, SMTPRecipientsRefused) and code is not None and code >= PERMANENT_REPLY


def _brief(error: Exception) -> str:
    code = _reply_code(error)
    name = type(error).__name__
    return f"{name} {code}" if code else name


@transaction.atomic
def record_report(*, key: str, status: str, now: datetime) -> None:
    """Record what the gateway reports about a message. Raises NotFound for an unknown one.

    A report that comes twice changes nothing, and nothing undoes "delivered".
    """
    rows = Message.objects.select_for_update(no_key=True).filter(sent_at__isnull=False)
    message = rows.filter(report_key=key).first() if key else None
    if message is None:
        raise NotFound
    if message.delivered_at is not None:
        return
    if status == "delivered":
        message.delivered_at, message.failed_at = now, None
    elif message.failed_at is None:
        message.failed_at = now
    message.save(update_fields=["delivered_at", "failed_at"])
    log.info("message_reported", status=status, **_log_fields(message))


def text_of(message: Message) -> tuple[str, str]:
    """Return subject and body as sent or, if unsent, as composed now: without links, empty for secret kinds."""
    kind = KINDS.get(message.kind)
    if kind is None or kind.is_secret or message.sent_at is not None:
        return message.subject, links.hide(message.body)
    try:
        composed = compose(message)
    except Exception:  # noqa: BLE001 - see _composed; `last_error` says that it cannot be composed
        return "", ""
    return composed.subject, composed.kept


@transaction.atomic
def send_again(*, message_id: int, now: datetime) -> bool:
    """Make an undelivered message due now, also over its budget. A sent message is not changed.

    An optional message to an address that nobody has confirmed stays suppressed, and so does a
    message that was withdrawn, because what it says is not true any more.
    """
    message = Message.objects.select_for_update(no_key=True).get(pk=message_id)
    if message.sent_at is not None or message.suppressed_reason in NEVER_SENT:
        return False
    message.next_at = message.admitted_at = now
    message.attempts = 0
    message.given_up_at = message.suppressed_at = None
    message.suppressed_reason = ""
    message.save(
        update_fields=[
            "next_at",
            "admitted_at",
            "attempts",
            "given_up_at",
            "suppressed_at",
            "suppressed_reason",
        ]
    )
    return True


@transaction.atomic
def withdraw_messages(*, kind: str, about_type: str, about_id: Any, now: datetime) -> bool:
    """Withdraw the messages of a kind about an object that no worker has begun to send.

    Not for kinds that are always sent. Returns False, and changes nothing, if one was sent or is
    being sent.
    """
    rows = Message.objects.filter(kind=kind, about_type=about_type, about_id=str(about_id))
    waiting = list(rows.filter(suppressed_at=None, given_up_at=None).select_for_update(no_key=True))
    if any(row.sent_at is not None or row.attempts for row in waiting):
        return False
    rows.filter(pk__in=[row.pk for row in waiting]).update(
        suppressed_at=now,
        suppressed_reason=Message.Suppression.WITHDRAWN,
        admitted_at=None,
    )
    return True


def erase_messages(*, message_ids: Iterable[int]) -> None:
    """Erase address and text of delivered messages. The row stays: it shows that somebody was notified."""
    Message.objects.filter(pk__in=message_ids).exclude(sent_at=None, given_up_at=None).update(
        address="", context={}, subject="", body=""
    )


def erase_messages_about(*, about_type: str, about_ids: Iterable[Any]) -> None:
    """Erase address and text of delivered messages about these objects."""
    rows = Message.objects.filter(about_type=about_type, about_id__in=[str(pk) for pk in about_ids])
    erase_messages(message_ids=rows.values_list("pk", flat=True))


@transaction.atomic
def erase_messages_to(*, addresses: Iterable[str], now: datetime) -> int:
    """Erase all messages to these addresses; do not send those that wait. Returns how many."""
    rows = Message.objects.filter(address__in=addresses)
    rows.waiting().update(given_up_at=now)
    return rows.update(address="", context={}, subject="", body="")


def describe_state(message: Message) -> str:
    """Return the delivery state of a message as a short text."""
    if message.delivered_at is not None:
        return _("sampai")
    if message.failed_at is not None:
        return _("tidak sampai")
    if message.sent_at is not None:
        return _("terkirim")
    if message.given_up_at is not None:
        return _("ditolak oleh alamat tujuan")
    if message.suppressed_at is not None:
        return _("ditahan: %(reason)s") % {"reason": message.get_suppressed_reason_display()}
    return _("mencoba lagi") if message.attempts else _("menunggu")
