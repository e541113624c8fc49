"""What else follows a message: apps above register a function that writes it when the message is due.

So there is one list of what happened to an account, the queue of its messages.
"""

from collections.abc import Callable
from typing import Final

from notices.models import Message

Follower = Callable[[Message], None]
_followers: Final[list[Follower]] = []


def register_follower(follow: Follower) -> None:
    """Register a function that is called once for each due message, in a transaction. A withdrawn one has none."""
    _followers.append(follow)


def call_followers(message: Message) -> None:
    """Call every registered function."""
    for follow in _followers:
        follow(message)
