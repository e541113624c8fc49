"""A mistake in a scenario file."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class ScenarioMistake:
    """One mistake: the file as given, the line (from 1), the field, and what would be right."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}, {self.field}: {self.message}"
