"""Sentences that other apps add to the form of a quota, such as the demand of the coming week.

Quotas know neither counters' history nor forecasts; the app that does registers a function here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from offices.directory.models import Office

# From an office, a lane, a group and the time to a sentence, or None.
Hint = Callable[[Office, str, int, datetime], str | None]
# The fields of the quota form that a link may fill in.
FILLED: Final = ("base", "percent", "valid_from")
_hints: list[Hint] = []


def register_hint(hint: Hint) -> None:
    """Add a function whose sentence is shown above the form of a quota."""
    if hint not in _hints:
        _hints.append(hint)


def hints_for(office: Office, *, lane: str, group: int, now: datetime) -> list[str]:
    """Return the sentences about a lane's quota."""
    texts = (hint(office, lane, group, now) for hint in _hints)
    return [text for text in texts if text]


def filled_in(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return initial values of the quota form from a link; the form checks them when it is sent."""
    return {name: query[name][:20] for name in FILLED if query.get(name)}
