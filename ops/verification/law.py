"""A law of the data, and the result of its check."""

from dataclasses import asdict, dataclass
from typing import Any, Final

EXAMPLES: Final = 5


@dataclass(frozen=True)
class Law:
    """A rule that must hold, the statement that counts the checked rows, and those that return violations."""

    number: int
    name: str
    counted: str
    breaches: tuple[str, ...]


@dataclass(frozen=True)
class Finding:
    law: int
    name: str
    checked: int
    breaches: int
    examples: list[str]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)
