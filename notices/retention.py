"""How long messages are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import DataKind, register
from notices.models import Message
from notices.services import erase_messages


def overdue_messages(before: datetime) -> QuerySet[Any]:
    """Messages recorded before a time that still have their address or text, except those not yet delivered."""
    rows = Message.objects.filter(created_at__lt=before)
    rows = rows.filter(Q(sent_at__isnull=False) | Q(given_up_at__isnull=False))
    return rows.exclude(address="")


def _erase(*, ids: Sequence[Any], now: datetime) -> None:
    erase_messages(message_ids=ids)


register(
    DataKind(
        name="messages",
        label=_("alamat dan isi pesan"),
        since=_("sejak pesan dicatat"),
        default_days=365,
        least_days=90,
        overdue=overdue_messages,
        erase=_erase,
    )
)
