"""What else follows a message that is queued: apps above register a function that writes it.

So there is one list of what happened to an account, the queue of its messages.
"""

from collections.abc import Callable, Sequence
from typing import Final

from notices.models import Message

Follower = Callable[[Sequence[Message]], None]
_followers: Final[list[Follower]] = []


def register_follower(follow: Follower) -> None:
    """Register a function that is called with messages in the transaction that has inserted them."""
    _followers.append(follow)


def call_followers(messages: Sequence[Message]) -> None:
    """Call every registered function."""
    for follow in _followers:
        follow(messages)
