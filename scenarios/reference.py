"""What a field of a scenario file expects: for messages and for docs/scenarios.md."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from scenarios.field_types import SLUG
from scenarios.schema import CAPITAL, SECTIONS, OfficeRow, PresetRow, Row

Schema = dict[str, Any]
HEAD = """# Scenario files

A scenario is a YAML file with an office, with rows that all offices share, or (with `preset`) with
rules for any office. `manage.py load_scenario FILE` loads all of it or nothing; `--check` only
reports mistakes, each with its file, line and field. Loading a file twice changes nothing.

`include` names other files, in the same folder or in `scenarios/`. Every other key below is a
section: a list of rows, or one row for `office` and `preset`. Fields with a default may be left out.
`manage.py scenario_reference` writes this page from the schema in `scenarios/schema.py`.
"""
NAMES = {"date": "a day of the calendar such as 2026-11-27", "time": 'a time such as "14:00"'}
NAMES["email"] = "an address such as nama@imigrasi.example"


@cache
def schema_of(kind: type[Row]) -> Schema:
    return kind.model_json_schema()


def _resolved(schema: Schema, root: Schema) -> Schema:
    """Follow a reference, and leave out the alternative of no value."""
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
        return _resolved({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, root)
    for one in schema.get("anyOf") or schema.get("allOf") or ():
        if one.get("type") != "null":
            return _resolved({**one, **{k: v for k, v in schema.items() if k != "anyOf"}}, root)
    return schema


def _at(kind: type[Row], keys: Sequence[str | int]) -> Schema:
    root = schema_of(kind)
    schema = root
    for key in keys:
        if isinstance(key, str):
            schema = schema.get("properties", {}).get(key, {})
        else:
            schema = schema.get("items") or (schema.get("prefixItems") or [{}])[0]
        schema = _resolved(schema, root)
    return schema


def field_names(kind: type[Row], keys: Sequence[str | int]) -> list[str]:
    """Return the fields of the mapping that the keys lead to."""
    return list(_at(kind, keys).get("properties", {}))


def expected(kind: type[Row], keys: Sequence[str | int]) -> str:
    """Return what a field expects, as an instruction: "write a whole number from 1 to 7"."""
    text = _kind_of(_at(kind, keys), schema_of(kind))
    return text if text.startswith("choose") else f"write {text}"


def _kind_of(schema: Schema, root: Schema) -> str:
    schema = _resolved(schema, root)
    least, most = schema.get("minimum"), schema.get("maximum")
    if "enum" in schema:
        return f"choose one of {', '.join(schema['enum'])}"
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return 'two times such as ["08:00", "12:00"]'
        case "array":
            return f"a list; each item: {_kind_of(schema['items'], root)}"
        case "boolean":
            return "yes or no"
        case "integer":
            return f"a whole number from {least} to {most}"
        case "number":
            return f"a number from {least:g} to {most:g}, with at most two decimals"
        case "object":
            return "`field: value` lines"
    return _text_kind(schema)


def _text_kind(schema: Schema) -> str:
    if "format" in schema:
        return NAMES[schema["format"]]
    if "codes_of" in schema:
        return f"a code of `{schema['codes_of']}`"
    if schema.get("pattern") == CAPITAL:
        return "a capital letter"
    most = schema.get("maxLength")
    if schema.get("pattern") == SLUG:
        return f"small letters, digits and hyphens, at most {most}"
    return f"a text of at most {most} characters"


# --- The page -------------------------------------------------------------------------------------


def scenario_reference() -> str:
    """Return docs/scenarios.md."""
    parts = [HEAD]
    for name, kind in {"preset": PresetRow, "office": OfficeRow, **SECTIONS}.items():
        parts.append(f"## {name}\n\n{(kind.__doc__ or '').strip().splitlines()[0]}\n")
        parts.append("| Field | Value | Default | |\n|---|---|---|---|")
        parts += _rows(schema_of(kind), schema_of(kind), "")
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _rows(schema: Schema, root: Schema, path: str) -> Iterator[str]:
    for name, field in schema["properties"].items():
        value = _resolved(field, root)
        default = _default(name in schema.get("required", ()), field.get("default"))
        about = field.get("description", "")
        yield f"| `{path}{name}` | {_kind_of(value, root).removeprefix('choose ')} | {default} | {about} |"
        items = _resolved(value.get("items", {}), root)
        if "properties" in items:
            yield from _rows(items, root, f"{path}{name}[].")


def _default(is_required: bool, value: Any) -> str:
    if is_required:
        return "required"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value not in (None, "", [], ()) else "empty"
