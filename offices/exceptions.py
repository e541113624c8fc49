"""Exceptions that an office makes for single people, counted in public.

The apps that own the records register what they count, because this app is below them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from offices.directory.models import Office

DAYS: Final = 30


@dataclass(frozen=True)
class ExceptionKind:
    """One kind of exception. `count` returns how many there were from the first to the last day, both included."""

    code: str
    label: Any
    count: Callable[[Office, date, date], int]


EXCEPTIONS: Final[dict[str, ExceptionKind]] = {}


def register(kind: ExceptionKind) -> None:
    """Add a kind. Raises ValueError for a code that is taken."""
    if EXCEPTIONS.setdefault(kind.code, kind) is not kind:
        raise ValueError(f"two kinds of exception are called {kind.code}")


def exceptions_of(office: Office, today: date) -> list[dict[str, Any]]:
    """Return the number of exceptions of each kind in the last 30 days, today included."""
    first = today - timedelta(days=DAYS - 1)
    return [
        {"code": kind.code, "name": str(kind.label), "count": kind.count(office, first, today)}
        for kind in EXCEPTIONS.values()
    ]
