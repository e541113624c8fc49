"""Parsing the cells of the roster."""

import datetime as dt
import re
from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidInput
from offices.hours.models import OpeningHours
from offices.rosters.selectors import ShiftData

HOURS_TYPED = r"(?P<starts>\d{1,2}(?:[.:]\d{2})?)\s*[-–]\s*(?P<ends>\d{1,2}(?:[.:]\d{2})?)"
SHIFT_TYPED = re.compile(
    rf"(?:(?P<counter>\*|[a-z0-9-]+)(?:\s+{HOURS_TYPED})?)", re.ASCII | re.IGNORECASE
)
ONLY_HOURS = re.compile(HOURS_TYPED, re.ASCII)


def read_cell(
    text: str, *, officer_id: int, day: dt.date, hours: OpeningHours, counters: Mapping[str, int]
) -> list[ShiftData]:
    """Parse a cell of the roster: `1`, `*`, `1 8-12, * 13-15`. Raises InvalidInput."""
    shifts = []
    for part in filter(None, (one.strip() for one in text.split(","))):
        match = ONLY_HOURS.fullmatch(part) or SHIFT_TYPED.fullmatch(part)
        if match is None:
            raise InvalidInput(_("Isi misalnya 1, * atau 1 8-12."))
        typed = match.groupdict()
        code = (typed.get("counter") or "*").lower()
        if code != "*" and code not in counters:
            raise InvalidInput(
                _("Tidak ada loket %(code)s. Yang ada: %(known)s."),
                code=code,
                known=", ".join(counters),
            )
        starts, ends = typed.get("starts"), typed.get("ends")
        shifts.append(
            ShiftData(
                officer_id,
                day,
                _typed_hour(starts) if starts else hours.opens,
                _typed_hour(ends) if ends else hours.closes,
                None if code == "*" else counters[code],
            )
        )
    return shifts


def _typed_hour(text: str) -> dt.time:
    hour, _dot, minute = text.replace(":", ".").partition(".")
    try:
        return dt.time(int(hour), int(minute or 0))
    except (ValueError, OverflowError):
        raise InvalidInput(
            _("%(text)s bukan jam yang benar. Isi misalnya 8 atau 08.30."), text=text
        ) from None
