"""One form of log line: a request id on each, and no personal data on any."""

import json
import logging
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog

# NIK and passport numbers, e-mail addresses, phone numbers, and what PostgreSQL quotes of a row.
PERSONAL = (
    (re.compile(r"\b\d{16}\b"), "[nik]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[e-mail]"),
    (re.compile(r"\+?\b(?:62|0)8\d{7,11}\b"), "[phone]"),
    (re.compile(r"\b[A-Z]{1,2}\d{6,8}\b"), "[passport]"),
    (re.compile(r"DETAIL:.*"), "DETAIL: [removed]"),
    # The link in a message opens an account: whoever reads logs must not be able to follow it.
    (re.compile(r"/(confirm-email|key)/[^/\s]+"), r"/\1/[key]"),
)
# What all of these begin with: most texts have nothing of it and need not be searched six times.
SUSPECT = re.compile(r"\d{6}|@|DETAIL:|/key/|confirm-email")
# What a console's line tells first, and the signs for which it puts a value in quotes.
IN_FRONT = frozenset({"timestamp", "level", "event", "logger"})
QUOTED = frozenset(" \t=\r\n\"'")
DROPPED = ("ip", "user_agent", "referer")


def mask(text: str) -> str:
    """Return the text without anything that names a person."""
    if not SUSPECT.search(text):
        return text
    for pattern, instead in PERSONAL:
        text = pattern.sub(instead, text)
    return text


def mask_event(_logger: Any, _name: str, event: Any) -> Any:
    """Mask every string of a log line; a query string may hold what somebody searched for."""
    for key in DROPPED:
        event.pop(key, None)
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(value.split("?")[0] if key == "request" else value)
        elif not isinstance(value, int | float | bool | type(None)) and key[0] != "_":
            event[key] = mask(str(value))
    return event


def mask_sentry(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Send where it broke and why, nothing about whom."""
    for key in ("user", "request", "breadcrumbs", "extra"):
        event.pop(key, None)
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = mask(str(exception.get("value", "")))
        for frame in (exception.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return event


def drop_noise(_logger: Any, _name: str, event: Any) -> Any:
    """Keep one line a request, and none for a probe that found all well."""
    if event.get("event") == "request_started":
        raise structlog.DropEvent
    is_probe = str(event.get("request", "")).endswith(("/healthz", "/readyz", "/metrics"))
    if is_probe and event.get("code") == HTTPStatus.OK:
        raise structlog.DropEvent
    return event


def shorten_beat(record: logging.LogRecord) -> bool:
    """Let a task that could not be sent be one line: while the queue is away that comes twice a second."""
    if str(record.msg).startswith("Message Error") and isinstance(record.args, tuple):
        record.msg, record.args, record.exc_info = "Message Error: %s", record.args[:1], None
    return True


class Lines(structlog.stdlib.ProcessorFormatter):
    """As its parent; an event with `is_plain`, stamped and masked already, is only written down.

    There is one for every request: the long way took longer than reading its session.
    """

    def __init__(self, *args: Any, write: Callable[[dict[str, Any]], str], **given: Any) -> None:
        super().__init__(*args, **given)
        self.write = write

    def format(self, record: logging.LogRecord) -> str:
        if isinstance(record.msg, dict) and "is_plain" in record.__dict__:
            return self.write(record.msg)
        return super().format(record)


def json_line(event: dict[str, Any]) -> str:
    """Write an event of plain values as the renderer of JSON would."""
    return json.dumps(event, default=repr)


def console_line(event: dict[str, Any]) -> str:
    """Write an event of plain values as the renderer for a console would."""
    head = f"{event['timestamp']} [{event['level']:<9}] {event['event']:<30} [{event['logger']}] "
    return head + " ".join(
        f"{key}={_shown(event[key])}" for key in sorted(event) if key not in IN_FRONT
    )


def _shown(value: Any) -> str:
    is_word = isinstance(value, str) and QUOTED.isdisjoint(value)
    return value if is_word else repr(value)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    mask_event,
]


def configure(*, as_json: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's LOGGING, and set structlog up to go the same way."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            drop_noise,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "ours": {
                "()": Lines,
                "write": json_line if as_json else console_line,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "filters": {"short": {"()": lambda: shorten_beat}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # The request's own line tells an honest "no" already; a second one is for our faults only.
            "django.request": {"level": "ERROR"},
            "celery": {"level": level, "propagate": True},
            # A line for each beat tick says nothing; failures are still told.
            "celery.beat": {"level": "WARNING", "filters": ["short"]},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
