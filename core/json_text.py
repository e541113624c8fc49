"""Reading JSON from outside: bounded nesting, and only values that PostgreSQL can store."""

import json
import re
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.text import is_storable

DEEPEST: Final = 32
LARGEST_INTEGER: Final = 2**63 - 1
NOT_JSON: Final = _(
    "Isi permintaan ini bukan JSON yang valid. Periksa tanda kutip, koma, dan kurungnya."
)
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
    """Return the value of a JSON text. Raises ValueError with a message."""
    if is_too_deep(text):
        raise ValueError(_("JSON ini bertingkat terlalu dalam. Paling banyak 32 tingkat."))
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ValueError(NOT_JSON) from None
    _check_values(value)
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _check_values(value: Any) -> None:
    if isinstance(value, str) and not is_storable(value):
        raise ValueError(
            _("Teks di JSON ini berisi karakter yang tidak dapat disimpan (NUL atau surrogate).")
        )
    if isinstance(value, int) and abs(value) > LARGEST_INTEGER:
        raise ValueError(_("Bilangan di JSON ini terlalu besar."))
    if isinstance(value, dict):
        for key, inner in value.items():
            _check_values(key)
            _check_values(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_values(inner)
