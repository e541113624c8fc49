"""Retrying as a user does."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.errors import Busy


def press_again(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Repeat a request that is answered "busy", as that message asks: nothing was changed yet.

    Threads of one interpreter on a loaded machine may hold their locks longer than a lock wait lasts.
    """
    for _try in range(9):
        with suppress(Busy):
            return call(*args, **options)
    return call(*args, **options)
