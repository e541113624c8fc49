"""Contexts of messages as plain JSON: written with the row, read back at delivery.

A name that ends in `_at` holds a moment, one that ends in `_on` a date. Both are ISO strings in the
row and objects again at delivery, when they are formatted in the message's language.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

MOMENT, DATE = "_at", "_on"


def to_json(value: Any, name: str = "") -> Any:
    """Return a value as plain JSON. Raises TypeError for what JSON cannot hold, lazy text included."""
    if isinstance(value, dt.datetime):
        return _iso(value.astimezone(dt.UTC), name, MOMENT)
    if isinstance(value, dt.date):
        return _iso(value, name, DATE)
    if isinstance(value, Mapping):
        return {key: to_json(item, key) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item, name) for item in value]
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{name}: {type(value).__name__} cannot be part of a message's context")


def from_json(value: Any, name: str = "") -> Any:
    """Return a context with its moments and dates as objects."""
    if isinstance(value, Mapping):
        return {key: from_json(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item, name) for item in value]
    if isinstance(value, str) and name.endswith(MOMENT):
        return dt.datetime.fromisoformat(value)
    if isinstance(value, str) and name.endswith(DATE):
        return dt.date.fromisoformat(value)
    return value


def _iso(value: dt.date, name: str, ending: str) -> str:
    if not name.endswith(ending):
        raise TypeError(f"{name}: the name of a {type(value).__name__} ends in {ending}")
    return value.isoformat()
