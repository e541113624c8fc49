"""The API's manual as a page, rendered from its schema: no script, no external resources."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator

from pages.api_schema import METHODS

Schema = Mapping[str, Any]
DEEPEST: Final = 4


@dataclass(frozen=True)
class Row:
    """One input or output value: its name, its type, whether it is required."""

    name: str
    kind: str
    is_required: bool
    text: str
    where: str = ""


@dataclass(frozen=True)
class Answer:
    code: str
    text: str
    rows: tuple[Row, ...] = ()
    example: str = ""
    is_refusal: bool = False


@dataclass(frozen=True)
class Call:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    text: str
    needs_token: bool
    parameters: tuple[Row, ...]
    body: tuple[Row, ...]
    body_example: str
    answers: tuple[Answer, ...]


@dataclass
class Group:
    name: str
    calls: list[Call] = field(default_factory=list)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show every operation of the API with its input, its answers and examples."""
    return render(
        request,
        "pages/api/docs.html",
        {"groups": groups(), "about": schema()["info"]["description"]},
    )


@lru_cache(maxsize=1)
def schema() -> Schema:
    """Return the schema. It changes only with the code."""
    generator: Any = SchemaGenerator
    made: Schema = generator().get_schema(request=None, public=True)
    return made


@lru_cache(maxsize=1)
def groups() -> list[Group]:
    """Return the operations by their first tag, in the order of the schema."""
    groups: dict[str, Group] = {}
    for path, operations in schema()["paths"].items():
        texts = [operation.get("description") for operation in operations.values()]
        for method in METHODS:
            if method in operations:
                operation = dict(operations[method])
                if texts.count(operation.get("description")) > 1:
                    del operation["description"]  # describes the path, not this operation
                name = (operation.get("tags") or ["api"])[0]
                groups.setdefault(name, Group(name)).calls.append(_call(path, method, operation))
    return list(groups.values())


def _call(path: str, method: str, operation: Schema) -> Call:
    body = _content(operation.get("requestBody", {}))
    return Call(
        anchor=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary") or operation["operationId"].replace("_", " "),
        text=operation.get("description") or "",
        needs_token=any(operation.get("security", [])),
        parameters=tuple(_parameter(item) for item in operation.get("parameters", [])),
        body=tuple(_rows(body.get("schema", {}))),
        body_example=_example(body),
        answers=tuple(_answer(code, item) for code, item in sorted(operation["responses"].items())),
    )


def _content(holder: Schema) -> Schema:
    content: Schema = holder.get("content", {}).get("application/json", {})
    return content


def _parameter(item: Schema) -> Row:
    return Row(
        name=item["name"],
        kind=_kind(item.get("schema", {})),
        is_required=bool(item.get("required")),
        text=item.get("description", ""),
        where=item["in"],
    )


def _answer(code: str, item: Schema) -> Answer:
    content = _content(item)
    is_refusal = not code.startswith("2")
    return Answer(
        code=code,
        text=item.get("description", ""),
        rows=() if is_refusal else tuple(_rows(content.get("schema", {}))),
        example=_example(content),
        is_refusal=is_refusal,
    )


def _resolve(part: Schema) -> Schema:
    """Follow references and one-entry compositions to the actual schema."""
    while True:
        if "$ref" in part:
            part = schema()["components"]["schemas"][part["$ref"].rpartition("/")[2]]
        elif len(part.get("allOf", [])) == 1:
            part = part["allOf"][0]
        else:
            return part


def _rows(part: Schema, prefix: str = "", depth: int = 0) -> Iterator[Row]:
    part = _resolve(part)
    if part.get("type") == "array":
        yield from _rows(part["items"], f"{prefix}[]", depth)
        return
    required = set(part.get("required", []))
    for name, inner in part.get("properties", {}).items():
        meant = _resolve(inner)
        full = f"{prefix}.{name}" if prefix else name
        text = inner.get("description") or meant.get("description", "")
        yield Row(full, _kind(inner), name in required, text)
        if depth < DEEPEST:
            items = meant.get("items", {}) if meant.get("type") == "array" else meant
            suffix = "[]" if meant.get("type") == "array" else ""
            yield from _rows(items, full + suffix, depth + 1)


def _kind(part: Schema) -> str:
    meant = _resolve(part)
    if "oneOf" in meant or "anyOf" in meant:
        kinds = [_kind(one) for one in meant.get("oneOf", meant.get("anyOf", []))]
        return " | ".join(kind for kind in dict.fromkeys(kinds) if kind)
    kind = str(meant.get("format") or meant.get("type") or "")
    if kind == "array":
        return f"{_kind(meant.get('items', {}))}[]"
    if "enum" in meant:
        kind = " | ".join(str(value) for value in meant["enum"])
    return f"{kind} | null" if meant.get("nullable") or part.get("nullable") else kind


def _example(content: Schema) -> str:
    for example in content.get("examples", {}).values():
        return json.dumps(example["value"], indent=2, ensure_ascii=False)
    return ""
