"""Who opened whose record: in aggregate for the person, in detail for the data protection officer."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from offices.reads.models import PersonRead
from privacy.reads.models import ReadingDay

SHOWN_TO_PEOPLE: Final = timedelta(days=365)
# The first part of a screen's name that fits, as people call the work that it serves.
SCREENS: Final = (
    ("counters:gate", _("Gerbang")),
    ("counters:counter", _("Loket")),
    ("counters:production", _("Pengerjaan paspor")),
    ("counters:pickup", _("Pengambilan paspor")),
    ("counters:hand_over", _("Pengambilan paspor")),
    ("counters:today", _("Antrean hari ini")),
    ("counters:paper", _("Daftar cetak")),
    ("counters:from_paper", _("Daftar cetak")),
    ("reports:paper_list", _("Daftar cetak")),
    ("closures:", _("Penutupan kantor")),
    ("brokers:contest", _("Sengketa nomor identitas")),
    ("brokers:restriction", _("Pembatasan")),
    ("protection:", _("Permintaan data pribadi")),
    ("admin:", _("Daftar data")),
)
OTHER: Final = _("Layar petugas lain")


def screen_label(screen: str) -> str:
    """Return how people call a screen."""
    return str(next((label for start, label in SCREENS if screen.startswith(start)), OTHER))


def reads_of(applicant_ids: Sequence[int]) -> QuerySet[PersonRead]:
    """Return the screens that showed these people, latest first."""
    return PersonRead.objects.filter(applicant_ids__overlap=list(applicant_ids))


def reads_by_screen(applicant_ids: Sequence[int], *, now: datetime) -> list[tuple[str, str, int]]:
    """Return office, screen and number of times that officers opened these people's records in a year."""
    rows = reads_of(applicant_ids).filter(at__gte=now - SHOWN_TO_PEOPLE)
    counts: Counter[tuple[str, str]] = Counter()
    for office, screen in rows.values_list("office__name", "screen"):
        counts[office or "", screen_label(screen)] += 1
    return [(office, screen, number) for (office, screen), number in sorted(counts.items())]


def days_to_review() -> QuerySet[Any]:
    """Return unusual days that nobody has reviewed."""
    return ReadingDay.objects.filter(is_unusual=True, reviewed_at__isnull=True)
