"""Kinds of personal data and how long each is kept. Each app registers its own; `privacy` erases them.

The registry is here because the apps that own the data are below `privacy`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from django.db.models import QuerySet

# Used where a constraint requires a text that has been erased.
ERASED_TEXT: Final = "–"


class Erase(Protocol):
    """Erases rows that the caller has locked, in the caller's transaction."""

    def __call__(self, *, ids: Sequence[Any], now: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class DataKind:
    """One kind of personal data.

    `since` says from when its period is counted. `overdue` returns the rows whose period began before
    a time and that still hold the data: after `erase` they are no longer among them. `default_days`
    applies while no rule is in force. A rule cannot be shorter than `least_days`: until then the
    service itself needs the data.
    """

    name: str
    label: Any
    since: Any
    default_days: int
    least_days: int
    overdue: Callable[[datetime], QuerySet[Any]]
    erase: Erase


DATA_KINDS: Final[dict[str, DataKind]] = {}


def register(*kinds: DataKind) -> None:
    """Add kinds. Raises ValueError for a name that is taken."""
    for kind in kinds:
        if DATA_KINDS.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two kinds of data are called {kind.name}")
