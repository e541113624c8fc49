"""The kinds of messages. Each app registers its own, because `notices` imports from no app above it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

Context = Mapping[str, Any]
Row = tuple[str, str]
Action = tuple[str, str]


class Group(StrEnum):
    """What a kind of message is about: decides who may get it and how many (`notices.budgets`)."""

    ACCESS = "access"  # links that confirm an address or open an account; to any address
    SECURITY = "security"  # changes of an account
    OWN = "own"  # the recipient's own bookings, entries and visits
    OFFICE = "office"  # the office moved or cancelled a booking: always sent
    OPTIONAL = "optional"  # reminders and subscriptions, which the recipient can stop
    STAFF = "staff"  # officers' work


@dataclass(frozen=True, kw_only=True)
class MessageKind:
    """One kind of message.

    `optional` are keys that rows of an earlier version lack; then they are "". Its sentences are in `templates/notices/<name>/subject.txt` and `body.txt`. `keys` are the names
    that the context of every row of this kind holds. The functions run at delivery, in the language
    of the message: `texts` returns more values for the templates, `rows` the table of labels and
    values, `bring` what to bring, `action` the label and address of the button, `calendar` the text
    of an .ics file. The text and the context of a secret kind are removed once it is sent.
    `unsubscribe` is the key of the context with the link that stops this kind; mail programs show it
    as a button. With `has_own_confirmation`, the address was confirmed for this kind itself.
    """

    name: str
    keys: frozenset[str]
    optional: frozenset[str] = frozenset()
    texts: Callable[[Context], Mapping[str, str]] | None = None
    rows: Callable[[Context], Sequence[Row]] | None = None
    bring: Callable[[Context], Sequence[str]] | None = None
    action: Callable[[Context], Action] | None = None
    calendar: Callable[[Context], str] | None = None
    is_secret: bool = False
    group: Group = Group.OWN
    unsubscribe: str = ""
    has_own_confirmation: bool = False


KINDS: Final[dict[str, MessageKind]] = {}


def register(*kinds: MessageKind) -> None:
    """Add kinds. Raises ValueError for a name that is taken."""
    for kind in kinds:
        if KINDS.setdefault(kind.name, kind) is not kind:
            raise ValueError(f"two kinds of message are called {kind.name}")


def page_url(name: str, *args: Any) -> str:
    """Return the absolute address of a page, by the name of its URL."""
    return f"{settings.PUBLIC_URL}{reverse(name, args=args)}"
