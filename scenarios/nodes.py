"""A mapping of a YAML file whose values are read with their line, for mistakes."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import TypeVar

import yaml
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from scenarios.mistakes import ScenarioMistake

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
FIRST_YEAR, LAST_YEAR = 2000, 2100
BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
SPACE = 0x20
T = TypeVar("T")


@dataclass
class Section:
    """One mapping. Every reader returns a value, or adds a mistake and returns None or a default."""

    file: str
    node: yaml.MappingNode
    path: str
    mistakes: list[ScenarioMistake]
    known: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.keys: dict[str, yaml.Node] = {}
        self.values: dict[str, yaml.Node] = {}
        for key, value in self.node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            if name in self.values:
                self._add_mistake(key, self._full(name), "stands here twice; keep one of them")
            self.keys[name], self.values[name] = key, value

    # --- Mistakes -------------------------------------------------------------------------------
    def _full(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def _add_mistake(self, node: yaml.Node, name: str, message: str) -> None:
        line = node.start_mark.line + 1
        self.mistakes.append(ScenarioMistake(self.file, line, name, message))

    def mistake(self, name: str, message: str) -> None:
        """Add a mistake in a field, or in the whole mapping when the field is absent."""
        self._add_mistake(self.keys.get(name, self.node), self._full(name), message)

    def finish(self) -> None:
        """Add a mistake for every unknown field: most are typing errors."""
        for name, node in self.keys.items():
            if name not in self.known:
                near = get_close_matches(name, self.known, n=1)
                hint = (
                    f"did you mean {near[0]}?"
                    if near
                    else f"known: {', '.join(sorted(self.known))}"
                )
                self._add_mistake(node, self._full(name), f"is no field here; {hint}")

    # --- Scalars --------------------------------------------------------------------------------
    def has(self, name: str) -> bool:
        return name in self.values and not _is_null(self.values[name])

    def _read(
        self, name: str, convert: Callable[[str], T], right: str, *, required: bool = True
    ) -> T | None:
        self.known.add(name)
        if not self.has(name):
            if required:
                self.mistake(name, f"is missing; {right}")
            return None
        return self._convert(name, self.values[name], convert, right)

    def _convert(
        self, name: str, node: yaml.Node, convert: Callable[[str], T], right: str
    ) -> T | None:
        if not isinstance(node, yaml.ScalarNode):
            self._add_mistake(node, self._full(name), f"is a list or a mapping; {right}")
            return None
        try:
            return convert(node.value)
        except (ValueError, InvalidOperation, ValidationError):
            self._add_mistake(node, self._full(name), f"{node.value!r} cannot be right; {right}")
            return None

    def text(self, name: str, *, longest: int, required: bool = True) -> str:
        right = f"write a text of at most {longest} signs"
        return self._read(name, lambda raw: _text(raw, longest), right, required=required) or ""

    def slug(self, name: str, *, longest: int, required: bool = True) -> str:
        right = f"write small letters, digits and hyphens, at most {longest}"
        return self._read(name, lambda raw: _slug(raw, longest), right, required=required) or ""

    def email(self, name: str) -> str:
        return self._read(name, _email, "write an address such as nama@imigrasi.example") or ""

    def integer(
        self, name: str, low: int, high: int, *, default: int | None = None, required: bool = True
    ) -> int | None:
        right = f"write a whole number from {low} to {high}"
        must = required and default is None
        value = self._read(name, lambda raw: _integer(raw, low, high), right, required=must)
        return default if value is None else value

    def decimal(self, name: str, low: int, high: int, *, default: Decimal) -> Decimal:
        right = f"write a number from {low} to {high}, with at most two decimals"
        value = self._read(name, lambda raw: _decimal(raw, low, high), right, required=False)
        return default if value is None else value

    def boolean(self, name: str, *, default: bool | None = None) -> bool:
        value = self._read(name, _boolean, "write yes or no", required=default is None)
        return bool(default) if value is None else value

    def day(self, name: str, *, required: bool = True) -> date | None:
        right = "write a day of the calendar such as 2026-11-27"
        return self._read(name, _day, right, required=required)

    def clock(self, name: str, *, default: time | None = None) -> time:
        right = 'write a time such as "14:00"'
        value = self._read(name, _clock, right, required=default is None)
        return (default or time()) if value is None else value

    def choice(self, name: str, allowed: Collection[str], *, default: str = "") -> str:
        right = f"choose one of {', '.join(allowed)}"
        value = self._read(name, lambda raw: _choice(raw, allowed), right, required=not default)
        return default if value is None else value

    # --- Lists ----------------------------------------------------------------------------------
    def _list(self, name: str, *, required: bool) -> list[yaml.Node]:
        self.known.add(name)
        if not self.has(name):
            if required:
                self.mistake(name, "is missing; write a list")
            return []
        node = self.values[name]
        if not isinstance(node, yaml.SequenceNode):
            self._add_mistake(
                node, self._full(name), "is no list; write one item a line, each after a hyphen"
            )
            return []
        return list(node.value)

    def choices(self, name: str, allowed: Collection[str], *, required: bool = True) -> list[str]:
        right = f"choose from {', '.join(allowed)}"
        nodes = self._list(name, required=required)
        read = [
            self._convert(name, node, lambda raw: _choice(raw, allowed), right) for node in nodes
        ]
        values = [value for value in read if value is not None]
        if len(values) != len(set(values)):
            self.mistake(name, "names something twice")
        return values

    def slugs(self, name: str, *, required: bool = True) -> list[str]:
        nodes = self._list(name, required=required)
        right = "write small letters, digits and hyphens"
        read = [self._convert(name, node, lambda raw: _slug(raw, 20), right) for node in nodes]
        return [value for value in read if value]

    def integers(self, name: str, low: int, high: int) -> list[int]:
        right = f"write whole numbers from {low} to {high}"
        nodes = self._list(name, required=True)
        read = [
            self._convert(name, node, lambda raw: _integer(raw, low, high), right) for node in nodes
        ]
        return [value for value in read if value is not None]

    def spans(self, name: str) -> tuple[tuple[time, time], ...]:
        """Read spans of hours, each [from, to]."""
        spans: list[tuple[time, time]] = []
        for node in self._list(name, required=False):
            pair = node.value if isinstance(node, yaml.SequenceNode) else []
            times = [self._convert(name, item, _clock, 'write ["08:00", "12:00"]') for item in pair]
            match times:
                case [time() as first, time() as last] if first < last:
                    spans.append((first, last))
                case _:
                    self._add_mistake(
                        node, self._full(name), 'is no span; write ["08:00", "12:00"]'
                    )
        return tuple(spans)

    def sections(self, name: str) -> list["Section"]:
        sections = []
        for position, node in enumerate(self._list(name, required=False), start=1):
            path = f"{self._full(name)}[{position}]"
            if isinstance(node, yaml.MappingNode):
                sections.append(Section(self.file, node, path, self.mistakes))
            else:
                self._add_mistake(node, path, "is no mapping; write `field: value` lines")
        return sections

    def section(self, name: str) -> "Section | None":
        self.known.add(name)
        if not self.has(name):
            return None
        node = self.values[name]
        if not isinstance(node, yaml.MappingNode):
            self._add_mistake(node, self._full(name), "is no mapping; write `field: value` lines")
            return None
        return Section(self.file, node, self._full(name), self.mistakes)


def _is_null(node: yaml.Node) -> bool:
    return node.tag == "tag:yaml.org,2002:null"


def _text(raw: str, longest: int) -> str:
    text = raw.strip()
    if not text or len(text) > longest or any(ord(sign) < SPACE for sign in text):
        raise ValueError
    return text


def _slug(raw: str, longest: int) -> str:
    if len(raw) > longest or not SLUG.fullmatch(raw):
        raise ValueError
    return raw


def _email(raw: str) -> str:
    validate_email(raw)
    return raw.lower()


def _integer(raw: str, low: int, high: int) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", raw) or not low <= int(raw) <= high:
        raise ValueError
    return int(raw)


def _decimal(raw: str, low: int, high: int) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,6}(\.[0-9]{1,2})?", raw) or not low <= Decimal(raw) <= high:
        raise ValueError
    return Decimal(raw)


def _boolean(raw: str) -> bool:
    if raw.lower() not in BOOLEANS:
        raise ValueError
    return BOOLEANS[raw.lower()]


def _day(raw: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", raw, re.ASCII):
        raise ValueError
    day = date.fromisoformat(raw)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError
    return day


def _clock(raw: str) -> time:
    if not re.fullmatch(r"\d{1,2}:\d{2}", raw, re.ASCII):
        raise ValueError
    hour, minute = raw.split(":")
    return time(int(hour), int(minute))


def _choice(raw: str, allowed: Iterable[str]) -> str:
    if raw not in allowed:
        raise ValueError
    return raw
