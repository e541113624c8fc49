"""How long the record of who opened whose data is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import DataKind, register
from offices.reads.models import PersonRead
from offices.reads.services import delete_reads


def overdue_reads(before: datetime) -> QuerySet[Any]:
    """Records of reading before a time."""
    return PersonRead.objects.filter(at__lt=before)


def _reads(*, ids: Sequence[Any], now: datetime) -> None:
    delete_reads(read_ids=ids)


register(
    DataKind(
        name="read_records",
        label=_("catatan petugas mana membuka data siapa"),
        since=_("sejak dibuka"),
        default_days=730,
        # People see a year of it on their account page.
        least_days=365,
        overdue=overdue_reads,
        erase=_reads,
    )
)
