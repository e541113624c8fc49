"""Reads a scenario file and its includes into rows that know their line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from offices.directory.models import Office
from scenarios import shapes
from scenarios.filling import fill_preset
from scenarios.mistakes import ScenarioMistake
from scenarios.nodes import Section

SHIPPED = "scenarios"
# The parser in C if the wheel has it: five times as fast, with the same nodes and lines.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Row:
    """The values of one mapping; `at` is its position, `is_whole` is true if every value could be read."""

    at: Section
    values: dict[str, Any]
    is_whole: bool = True

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass
class Scenario:
    """The contents of a file and its includes, section by section."""

    mistakes: list[ScenarioMistake] = field(default_factory=list)
    office: Row | None = None
    rows: dict[str, list[Row]] = field(default_factory=dict)
    # The office that a preset is loaded for, and its first day.
    target: Office | None = None
    start: date | None = None

    @property
    def office_code(self) -> str:
        if self.target is not None:
            return self.target.code
        return str(self.office["code"]) if self.office is not None else ""

    @property
    def region_code(self) -> str:
        if self.target is not None:
            return self.target.region.code
        return str(self.office["region"]) if self.office is not None else ""

    def of(self, section: str) -> list[Row]:
        return self.rows.get(section, [])


def read_scenario(
    path: Path, *, target: Office | None = None, start: date | None = None
) -> Scenario:
    """Read a file and its includes. Never raises for their contents: see `mistakes`.

    A preset is read for an office (`target`), from a day on (`start`, or else the day of its
    decree).
    """
    scenario = Scenario(target=target, start=start)
    _read_file(path, str(path), scenario, [])
    return scenario


def _read_file(path: Path, name: str, scenario: Scenario, on_the_way: list[Path]) -> None:
    root = _root(path, name, scenario)
    if root is None:
        return
    top = Section(name, root, "", scenario.mistakes)
    top.known.add("include")
    for included in _includes(top):
        file = _find(included, path)
        if file is None or file in (*on_the_way, path.resolve()):
            top.mistake("include", f"{included!r} is not there or includes itself")
        else:
            _read_file(file, file.name, scenario, [*on_the_way, path.resolve()])
    _read_office(top, scenario)
    if not on_the_way:
        fill_preset(top, scenario.target, scenario.start, scenario.mistakes)
    for section, shape in shapes.SECTIONS.items():
        top.known.add(section)
        rows = [_row(item, shape) for item in top.sections(section)]
        scenario.rows.setdefault(section, []).extend(rows)
    top.finish()


def _root(path: Path, name: str, scenario: Scenario) -> yaml.MappingNode | None:
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except OSError as error:
        _refuse(scenario, name, 1, f"cannot be read: {error.strerror or error}")
        return None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "holds signs that are no UTF-8 text"
        _refuse(scenario, name, mark.line + 1 if mark else 1, f"is no valid YAML: {problem}")
        return None
    if not isinstance(node, yaml.MappingNode):
        _refuse(scenario, name, 1, "holds no `field: value` lines")
        return None
    return node


def _refuse(scenario: Scenario, name: str, line: int, message: str) -> None:
    scenario.mistakes.append(ScenarioMistake(name, line, "file", message))


def _includes(top: Section) -> list[str]:
    node = top.values.get("include")
    if node is None:
        return []
    items = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return [str(item.value) for item in items]


def _find(included: str, path: Path) -> Path | None:
    """Return the file in the same folder, or else among the scenarios of the project."""
    places = (path.parent / included, Path(settings.BASE_DIR) / SHIPPED / included)
    return next((place.resolve() for place in places if place.is_file()), None)


def _read_office(top: Section, scenario: Scenario) -> None:
    section = top.section("office")
    if section is None:
        return
    if scenario.office is not None or scenario.target is not None:
        top.mistake("office", "is named twice; a scenario is about one office")
        return
    scenario.office = _row(section, shapes.office)


def _row(section: Section, shape: Callable[[Section], dict[str, Any]]) -> Row:
    before = len(section.mistakes)
    values = shape(section)
    is_whole = len(section.mistakes) == before
    section.finish()
    return Row(section, values, is_whole)
