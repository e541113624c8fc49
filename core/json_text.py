"""Reading JSON from outside: bounded nesting and valid text."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

DEEPEST: Final = 32
SURROGATE: Final = re.compile("[\ud800-\udfff]")
NOT_JSON: Final = _(
    "Isi permintaan ini bukan JSON yang valid. Periksa tanda kutip, koma, dan kurungnya."
)
NOT_STORABLE: Final = _("Teks di JSON ini berisi karakter yang tidak dapat disimpan.")
# A text in quotes, whose brackets do not count, or one bracket.
TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)


def is_too_deep(text: str) -> bool:
    """True if brackets are nested more than DEEPEST levels: a parser could run out of stack."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for match in TOKEN.finditer(text):
        sign = match.group()
        if sign in "[{":
            depth += 1
            if depth > DEEPEST:
                return True
        elif sign in "]}":
            depth = max(depth - 1, 0)
    return False


def read_json(text: str) -> Any:
    """Return the value of a JSON text. Raises ValueError with a message.

    Halves of surrogate pairs are refused: no answer that repeats them could be encoded.
    """
    if is_too_deep(text):
        raise ValueError(_("JSON ini bertingkat terlalu dalam. Paling banyak 32 tingkat."))
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise ValueError(NOT_JSON) from None
    if any(SURROGATE.search(each) for each in texts_in(value)):
        raise ValueError(NOT_STORABLE)
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def texts_in(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
