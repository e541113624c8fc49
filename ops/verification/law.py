"""A law of the data, and the result of its check."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

EXAMPLES: Final = 5


@dataclass(frozen=True)
class Law:
    """A rule that must hold, the statement that counts the checked rows, and those that return violations."""

    number: int
    name: str
    counted: str
    breaches: tuple[str, ...]


@dataclass(frozen=True)
class QueryLaw:
    """A rule whose violations are querysets of the apps, by what they are about."""

    number: int
    name: str
    breaches: Callable[[datetime], Mapping[str, QuerySet[Any]]]


@dataclass(frozen=True)
class Finding:
    law: int
    name: str
    checked: int
    breaches: int
    examples: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
