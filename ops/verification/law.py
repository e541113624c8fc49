"""A law of the data, and what was found about it."""

from dataclasses import asdict, dataclass
from typing import Any, Final

EXAMPLES: Final = 5


@dataclass(frozen=True)
class Law:
    """What must hold; how many rows were looked at; the statements that find what breaks it."""

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
