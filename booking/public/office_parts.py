"""Facts about an office that apps above this one add to its page."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from offices.directory.models import Office


@dataclass(frozen=True)
class OfficePart:
    """A fact with its title; `url` leads to the page with the details."""

    title: str
    text: str
    icon: str
    url: str = ""


# Functions that return the fact about an office at a time, or None. Apps above register theirs.
OFFICE_PARTS: list[Callable[[Office, dt.datetime], OfficePart | None]] = []


def parts_of(office: Office, now: dt.datetime) -> list[OfficePart]:
    """Return the facts that other apps know about an office."""
    return [part for make in OFFICE_PARTS if (part := make(office, now)) is not None]
