"""How long notes, estimates of waits, data about collectors and checks at the gate are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import ERASED_TEXT, DataKind, register
from counters.authority.models import AuthorityLetter
from counters.authority.services import erase_letters
from counters.complaints.models import Complaint
from counters.complaints.services import erase_complaints
from counters.drive_thru.models import DriveThruVisit
from counters.drive_thru.services import erase_plates
from counters.estimates.models import LateVisit, WaitEstimate
from counters.estimates.services import delete_estimates, erase_late_notes
from counters.pickup.models import Pickup, PickupFile
from counters.pickup.services import erase_collectors, erase_files
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


def overdue_files(before: datetime) -> QuerySet[Any]:
    """Letters of authority and signatures of passports collected before a time."""
    rows = PickupFile.objects.filter(
        pickup__at__lt=before, pickup__book__applicant__restricted_at=None
    )
    return rows.exclude(data="").defer("data")


def overdue_plates(before: datetime) -> QuerySet[Any]:
    """Drive-thru visits of hours before a time, with the plate of the vehicle."""
    rows = DriveThruVisit.objects.filter(
        hour__ends_at__lt=before, book__applicant__restricted_at=None
    )
    return rows.exclude(plate="")


def _files(*, ids: Sequence[Any], now: datetime) -> None:
    erase_files(file_ids=ids)


def _plates(*, ids: Sequence[Any], now: datetime) -> None:
    erase_plates(visit_ids=ids)


def overdue_estimates(before: datetime) -> QuerySet[Any]:
    """Estimates that were made before a time. The score of the day stays; it names nobody."""
    return WaitEstimate.objects.filter(
        predicted_at__lt=before, visit__booking__applicant__restricted_at=None
    )


def overdue_late_notes(before: datetime) -> QuerySet[Any]:
    """Reasons for late visits given before a time that still have a note."""
    rows = LateVisit.objects.filter(at__lt=before, visit__booking__applicant__restricted_at=None)
    return rows.exclude(note="")


def _estimates(*, ids: Sequence[Any], now: datetime) -> None:
    delete_estimates(estimate_ids=ids)


def _late_notes(*, ids: Sequence[Any], now: datetime) -> None:
    erase_late_notes(late_ids=ids)


def _screenings(*, ids: Sequence[Any], now: datetime) -> None:
    erase_screenings(screening_ids=ids, now=now)


def overdue_letters(before: datetime) -> QuerySet[Any]:
    """Letters of authority made before a time that still name somebody."""
    return AuthorityLetter.objects.filter(
        made_at__lt=before, erased_at__isnull=True, book__applicant__restricted_at=None
    )


def _letters(*, ids: Sequence[Any], now: datetime) -> None:
    erase_letters(letter_ids=ids, now=now)


def overdue_complaints(before: datetime) -> QuerySet[Any]:
    """Complaints answered before a time that still have a text."""
    return Complaint.objects.filter(answered_at__lt=before, erased_at__isnull=True)


def _complaints(*, ids: Sequence[Any], now: datetime) -> None:
    erase_complaints(complaint_ids=ids, now=now)


register(
    DataKind(
        name="complaints",
        label=_("isi pengaduan, jawabannya, dan alamat surelnya"),
        since=_("sejak dijawab"),
        default_days=365,
        # The person who complained may take the answer to the ombudsman.
        least_days=60,
        overdue=overdue_complaints,
        erase=_complaints,
    ),
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
        name="authority_letters",
        label=_("nama dan NIK penerima kuasa dalam surat kuasa"),
        since=_("sejak surat dibuat"),
        default_days=180,
        # A passport can be collected for some months.
        least_days=60,
        overdue=overdue_letters,
        erase=_letters,
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
        name="pickup_files",
        label=_("foto surat kuasa dan tanda tangan pengambil"),
        since=_("sejak pengambilan"),
        default_days=1825,
        least_days=90,
        overdue=overdue_files,
        erase=_files,
    ),
    DataKind(
        name="vehicle_plates",
        label=_("nomor kendaraan di jalur drive-thru"),
        since=_("sejak jam pengambilan"),
        default_days=7,
        least_days=1,
        overdue=overdue_plates,
        erase=_plates,
    ),
    DataKind(
        name="screenings",
        label=_("pemeriksaan kesehatan di gerbang: suhu badan dan hasilnya"),
        since=_("sejak diperiksa"),
        default_days=30,
        # Health data. Questions about a decision of the task force come within days.
        least_days=7,
        overdue=overdue_screenings,
        erase=_screenings,
    ),
    DataKind(
        name="wait_estimates",
        label=_("perkiraan tunggu dan lama menunggu yang sebenarnya, per kunjungan"),
        since=_("sejak diperkirakan"),
        default_days=90,
        # A small office learns the width of its range from the estimates of some weeks.
        least_days=30,
        overdue=overdue_estimates,
        erase=_estimates,
    ),
    DataKind(
        name="late_notes",
        label=_("catatan petugas tentang kunjungan yang lewat dua jam"),
        since=_("sejak dicatat"),
        default_days=365,
        # A supervisor may correct a reason for a week.
        least_days=7,
        overdue=overdue_late_notes,
        erase=_late_notes,
    ),
)
