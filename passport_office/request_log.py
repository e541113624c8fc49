"""One line a request, with its number and the account's; the account itself need not be read for it."""

import logging
import uuid
from http import HTTPStatus
from typing import Any, Final

import structlog
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, empty
from django_structlog.app_settings import app_settings
from django_structlog.middlewares import RequestMiddleware

from notices.services import REQUEST_ID
from passport_office.settings import logs

LOG: Final = logging.getLogger("django_structlog.middlewares.request")
STAMP: Final = structlog.processors.TimeStamper(fmt="iso", utc=True)
PROBES: Final = ("/healthz", "/readyz", "/metrics")


class RequestLogMiddleware(RequestMiddleware):
    """As its parent, but nothing is said when a request begins, for nobody would hear it."""

    def prepare(self, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(request_id=new_request_id(request))
        self.bind_user_id(request)

    def handle_response(self, request: HttpRequest, response: HttpResponse) -> None:
        """Write the line straight away: the long way through the chain took as long as reading the account."""
        if hasattr(request, "_raised_exception") or response.streaming:
            super().handle_response(request, response)
            return
        is_probe = response.status_code == HTTPStatus.OK and request.path.endswith(PROBES)
        if not is_probe:
            level = self._log_level_for_status_code(response.status_code)
            write_line(request, response.status_code, level, REQUEST_ID.get(), _account_of(request))
        structlog.contextvars.unbind_contextvars("request_id", "user_id")

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(user_id=_account_of(request))


def write_line(
    request: HttpRequest, code: int, level: int, request_id: str, account_id: int | None
) -> None:
    """Write the one line of a request that was answered."""
    if not LOG.isEnabledFor(level):
        return
    event: Any = {
        "code": code,
        # What else stands here is our own words and numbers; a query string may hold what somebody searched for.
        "request": logs.mask(RequestMiddleware.format_request(request).partition("?")[0]),
        "request_id": request_id,
        "user_id": account_id,
        "event": "request_finished",
        "logger": LOG.name,
        "level": logging.getLevelName(level).lower(),
    }
    event = STAMP(LOG, "", event)
    # Made here, or the logger would look through the stack for who speaks.
    line = logging.LogRecord(LOG.name, level, __file__, 0, event, None, None)
    line.__dict__.update(_logger=LOG, _name=event["level"], is_plain=True)
    LOG.handle(line)


def new_request_id(request: HttpRequest) -> str:
    """Return the proxy's number for a request where there is a trusted one, else a new one."""
    told = request.headers.get("x-request-id") if app_settings.TRUST_UPSTREAM_REQUEST_ID else ""
    return logs.mask(told) if told else str(uuid.uuid4())


def _account_of(request: HttpRequest) -> Any:
    """Return the account's number: of who was read already, else as the session says."""
    user = request.__dict__.get("user")
    is_read = not isinstance(user, SimpleLazyObject) or user.__dict__.get("_wrapped") is not empty
    if user is not None and is_read:
        return getattr(user, "pk", None)
    session = getattr(request, "session", None)
    if session is None:
        return None
    was_accessed = session.accessed
    number = session.get(SESSION_KEY)
    session.accessed = was_accessed
    return int(number) if number else None
