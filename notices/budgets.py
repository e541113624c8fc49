"""How many messages an address, an account and a network get: what keeps messages from being a weapon.

Decided once for each message, when it is first due, and counted from the rows themselves: a message
counts for the hour in which it was written. What is over a budget stays as a row with its reason.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import connection

from core.crypto import keyed_hash
from notices.kinds import KINDS, Group
from notices.models import Message

# Providers that ignore dots in the part before the @, and their names for the same mailbox.
WITHOUT_DOTS: Final = {"gmail.com": "gmail.com", "googlemail.com": "gmail.com"}
LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
Reason = Message.Suppression


@dataclass(frozen=True)
class Budget:
    """The most messages of a group within some hours; `by` is the field of the row that is counted."""

    by: str
    hours: int
    most: int
    reason: Message.Suppression


def address_key(address: str) -> str:
    """Return the keyed hash of the mailbox: the same for every spelling that reaches it."""
    local, _at, domain = address.strip().lower().rpartition("@")
    local = re.sub(r"\+.*", "", local, flags=re.DOTALL) or local
    if domain in WITHOUT_DOTS:
        domain, local = WITHOUT_DOTS[domain], local.replace(".", "")
    return keyed_hash("message-address", f"{local}@{domain}")


def reason_to_suppress(message: Message) -> str:
    """Return why a message is not sent, or "". The caller is in a transaction and then stores the decision.

    Messages with one of the same keys are decided one after the other.
    """
    if message.is_always_sent:
        return ""
    kind = KINDS[message.kind]
    budgets = _budgets(kind.group)
    # A phone number is used only after its code was entered (`accounts.phones`).
    is_email = message.channel == Message.Channel.EMAIL
    if is_email and not kind.has_own_confirmation and not _is_confirmed(message.address):
        if kind.group == Group.OPTIONAL:
            return Reason.UNCONFIRMED
        if kind.group == Group.OWN:
            most = settings.MESSAGES_TO_UNCONFIRMED_A_DAY
            budgets = [Budget("address_key", 24, most, Reason.UNCONFIRMED_DAY), *budgets]
    budgets = [budget for budget in budgets if getattr(message, budget.by)]
    _lock(message, {budget.by for budget in budgets})
    return next((row.reason for row in budgets if _is_used_up(row, message, kind.group)), "")


def _budgets(group: Group) -> list[Budget]:
    fields = {
        "address": ("address_key", Reason.ADDRESS),
        "account": ("account_number", Reason.ACCOUNT),
        "network": ("network_key", Reason.NETWORK),
    }
    return [
        Budget(fields[by][0], hours, most, fields[by][1])
        for by, hours, most in settings.MESSAGE_BUDGETS[group]
    ]


def _is_confirmed(address: str) -> bool:
    return EmailAddress.objects.filter(email=address.strip().lower(), verified=True).exists()


def _lock(message: Message, fields: set[str]) -> None:
    """Lock the keys that are counted, always in the same order."""
    names = sorted(f"message:{field}:{getattr(message, field)}" for field in fields)
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(LOCK, [name])


def _is_used_up(budget: Budget, message: Message, group: Group) -> bool:
    span = timedelta(hours=budget.hours)
    rows = Message.objects.filter(
        **{budget.by: getattr(message, budget.by)},
        kind__in=[kind.name for kind in KINDS.values() if kind.group == group],
        is_always_sent=False,
        admitted_at__isnull=False,
        created_at__gt=message.created_at - span,
        created_at__lt=message.created_at + span,
    )
    return rows.count() >= budget.most
