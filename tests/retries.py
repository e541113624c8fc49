"""Retries as a user does."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.errors import Busy


def press_again(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Repeat a request after a "busy" response, as the message asks: nothing was changed yet.

    On a loaded machine, threads of one interpreter may hold locks longer than the lock timeout.
    """
    for _try in range(9):
        with suppress(Busy):
            return call(*args, **options)
    return call(*args, **options)
