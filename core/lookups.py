"""Checks the look-ups in the address of an admin list before Django computes with them."""

import datetime as dt
import re
from typing import Any, Final

from django.contrib.admin import helpers
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from core.dates import FIRST_DAY, LAST_DAY, parse_day
from core.errors import InvalidInput

# Parts of a date, as Django's list of years, months and days sends them.
PARTS: Final = {
    "year": (FIRST_DAY.year, LAST_DAY.year),
    "iso_year": (FIRST_DAY.year, LAST_DAY.year),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (1, 53),
    "day": (1, 31),
    "week_day": (1, 7),
    "iso_week_day": (1, 7),
}

SELECTED: Final = helpers.ACTION_CHECKBOX_NAME
SEARCH: Final = "q"  # compared as text
NUMBER: Final = re.compile(r"-?[0-9]{1,18}", re.ASCII)
ANY_NUMBER: Final = re.compile(r"\s*[+-]?[\d_]+\s*")
STARTS_LIKE_A_DATE: Final = re.compile(r"\d{1,9}-\d{1,2}-\d{1,2}")


class WrongLookup(InvalidInput):
    """A filter in the address of a list names no day, or no number of a column."""

    message = _("Saringan di alamat daftar ini tidak dikenal. Buka lagi daftarnya tanpa saringan.")


def check_lookups(query: QueryDict) -> None:
    """Raise WrongLookup for a date or number that Python or PostgreSQL cannot compute with."""
    parts: dict[str, dict[str, int]] = {}
    for name, values in query.lists():
        if name == SEARCH:
            continue
        path, _sign, lookup = name.rpartition("__")
        for value in values:
            _check_value(value)
            if path and lookup in PARTS:
                parts.setdefault(path, {})[lookup] = _part(value, lookup)
    for part in parts.values():
        _check_date(part)


def check_selection(model: Any, form: QueryDict) -> None:
    """Raise WrongLookup for a ticked row of an action whose key is none of this table."""
    for text in form.getlist(SELECTED):
        _check_value(text)
        try:
            model._meta.pk.to_python(text)
        except ValidationError:
            raise WrongLookup from None


def _check_value(value: str) -> None:
    # `__in` sends several values in one.
    for text in value.split(","):
        if ANY_NUMBER.fullmatch(text) and not NUMBER.fullmatch(text.strip()):
            raise WrongLookup
        if STARTS_LIKE_A_DATE.match(text.strip()) and parse_day(text.strip()[:10]) is None:
            raise WrongLookup


def _part(value: str, lookup: str) -> int:
    low, high = PARTS[lookup]
    if not NUMBER.fullmatch(value) or not low <= int(value) <= high:
        raise WrongLookup
    return int(value)


def _check_date(part: dict[str, int]) -> None:
    try:
        dt.date(part.get("year", 2000), part.get("month", 1), part.get("day", 1))
    except ValueError:
        raise WrongLookup from None
