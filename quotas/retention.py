"""How long subscriptions to opening alerts are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import DataKind, register
from quotas.watches.models import OpeningWatch
from quotas.watches.services import delete_watches


def overdue_watches(before: datetime) -> QuerySet[Any]:
    """Subscriptions requested but not confirmed, or stopped, before a time."""
    never_confirmed = Q(requested_at__lt=before, confirmed_at__isnull=True)
    return OpeningWatch.objects.filter(never_confirmed | Q(stopped_at__lt=before))


def _watches(*, ids: Sequence[Any], now: datetime) -> None:
    delete_watches(watch_ids=ids)


register(
    DataKind(
        name="watches",
        label=_("permintaan pemberitahuan pembukaan yang tidak diverifikasi atau dihentikan"),
        since=_("sejak diminta atau dihentikan"),
        default_days=30,
        # The link that confirms a subscription is valid for some days.
        least_days=7,
        overdue=overdue_watches,
        erase=_watches,
    )
)
