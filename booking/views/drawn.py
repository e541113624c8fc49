"""Pages of a release minute: drawn once for everyone, and what is one reader's own put in as a page is handed out.

A drawing is made without a request and without an account, so that nobody's data can stay in one.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, get_token
from django.template.loader import render_to_string
from django.utils.html import conditional_escape

# Nobody can write it into a name, for it is another one in each process.
MARK: Final = secrets.token_hex(6)
SIGN: Final = re.compile(rf"own-{MARK}-(\w+)-own")

SIGNS: Final = CSRF_ALLOWED_CHARS
PLACE_OF: Final = {sign: at for at, sign in enumerate(SIGNS)}


def own(name: str) -> str:
    """Return the sign that keeps a place in a drawing; it is safe in HTML and in addresses."""
    return f"own-{MARK}-{name}-own"


@dataclass(frozen=True)
class AnyReader:
    """What the page's frame asks of a request and of a user, without being anybody's."""

    path: str
    COOKIES: dict[str, str] = field(default_factory=dict)
    is_authenticated: bool = True

    def get_full_path(self) -> str:
        return own("path")


@dataclass(frozen=True)
class Said:
    """A message of success, whatever it says."""

    level_tag: str = "success"

    def __str__(self) -> str:
        return own("said")


@dataclass(frozen=True)
class Drawing:
    """Text and names in turn: between two pieces of text stands the name of what is a reader's own."""

    pieces: tuple[str, ...]

    def with_own(self, values: dict[str, Any]) -> str:
        """Return the text with each reader's own in its places."""
        pieces = list(self.pieces)
        for at in range(1, len(pieces), 2):
            pieces[at] = conditional_escape(values[pieces[at]])
        return "".join(pieces)


def draw_part(template: str, context: dict[str, Any]) -> Drawing:
    """Draw a part of a page."""
    return Drawing(tuple(SIGN.split(render_to_string(template, context))))


def draw_page(
    template: str, context: dict[str, Any], *, path: str, theme: str, is_said: bool = False
) -> Drawing:
    """Draw a page for whoever has signed in; with `is_said` one sentence of success stands above it."""
    reader = AnyReader(path, {"theme": theme})
    frame = {"request": reader, "user": reader, "csrf_token": own("csrf")}
    return draw_part(template, {**context, **frame, "messages": [Said()] if is_said else []})


def theme_of(request: HttpRequest) -> str:
    """Return the theme that the reader chose, or nothing for the device's own."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in ("light", "dark") else ""


def hand_out(
    request: HttpRequest, drawing: Drawing, values: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Answer with a drawn page that bears the reader's own."""
    frame = {"csrf": _token(request), "path": request.get_full_path()}
    return HttpResponse(drawing.with_own({**frame, **values}), status=status)


def _token(request: HttpRequest) -> str:
    """Return what `get_token` does for a browser that has our cookie already, in a tenth of the calls.

    A token is a random mask and the cookie's secret shifted by it, so that no two pages bear the same.
    """
    secret = request.META.get("CSRF_COOKIE", "")
    if len(secret) != CSRF_SECRET_LENGTH:
        return get_token(request)
    mask = [byte % len(SIGNS) for byte in secrets.token_bytes(CSRF_SECRET_LENGTH)]
    shifted = [
        SIGNS[(PLACE_OF[sign] + by) % len(SIGNS)] for sign, by in zip(secret, mask, strict=True)
    ]
    return "".join([SIGNS[at] for at in mask]) + "".join(shifted)
