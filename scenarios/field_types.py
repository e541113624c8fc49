"""The types of the fields of a scenario file: their notation, bounds and choices."""

import re
from collections.abc import Callable, Iterable
from datetime import date, time
from typing import Annotated, Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from offices.directory.models import Stage

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SLUG: Final = r"^[a-z0-9][a-z0-9_-]*$"
UNKNOWN: Final = "unknown_code"
FIRST_YEAR, LAST_YEAR = 2000, 2100


def text(longest: int, **more: Any) -> Any:
    return Field(min_length=1, max_length=longest, pattern=r"^[^\x00-\x1f]+$", **more)


def slug(longest: int, **more: Any) -> Any:
    return Field(max_length=longest, pattern=SLUG, **more)


def whole(least: int, most: int, **more: Any) -> Any:
    return Field(ge=least, le=most, **more)


def decimal(least: int, most: int, **more: Any) -> Any:
    return Field(ge=least, le=most, max_digits=8, decimal_places=2, **more)


def one_of(allowed: Iterable[str]) -> Any:
    """Choices that are known only when the program runs."""
    values = list(allowed)
    return AfterValidator(_require(values.__contains__)), WithJsonSchema({"enum": values})


def known(section: str) -> Any:
    """A code of a row of this section, in the file or in the database."""

    def check(code: str, info: ValidationInfo) -> str:
        codes = info.context.known(section) if info.context else {code}
        if code and code not in codes:
            choice = ", ".join(sorted(codes))
            raise PydanticCustomError(
                UNKNOWN, "is not known; choose one of {choice}", {"choice": choice}
            )
        return code

    return AfterValidator(check), Field(json_schema_extra={"codes_of": section})


def _unfit() -> PydanticCustomError:
    """Return an error without a text of its own: the message is made from the schema."""
    return PydanticCustomError("unfit", "is not right")


def _require(is_right: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not is_right(value):
            raise _unfit()
        return value

    return check


def _written_as(pattern: str) -> BeforeValidator:
    """Refuse other notations that pydantic would read, such as seconds for a time."""
    return BeforeValidator(
        _require(lambda raw: isinstance(raw, str) and bool(re.fullmatch(pattern, raw, re.ASCII)))
    )


def once(values: Any) -> Any:
    if len(values) != len(set(values)):
        raise ValueError("names something twice")
    return values


def _span(span: tuple[time, time]) -> tuple[time, time]:
    if span[0] >= span[1]:
        raise ValueError('is not a span; write ["08:00", "12:00"]')
    return span


def _email(raw: str) -> str:
    try:
        validate_email(raw)
    except ValidationError:
        raise _unfit() from None
    return raw.lower()


def _weekday(name: Any) -> int:
    if name not in WEEKDAYS:
        raise _unfit()
    return WEEKDAYS.index(name) + 1


Day = Annotated[
    date,
    _written_as(r"\d{4}-\d{2}-\d{2}"),
    AfterValidator(_require(lambda day: FIRST_YEAR <= day.year <= LAST_YEAR)),
]
Clock = Annotated[
    time,
    _written_as(r"\d{1,2}:\d{2}"),
    BeforeValidator(lambda raw: raw.zfill(5) if isinstance(raw, str) else raw),
]
Email = Annotated[
    str, AfterValidator(_email), WithJsonSchema({"type": "string", "format": "email"})
]
Weekday = Annotated[int, BeforeValidator(_weekday), WithJsonSchema({"enum": list(WEEKDAYS)})]
Spans = tuple[Annotated[tuple[Clock, Clock], AfterValidator(_span)], ...]
Stages = Annotated[list[Stage], Field(min_length=1), AfterValidator(once)]
Name = Annotated[str, text(80)]
