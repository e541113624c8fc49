"""Which messages an account gets, and by which channels."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import MessagePreference, User
from accounts.phones import confirmed_number
from notices.budgets import address_key
from notices.channels import Wanted, register_choice
from notices.models import Message
from notices.topics import BY_PHONE, TOPICS, Channel, Topic, offers

SHOWN_FOR: Final = timedelta(days=90)
MOST_SHOWN: Final = 50


def choices_of(user_id: int) -> dict[tuple[str, str], bool]:
    """Return for each topic and channel that can be chosen whether it is on."""
    rows = MessagePreference.objects.filter(user_id=user_id)
    chosen = {(row.topic, row.channel): row.is_on for row in rows}
    return {
        key: chosen.get(key, offer.is_preset) for key, offer in offers().items() if offer.is_offered
    }


def is_fixed(topic: Topic, channel: str) -> bool:
    """True if a topic cannot be turned off by this channel."""
    return topic.is_essential and channel == Channel.EMAIL


@transaction.atomic
def set_choices(*, user_id: int, on: Iterable[tuple[str, str]], now: datetime) -> None:
    """Turn exactly these topics and channels on. What is not offered, or fixed, does not change."""
    User.objects.select_for_update(no_key=True).get(pk=user_id)
    wanted, before = set(on), choices_of(user_id)
    topics = {topic.code: topic for topic in TOPICS}
    for (code, channel), was_on in before.items():
        is_on = (code, channel) in wanted
        if is_on == was_on or is_fixed(topics[code], channel):
            continue
        MessagePreference.objects.update_or_create(
            user_id=user_id,
            topic=code,
            channel=channel,
            defaults={"is_on": is_on, "changed_at": now},
        )


def messages_of(user: User, *, now: datetime) -> list[Message]:
    """Return the newest messages to the account's confirmed addresses, of the last 90 days.

    Anybody can sign up with a stranger's address: only a confirmed one shows what was sent to it.
    """
    rows = EmailAddress.objects.filter(user=user, verified=True)
    addresses = [*rows.values_list("email", flat=True), confirmed_number(user.pk)]
    keys = [address_key(address) for address in addresses if address]
    sent = Message.objects.filter(address_key__in=keys, created_at__gt=now - SHOWN_FOR)
    return list(sent.exclude(address="").order_by("-pk")[:MOST_SHOWN])


def _choice(address: str, topic: Topic) -> Wanted:
    """Return what the account of an e-mail address chose."""
    user = User.objects.filter(email=address, is_active=True).first()
    if user is None:
        return Wanted()
    choices = choices_of(user.pk)
    by_email = choices.get((topic.code, Channel.EMAIL), False)
    wanted = [channel for channel in BY_PHONE if choices.get((topic.code, channel))]
    number = confirmed_number(user.pk) if wanted else ""
    return Wanted(by_email, tuple((str(channel), number) for channel in wanted if number))


register_choice(_choice)
