"""Additions to the API schema that apply to every operation."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiSerializerFieldExtension

ERROR: Final = {"$ref": "#/components/schemas/Error"}
METHODS: Final = ("get", "post", "put", "patch", "delete")
ERROR_SCHEMA: Final = {
    "type": "object",
    "description": "The one form of every refusal.",
    "required": ["code", "detail"],
    "properties": {
        "code": {"type": "string", "description": "Stable; programs decide by it."},
        "detail": {"type": "string", "description": "A sentence for people, in their language."},
        "fields": {
            "type": "object",
            "description": "For each input that cannot be right, the reasons.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "possible_from": {
            "type": "string",
            "format": "date-time",
            "description": "With `rebooking_limit`: from when booking is possible again.",
        },
        "alternatives": {
            "type": "array",
            "description": "Ways on, such as free slots near the one that is full.",
            "items": {"type": "object", "additionalProperties": {}},
        },
    },
}
MEANINGS: Final = {
    "400": "The input cannot be right; `fields` says where and why (`invalid`), or the body is shorter "
    "than announced (`incomplete`).",
    "401": "No token, or one that does not count any more.",
    "403": "This account may not do this here.",
    "404": "There is no such thing, or it is not this account's (`not_found`).",
    "411": "The body was sent without Content-Length (`length_required`).",
    "413": "The body is larger than 1 MB (`too_large`).",
    "415": "The body is not JSON, or not in UTF-8 (`charset`).",
    "429": "Too many calls; wait as long as Retry-After says (`slow_down`).",
    "503": "Busy, nothing was changed (`busy`), or the database is away for a moment "
    "(`unavailable`); the same call may be sent again, with the same key.",
}


def document_refusals(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add to every operation the errors that any of them can return."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if method in METHODS:
                _document(path, operation)
    return result


def _document(path: str, operation: dict[str, Any]) -> None:
    codes = {"400", "429", "503"}
    if any(operation.get("security", [])):
        codes |= {"401", "403"}
    if "{" in path:
        codes.add("404")
    if "requestBody" in operation:
        codes |= {"411", "413", "415"}
    for code in sorted(codes):
        operation["responses"].setdefault(code, _refusal(MEANINGS[code]))


def _refusal(meaning: str) -> dict[str, Any]:
    return {"description": meaning, "content": {"application/json": {"schema": ERROR}}}


class CivilTime(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A time of day by the office's clock, without seconds and without an offset: 08:00."""

    target_class = "rest_framework.serializers.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, str]:
        return {
            "type": "string",
            "pattern": r"^\d\d:\d\d$",
            "description": "Civil time of the office.",
        }
