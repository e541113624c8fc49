"""Who causes the messages of a request: for their budgets, never for their text."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Origin:
    """The signed-in account, unless it is an officer's, and a keyed hash of the network of a request."""

    account_number: int | None = None
    network_key: str = ""


NOBODY: Final = Origin()
# Set by `accounts.middleware` for each request; read only when a message is written.
READ: Final[ContextVar[Callable[[], Origin] | None]] = ContextVar("message_origin", default=None)


def current() -> Origin:
    """Return the origin of this request's messages. A task has none."""
    read = READ.get()
    return read() if read else NOBODY
