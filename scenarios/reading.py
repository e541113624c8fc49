"""Reads a scenario file and its includes into rows that know their position."""

import re
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from django.conf import settings
from django.db.models import Q
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from offices.directory.models import Lane, Office, Region, ServiceGroup, ServiceType
from quotas.policies.models import QuotaPolicy
from scenarios.errors import ScenarioMistake
from scenarios.field_types import UNKNOWN
from scenarios.positions import Position, plain
from scenarios.reference import expected, field_names
from scenarios.schema import DATED, SECTIONS, OfficeRow, PresetRow, Row

SHIPPED = "scenarios"
# The parser in C if the wheel has it: five times as fast, with the same nodes and lines.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
STORED = {
    "regions": Region,
    "groups": ServiceGroup,
    "lanes": Lane,
    "service_types": ServiceType,
    "offices": Office,
}
# Sections of rules that a preset may order, all from its first day on.
ORDERED = [name for name in DATED if name not in ("fees", "reasons", "opening_hours", "retention")]
STARTS = {**dict.fromkeys(ORDERED, "valid_from"), "roster": "first_day", "outages": "first_day"}
NO_MAPPING = "is not a mapping; write `field: value` lines"
R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Raw:
    """A mapping as it is written, before its fields are checked."""

    at: Position
    values: dict[str, Any]


@dataclass
class Scenario:
    """The contents of a file and its includes, section by section."""

    # The office that a preset is loaded for, and its first day.
    target: Office | None = None
    start: date | None = None
    mistakes: list[ScenarioMistake] = field(default_factory=list)
    raw_office: Raw | None = None
    office: OfficeRow | None = None
    raw: dict[str, list[Raw]] = field(default_factory=lambda: {name: [] for name in SECTIONS})
    rows: dict[str, list[Any]] = field(default_factory=dict)

    def of(self, section: str) -> list[Any]:
        """Return the rows of a section whose fields are all right."""
        return self.rows.get(section, [])

    @property
    def owner(self) -> Office | None:
        """The office of the rows, if it is stored."""
        if self.target is not None:
            return self.target
        code = self.raw_office.values.get("code") if self.raw_office else None
        return Office.objects.filter(code=code).first()

    @property
    def region_code(self) -> str:
        if self.target is not None:
            return self.target.region.code
        return str(self.raw_office.values.get("region")) if self.raw_office else ""

    def known(self, section: str) -> set[str]:
        """Return the codes of a section in the file and in the database."""
        return self._known[section]

    @cached_property
    def _known(self) -> dict[str, set[str]]:
        codes = {
            name: {str(raw.values.get("code")) for raw in self.raw.get(name, [])}
            for name in (*STORED, "halls")
        }
        for name, model in STORED.items():
            codes[name] |= set(model._default_manager.values_list("code", flat=True))
        if self.target is not None:
            # A preset relies on the rows of its office.
            codes["halls"] |= set(self.target.halls.values_list("code", flat=True))
        return codes


def read_scenario(
    path: Path, *, target: Office | None = None, start: date | None = None
) -> Scenario:
    """Read a file and its includes. Never raises for their contents: see `mistakes`.

    A preset is read for an office (`target`), from a day on (`start`, or else the day of its
    decree).
    """
    scenario = Scenario(target, start)
    _read_file(path, str(path), scenario, [])
    if scenario.raw_office is not None:
        scenario.office = _validated(OfficeRow, scenario.raw_office, scenario)
    for section, kind in SECTIONS.items():
        rows = [_validated(kind, raw, scenario) for raw in scenario.raw[section]]
        scenario.rows[section] = [row for row in rows if row is not None]
    return scenario


@cache
def preset_names() -> dict[str, str]:
    """Return the names of the presets of the project by the name of their file, the earliest first."""
    files = sorted((Path(settings.BASE_DIR) / SHIPPED / "presets").glob("*.yaml"))
    presets = {file.stem: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}
    stems = sorted(presets, key=lambda stem: str(presets[stem]["preset"]["since"]))
    return {stem: str(presets[stem]["preset"]["name"]) for stem in stems}


def preset_path(preset: str) -> Path:
    """Return the file of a preset of the project."""
    return Path(settings.BASE_DIR) / SHIPPED / "presets" / f"{preset}.yaml"


# --- Files --------------------------------------------------------------------------------------


def _read_file(path: Path, name: str, scenario: Scenario, on_the_way: list[Path]) -> None:
    top = _top(path, name, scenario)
    if top is None:
        return
    values = plain(top.node, top)
    includes = values.get("include") or []
    for included in includes if isinstance(includes, list) else [includes]:
        file = _find(str(included), path)
        if file is None or file in (*on_the_way, path.resolve()):
            top.mistake("include", f"{included!r} is not there or includes itself")
        else:
            _read_file(file, file.name, scenario, [*on_the_way, path.resolve()])
    _read_office(top, values, scenario)
    preset = None if on_the_way else _read_preset(top, values, scenario)
    for section in SECTIONS:
        for raw in _section(top, section, values):
            if preset is not None:
                _fill(raw, section, preset, scenario)
            scenario.raw[section].append(raw)
    for key in values.keys() - {*SECTIONS, "include", "office", "preset"}:
        top.mistake(key, _no_field(key, [*SECTIONS, "include", "office", "preset"]))


def _top(path: Path, name: str, scenario: Scenario) -> Position | None:
    line, problem = 1, "has no `field: value` lines"
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
        if isinstance(node, yaml.MappingNode):
            return Position(name, "", node, scenario.mistakes)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        reason = getattr(error, "problem", None) or "has characters that are not UTF-8 text"
        problem = f"is not valid YAML: {reason}"
    scenario.mistakes.append(ScenarioMistake(name, line, "file", problem))
    return None


def _find(included: str, path: Path) -> Path | None:
    """Return the file in the same folder, or else among the scenarios of the project."""
    places = (path.parent / included, Path(settings.BASE_DIR) / SHIPPED / included)
    return next((place.resolve() for place in places if place.is_file()), None)


def _read_office(top: Position, values: dict[str, Any], scenario: Scenario) -> None:
    office = values.get("office")
    if office is None:
        return
    if scenario.raw_office is not None or scenario.target is not None:
        top.mistake("office", "is named twice; a scenario is about one office")
    elif not isinstance(office, dict):
        top.mistake("office", NO_MAPPING)
    else:
        scenario.raw_office = Raw(top.inside("office"), office)


def _section(top: Position, section: str, values: dict[str, Any]) -> list[Raw]:
    items = values.get(section) or []
    if not isinstance(items, list):
        top.mistake(section, "is not a list; write one item a line, each after a hyphen")
        return []
    for number, item in enumerate(items):
        if not isinstance(item, dict):
            top.mistake_at((section, number), NO_MAPPING)
    return [
        Raw(top.inside(section, number), item)
        for number, item in enumerate(items)
        if isinstance(item, dict)
    ]


# --- Presets ------------------------------------------------------------------------------------


def _read_preset(top: Position, values: dict[str, Any], scenario: Scenario) -> date | None:
    """Return the first day of a preset's rows; None if the file is no preset."""
    about = values.get("preset")
    if about is None:
        if scenario.target is not None:
            top.mistake("preset", "is missing; only a preset can be loaded for an office")
        return None
    if not isinstance(about, dict):
        top.mistake("preset", NO_MAPPING)
        return None
    preset = _validated(PresetRow, Raw(top.inside("preset"), about), scenario)
    if scenario.target is None:
        top.mistake("preset", "belongs to no office; name one with --office CODE")
        return None
    return scenario.start or (preset.since if preset else None)


def _fill(raw: Raw, section: str, since: date, scenario: Scenario) -> None:
    """Add a row's first day and, where it has no base, the base that the office has."""
    values = raw.values
    if section in ORDERED:
        for name in {"valid_from", "valid_until"} & values.keys():
            raw.at.mistake(name, "is not for a preset; its rows begin when it is loaded")
    if section in STARTS:
        values.setdefault(STARTS[section], since.isoformat())
    if section == "policies" and values.get("base") is None and scenario.target is not None:
        rows = QuotaPolicy.objects.filter(
            Q(office=scenario.target),
            lane_id=str(values.get("lane")),
            group__code=str(values.get("group")),
            valid_from__lte=since,
        )
        base = rows.order_by("-valid_from").values_list("base", flat=True).first()
        if base is None:
            code = scenario.target.code
            raw.at.mistake("base", f"is missing, and {code} has no base of its own")
            base = 0
        values["base"] = str(base)


# --- Fields -------------------------------------------------------------------------------------


def _validated(kind: type[R], raw: Raw, scenario: Scenario) -> R | None:
    """Return the row, or add its mistakes and return None."""
    try:
        row = kind.model_validate(raw.values, context=scenario)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            raw.at.mistakes.append(_mistake(details, kind, raw.at))
        if any(details["type"] != UNKNOWN for details in error.errors()):
            return None
        # Only codes are unknown: the other checks are still worth their messages.
        row = kind.model_validate(raw.values)
    row._at = raw.at
    problems = list(row.problems())
    for name, message in problems:
        raw.at.mistake(name, message)
    return None if problems else row


def _mistake(details: ErrorDetails, kind: type[Row], at: Position) -> ScenarioMistake:
    keys, error_type = list(details["loc"]), details["type"]
    right = expected(kind, keys)
    if error_type == "missing":
        text = f"is missing; {right}"
    elif error_type == "extra_forbidden":
        text = _no_field(str(keys[-1]), field_names(kind, keys[:-1]))
    elif error_type == "value_error":
        text = str(details["ctx"]["error"])
    elif error_type == UNKNOWN:
        text = f"{details['input']!r} {details['msg']}"
    elif error_type in ("model_type", "dict_type"):
        text = NO_MAPPING
    elif isinstance(details["input"], list | dict):
        text = f"cannot be right; {right}"
    else:
        text = f"{details['input']!r} cannot be right; {right}"
    mistake = at.mistake_of(keys, text)
    # An item of a list of values is named as its list.
    name = mistake.field if text == NO_MAPPING else re.sub(r"(\[\d+\])+$", "", mistake.field)
    return ScenarioMistake(mistake.file, mistake.line, name, text)


def _no_field(name: str, fields: list[str]) -> str:
    near = get_close_matches(name, fields, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(sorted(fields))}"
    return f"is not a field here; {hint}"
