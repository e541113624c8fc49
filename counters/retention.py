"""How long notes of interviews, names of collectors and checks at the gate are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import ERASED_TEXT, DataKind, register
from counters.pickup.models import Pickup
from counters.pickup.services import erase_collectors
from counters.screening.models import Screening
from counters.screening.services import erase_screenings
from counters.visits.models import Visit
from counters.visits.services import erase_notes


def overdue_notes(before: datetime) -> QuerySet[Any]:
    """Visits that ended before a time and still have notes."""
    rows = Visit.objects.filter(ended_at__lt=before, booking__applicant__restricted_at=None)
    return rows.exclude(notes="", missing="")


def overdue_collectors(before: datetime) -> QuerySet[Any]:
    """Passports collected before a time, with the collector's name."""
    rows = Pickup.objects.filter(at__lt=before, book__applicant__restricted_at=None)
    return rows.exclude(collector_name=ERASED_TEXT, evidence=ERASED_TEXT)


def overdue_screenings(before: datetime) -> QuerySet[Any]:
    """Checks at the gate before a time that still name a booking."""
    return Screening.objects.filter(
        at__lt=before, booking__isnull=False, booking__applicant__restricted_at=None
    )


def _notes(*, ids: Sequence[Any], now: datetime) -> None:
    erase_notes(visit_ids=ids)


def _collectors(*, ids: Sequence[Any], now: datetime) -> None:
    erase_collectors(pickup_ids=ids)


def _screenings(*, ids: Sequence[Any], now: datetime) -> None:
    erase_screenings(screening_ids=ids, now=now)


register(
    DataKind(
        name="visit_notes",
        label=_("catatan wawancara dan berkas yang kurang"),
        since=_("sejak kunjungan selesai"),
        default_days=365,
        # An incomplete visit may be completed later.
        least_days=60,
        overdue=overdue_notes,
        erase=_notes,
    ),
    DataKind(
        name="collectors",
        label=_("nama pengambil paspor dan bukti yang dilihat"),
        since=_("sejak pengambilan"),
        default_days=1825,
        least_days=365,
        overdue=overdue_collectors,
        erase=_collectors,
    ),
    DataKind(
        name="screenings",
        label=_("pemeriksaan kesehatan di gerbang: suhu badan dan hasilnya"),
        since=_("sejak diperiksa"),
        default_days=30,
        # Health data. A decision of the task force is asked about in the days after it.
        least_days=7,
        overdue=overdue_screenings,
        erase=_screenings,
    ),
)
