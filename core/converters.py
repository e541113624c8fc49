"""URL path converters."""

import datetime as dt

from core.dates import parse_day


class DayConverter:
    """A service day as 2026-12-04; anything else does not match."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> dt.date:
        day = parse_day(value)
        if day is None:
            raise ValueError(value)
        return day

    def to_url(self, value: dt.date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class IdConverter:
    """The number of a row; a number beyond 63 bits does not match."""

    regex = r"[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return str(value)
