"""The text of a message in the outbox when it is delivered."""

from notices.composing import compose
from notices.kinds import KINDS
from notices.models import Message
from notices.snapshots import from_json


def text_of(message: Message) -> str:
    """Return subject and body as they would be sent now."""
    composed = compose(message)
    return f"{composed.subject}\n\n{composed.body}"


def calendar_of(message: Message) -> str:
    return compose(message).calendar


def link_of(message: Message) -> str:
    """Return the address of the message's button."""
    action = KINDS[message.kind].action
    assert action is not None
    return action(from_json(message.context))[1]
