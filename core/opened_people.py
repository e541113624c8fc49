"""Collects the people whose records a screen loads, for the read audit."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_opened: Final[ContextVar[set[int] | None]] = ContextVar("opened_people", default=None)


@contextmanager
def collect_opened_people() -> Iterator[set[int]]:
    """Yield a set to which every person loaded from the database inside the block is added."""
    people: set[int] = set()
    token = _opened.set(people)
    try:
        yield people
    finally:
        _opened.reset(token)


def add_opened_person(person_id: int) -> None:
    """Add a person to the current set, if a screen collects them."""
    people = _opened.get()
    if people is not None:
        people.add(person_id)
