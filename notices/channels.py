"""By which channels an account's messages go: e-mail always is the first, copies by phone follow.

The e-mail's row is written with the event. When it is first due, one row for each chosen phone channel is
written in the transaction that admits it, so a booking pays nothing for them and none is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from notices.budgets import address_key
from notices.models import Message
from notices.topics import TOPIC_OF, Topic


@dataclass(frozen=True)
class Wanted:
    """What the owner of an address chose for a topic: e-mail or not, and (channel, phone number)."""

    by_email: bool = True
    by_phone: tuple[tuple[str, str], ...] = field(default=())


Choice = Callable[[str, Topic], Wanted]
_choices: Final[list[Choice]] = []


def register_choice(choice: Choice) -> None:
    """Register the function that knows what the owner of an e-mail address chose."""
    _choices.append(choice)


def wanted_for(message: Message) -> Wanted:
    """Return what the recipient of an e-mail chose. A kind without a topic goes by e-mail only."""
    topic = TOPIC_OF.get(message.kind)
    if topic is None or message.channel != Message.Channel.EMAIL:
        return Wanted()
    wanted = next((choice(message.address, topic) for choice in _choices), Wanted())
    is_needed = topic.is_essential or message.is_always_sent
    return Wanted(wanted.by_email or is_needed, wanted.by_phone)


def write_copies(message: Message, wanted: Wanted, *, now: datetime) -> None:
    """Write the rows of the phone channels, in the caller's transaction. Safe to repeat."""
    Message.objects.bulk_create(
        [
            Message(
                kind=message.kind,
                dedupe_key=f"{message.dedupe_key}:{channel}",
                channel=channel,
                address=number,
                language=message.language,
                context=message.context,
                about_type=message.about_type,
                about_id=message.about_id,
                office_code=message.office_code,
                request_id=message.request_id,
                created_at=now,
                due_at=now,
                next_at=now,
                is_always_sent=message.is_always_sent,
                address_key=address_key(number),
            )
            for channel, number in wanted.by_phone
        ],
        ignore_conflicts=True,
    )
