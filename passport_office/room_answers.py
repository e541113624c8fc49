"""The one question that a waiting crowd asks again and again, answered before Django.

A thousand people ask every few seconds how far the door has got. The answer follows from their own cookie and
from what this process knows of the rooms, looked at anew once a second: no session, no middleware, no row for
each of them. Django answers the same under the same address (`booking.views.rooms.status`) where this is not in
front of it.
"""

import json
import re
from collections.abc import Iterable
from typing import Final

from django.db import Error, connections

from booking.views.room_tickets import PREFIX
from core import clock
from passport_office.page_cache import Application, Environ, StartResponse, cookies_of
from quotas.selectors import status_of

ADDRESS: Final = re.compile(r"/rooms/([0-9]{1,18})/status/", re.ASCII)
HEADERS: Final = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "private, no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", "default-src 'none'"),
]


class RoomAnswers:
    """A WSGI application around the others."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        asked = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        if asked is None or environ["REQUEST_METHOD"] != "GET":
            return self.application(environ, start_response)
        window_id = int(asked[1])
        token = cookies_of(environ.get("HTTP_COOKIE", "")).get(f"{PREFIX}{window_id}", "")
        try:
            told = status_of(window_id, token, now=clock.now())
        except Error:
            # Only a process that has never seen a room gets here; it has no answer of its own yet.
            connections.close_all()
            return self.application(environ, start_response)
        body = json.dumps(told).encode()
        start_response("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
        return [body]
