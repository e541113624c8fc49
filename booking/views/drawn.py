"""Pages of a release minute: drawn once for everyone, and what is one reader's own put in as a page is handed out.

A drawing is made without a request and without an account, so that nobody's data can stay in one.
"""

import re
import secrets
import struct
import zlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_ALLOWED_CHARS, CSRF_SECRET_LENGTH, get_token
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.html import conditional_escape

# Nobody can write it into a name, for it is another one in each process.
MARK: Final = secrets.token_hex(6)
SIGN: Final = re.compile(rf"own-{MARK}-(\w+)-own")

GZIP: Final = re.compile(r"\bgzip\b")
PACKED_HEAD: Final = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff"
PACKED_END: Final = b"\x01\x00\x00\xff\xff"
NOISE_BYTES: Final = 100  # as Django's own packing: the length of a page tells nothing of its token
WORTH_PACKING: Final = 300

SIGNS: Final = CSRF_ALLOWED_CHARS
# What each sign becomes when it is shifted by none, by one, by two …
SHIFTED: Final = {sign: SIGNS[at:] + SIGNS[:at] for at, sign in enumerate(SIGNS)}


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
class Text:
    """A piece that is the same for everyone, encoded once and packed once."""

    text: str

    @cached_property
    def encoded(self) -> bytes:
        return self.text.encode()

    @cached_property
    def packed(self) -> bytes:
        return _as_block(self.encoded)


@dataclass(frozen=True)
class Drawing:
    """Pieces of text and, as plain strings, the names of what is a reader's own."""

    parts: tuple[Text | str, ...]

    @classmethod
    def of(cls, text: str) -> "Drawing":
        """Return the drawing that a text with signs in it is."""
        found = SIGN.split(text)
        parts = [name if at % 2 else Text(name) for at, name in enumerate(found)]
        return cls(tuple(parts))

    def with_some(self, values: "dict[str, str | Drawing]") -> "Drawing":
        """Return the drawing with some of its places filled, the same for everyone, or by drawings in turn."""
        parts: list[Text | str] = []
        for part in self.parts:
            value = values.get(part) if isinstance(part, str) else None
            if isinstance(value, Drawing):
                parts.extend(value.parts)
            else:
                parts.append(part if value is None else Text(conditional_escape(value)))
        return Drawing(tuple(parts))

    def with_own(self, values: dict[str, Any]) -> str:
        """Return the text with each reader's own in its places."""
        texts = (
            conditional_escape(values[part]) if isinstance(part, str) else part.text
            for part in self.parts
        )
        return "".join(texts)

    def packed_with_own(self, values: dict[str, Any]) -> bytes:
        """Return the text as a gzip file in which only each reader's own is packed anew, or left as it is."""
        own_values = {name: Text(conditional_escape(value)) for name, value in values.items()}
        parts = [own_values[part] if isinstance(part, str) else part for part in self.parts]
        text = b"".join([part.encoded for part in parts])
        end = struct.pack("<LL", zlib.crc32(text), len(text) & 0xFFFFFFFF)
        noise = b"a" * secrets.randbelow(NOISE_BYTES)
        packed = [part.packed for part in parts]
        return b"".join([PACKED_HEAD, noise, b"\0", *packed, PACKED_END, end])


def _as_block(text: bytes) -> bytes:
    """Return a piece of a deflate stream that ends on a byte and looks back at nothing before it.

    What is short is not packed: packing it would take longer than sending it.
    """
    if len(text) < WORTH_PACKING:
        return struct.pack("<BHH", 0, len(text), len(text) ^ 0xFFFF) + text
    packer = zlib.compressobj(zlib.Z_DEFAULT_COMPRESSION, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def draw_part(template: str, context: dict[str, Any]) -> Drawing:
    """Draw a part of a page."""
    return Drawing.of(render_to_string(template, context))


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


@dataclass(frozen=True)
class Page:
    """A drawing and what of it is one reader's own."""

    drawing: Drawing
    values: dict[str, Any]

    def written(self, packing: str) -> bytes:
        """Return the page as it is sent."""
        if packing == "gzip":
            return self.drawing.packed_with_own(self.values)
        return self.drawing.with_own(self.values).encode()


def page_of(request: HttpRequest, drawing: Drawing, values: dict[str, Any]) -> Page:
    """Return a drawn page that bears the reader's own."""
    return Page(drawing, {"csrf": _token(request), "path": request.get_full_path(), **values})


def packing_of(request: HttpRequest) -> str:
    """Return how the reader's browser takes a page packed, or nothing."""
    return "gzip" if GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")) else ""


def hand_out(page: Page) -> HttpResponse:
    """Answer with a drawn page."""
    return HttpResponse(page.written(""))


def hand_out_packed(request: HttpRequest, page: Page, status: int) -> HttpResponse:
    """Answer with a drawn page packed by its pieces: half as long again as packed whole, in a fifth of the time."""
    packing = packing_of(request)
    answer = HttpResponse(page.written(packing), status=status)
    if packing:
        answer["Content-Encoding"] = packing
    patch_vary_headers(answer, ("Accept-Encoding",))
    return answer


def _token(request: HttpRequest) -> str:
    """Return what `get_token` does for a browser that has our cookie already, in a tenth of the calls.

    A token is a random mask and the cookie's secret shifted by it, so that no two pages bear the same.
    """
    secret = request.META.get("CSRF_COOKIE", "")
    if len(secret) != CSRF_SECRET_LENGTH:
        return get_token(request)
    many = len(SIGNS)
    mask = [byte % many for byte in secrets.token_bytes(CSRF_SECRET_LENGTH)]
    shifted = [SHIFTED[sign][by] for sign, by in zip(secret, mask, strict=True)]
    return "".join([SIGNS[at] for at in mask] + shifted)
