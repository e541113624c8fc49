"""The text of a message in the outbox when it is delivered."""

from functools import partial
from urllib.parse import urlsplit

from django.test import Client

from core import clock
from notices import links
from notices.composing import Composed, compose
from notices.kinds import KINDS
from notices.models import Message
from notices.snapshots import from_json


def text_of(message: Message) -> str:
    """Return subject and body as they would be sent now."""
    composed = as_sent(message)
    return f"{composed.subject}\n\n{composed.body}"


def as_sent(message: Message) -> Composed:
    return compose(message, partial(_mint, message))


def _mint(message: Message, target: str) -> str:
    return links.mint(target, message_id=message.pk, now=clock.now())


def calendar_of(message: Message) -> str:
    return as_sent(message).calendar


def link_of(message: Message) -> str:
    """Return the address of the message's button."""
    action = KINDS[message.kind].action
    assert action is not None
    context = links.resolved(from_json(message.context), partial(_mint, message))
    return action(context)[1]


def path_of(address: str) -> str:
    """Return an address of this site without its host."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def open_link(client: Client, address: str) -> str:
    """Open a link of a message and return the address to which it leads: without its token."""
    answer = client.get(path_of(address))
    assert answer.status_code == 303
    return answer["Location"]
