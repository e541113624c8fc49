"""Log format: structlog lines with a request id each and without personal data."""

import logging
import re
from http import HTTPStatus
from typing import Any

import structlog

# NIK, e-mail address, phone and passport number, quoted rows of PostgreSQL, and tokens in links that we send.
PERSONAL = (
    (re.compile(r"\b\d{16}\b"), "[nik]"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "[e-mail]"),
    (re.compile(r"\+?\b(?:62|0)8\d{7,11}\b"), "[phone]"),
    (re.compile(r"\b[A-Z]{1,2}\d{6,8}\b"), "[passport]"),
    (re.compile(r"DETAIL:.*"), "DETAIL: [removed]"),
    # The link in a message gives access: readers of logs must not be able to use it. A signed token is the
    # part of an address with a colon (notices.links); the keys of allauth have addresses of their own.
    (re.compile(r"/(confirm-email|key)/[^/\s]+"), r"/\1/[key]"),
    (re.compile(r"/[^/\s?]*(?::|%3[Aa])[^/\s?]{10,}"), "/[key]"),
)
DROPPED = ("ip", "user_agent", "referer")
PROBES = ("/healthz", "/readyz", "/metrics")


def mask(text: str) -> str:
    """Return the text without anything that identifies a person or grants access."""
    for pattern, replacement in PERSONAL:
        text = pattern.sub(replacement, text)
    return text


def mask_event(_logger: Any, _name: str, event: Any) -> Any:
    """Mask every value of a log line, and remove the query string, which may hold search terms."""
    for key in DROPPED:
        event.pop(key, None)
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask(value.split("?")[0] if key == "request" else value)
        elif not isinstance(value, int | float | bool | type(None)) and key[0] != "_":
            event[key] = mask(str(value))
    return event


def mask_sentry(event: dict[str, Any], _hint: dict[str, Any]) -> dict[str, Any]:
    """Keep the place and kind of the error; remove the request, the user and every variable."""
    for key in ("user", "request", "breadcrumbs", "extra"):
        event.pop(key, None)
    for exception in event.get("exception", {}).get("values", []):
        exception["value"] = mask(str(exception.get("value", "")))
        for frame in (exception.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return event


def drop_probes(_logger: Any, _name: str, event: Any) -> Any:
    """Drop the line of a successful probe."""
    is_probe = str(event.get("request", "")).endswith(PROBES)
    if is_probe and event.get("code") == HTTPStatus.OK:
        raise structlog.DropEvent
    return event


def shorten_outage(record: logging.LogRecord) -> bool:
    """Reduce an error that repeats while Redis is unavailable to one line without its traceback."""
    if record.name == "django_redis.cache" and record.exc_info:
        record.msg, record.args, record.exc_info = "Cache: %s", (record.exc_info[1],), None
    elif str(record.msg).startswith("Message Error") and isinstance(record.args, tuple):
        record.msg, record.args, record.exc_info = "Message Error: %s", record.args[:1], None
    return True


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
    """Configure structlog, and return Django's LOGGING for the same processors."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            drop_probes,
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
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    renderer,
                ],
            }
        },
        "filters": {"short": {"()": lambda: shorten_outage}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ours"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # The request's own line records a 4xx already.
            "django.request": {"level": "ERROR"},
            "django_redis.cache": {"filters": ["short"]},
            "celery": {"level": level, "propagate": True},
            # Beat ticks every few seconds; only its failures are logged.
            "celery.beat": {"level": "WARNING", "filters": ["short"]},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
        },
    }
