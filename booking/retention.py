"""How long the data of applications, bookings, restrictions, contests and signals are kept.

People themselves are in `privacy.erasure`: whether a person is still needed also depends on counters.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from booking.applications.models import ApplicationDraft, PassportApplication
from booking.applications.services import delete_drafts, erase_applications
from booking.bookings.changes import erase_device_keys
from booking.bookings.models import Booking, Party
from booking.files.models import StoredFile
from booking.files.services import erase_stored_files
from booking.integrity.broker_signals import delete_signals
from booking.integrity.contests import erase_evidence
from booking.integrity.models import BrokerSignal, Contest
from booking.objections.models import Objection
from booking.objections.services import erase_objections
from booking.payments.models import PaymentCase
from booking.payments.services import erase_reasons
from booking.photos.models import DocumentPhoto
from booking.photos.services import erase_photos
from booking.refusals.models import Refusal
from booking.refusals.services import KEPT_FOR, delete_refusals
from booking.restrictions.models import Restriction
from booking.restrictions.services import erase_appeals
from booking.statuses import LIVE
from core.retention import ERASED_TEXT, DataKind, register


def overdue_applications(before: datetime) -> QuerySet[Any]:
    """Applications last changed before a time, without a booking that is live or ended later."""
    needed = Booking.objects.filter(
        Q(status__in=LIVE) | Q(slot__ends_at__gte=before), applicant=OuterRef("applicant")
    )
    rows = PassportApplication.objects.filter(~Exists(needed), changed_at__lt=before)
    return rows.filter(applicant__restricted_at=None).exclude(purpose="", documents={})


def overdue_drafts(before: datetime) -> QuerySet[Any]:
    """Unfinished applications last changed before a time."""
    rows = ApplicationDraft.objects.filter(changed_at__lt=before)
    return rows.filter(applicant__restricted_at=None)


def overdue_device_keys(before: datetime) -> QuerySet[Any]:
    """Bookings made before a time that still have the hash of a browser."""
    return Party.objects.filter(created_at__lt=before).exclude(device_key="")


def overdue_appeals(before: datetime) -> QuerySet[Any]:
    """Appeals against restrictions that ended before a time."""
    rows = Restriction.objects.filter(until_at__lt=before, appealed_at__isnull=False)
    return rows.filter(erased_at__isnull=True, applicant__restricted_at=None)


def overdue_stored_files(before: datetime) -> QuerySet[Any]:
    """Proofs of appeals handed in before a time, whose appeal is not open, and that still have their content."""
    rows = StoredFile.objects.filter(
        kind=StoredFile.Kind.EXCUSE, kept_at__lt=before, erased_at__isnull=True
    )
    is_open = Q(restriction__kept_at__isnull=True, restriction__lifted_at__isnull=True)
    rows = rows.exclude(is_open & Q(restriction__until_at__gte=before))
    return rows.exclude(restriction__applicant__restricted_at__isnull=False).defer("data")


def overdue_photos(before: datetime) -> QuerySet[Any]:
    """Photos sent before a time, without a booking that is live or ended later, and those of removed people."""
    needed = Booking.objects.filter(
        Q(status__in=LIVE) | Q(slot__ends_at__gte=before),
        applicant=OuterRef("application__applicant"),
    )
    is_old = ~Exists(needed) & Q(kept_at__lt=before)
    rows = DocumentPhoto.objects.filter(
        is_old | Q(application__applicant__removed_at__isnull=False)
    )
    return rows.filter(application__applicant__restricted_at=None)


def overdue_objections(before: datetime) -> QuerySet[Any]:
    """Objections decided before a time with their text."""
    return Objection.objects.filter(decided_at__lt=before, erased_at__isnull=True)


def overdue_evidence(before: datetime) -> QuerySet[Any]:
    """Contests decided before a time with a description of a document."""
    return Contest.objects.filter(decided_at__lt=before).exclude(evidence__in=["", ERASED_TEXT])


def overdue_payment_reasons(before: datetime) -> QuerySet[Any]:
    """Decisions about payments made before a time with the officer's reason."""
    rows = PaymentCase.objects.filter(resolved_at__lt=before)
    return rows.exclude(reason__in=["", ERASED_TEXT])


def overdue_signals(before: datetime) -> QuerySet[Any]:
    """Broker signals in which nothing happened since a time."""
    return BrokerSignal.objects.filter(last_at__lt=before)


def overdue_refusals(before: datetime) -> QuerySet[Any]:
    """Refused bookings recorded before a time."""
    return Refusal.objects.filter(at__lt=before)


def _applications(*, ids: Sequence[Any], now: datetime) -> None:
    photos = DocumentPhoto.objects.filter(application__in=ids)
    erase_photos(photo_ids=photos.values_list("pk", flat=True), now=now)
    erase_applications(application_ids=ids)


def _drafts(*, ids: Sequence[Any], now: datetime) -> None:
    delete_drafts(draft_ids=ids)


def _device_keys(*, ids: Sequence[Any], now: datetime) -> None:
    erase_device_keys(party_ids=ids)


def _appeals(*, ids: Sequence[Any], now: datetime) -> None:
    erase_appeals(restriction_ids=ids, now=now)


def _stored_files(*, ids: Sequence[Any], now: datetime) -> None:
    erase_stored_files(file_ids=ids, now=now)


def _photos(*, ids: Sequence[Any], now: datetime) -> None:
    erase_photos(photo_ids=ids, now=now)


def _objections(*, ids: Sequence[Any], now: datetime) -> None:
    erase_objections(objection_ids=ids, now=now)


def _evidence(*, ids: Sequence[Any], now: datetime) -> None:
    erase_evidence(contest_ids=ids)


def _payment_reasons(*, ids: Sequence[Any], now: datetime) -> None:
    erase_reasons(case_ids=ids)


def _signals(*, ids: Sequence[Any], now: datetime) -> None:
    delete_signals(signal_ids=ids)


def _refusals(*, ids: Sequence[Any], now: datetime) -> None:
    delete_refusals(refusal_ids=ids)


register(
    DataKind(
        name="refusals",
        label=_("pemesanan yang ditolak dan alasannya"),
        since=_("sejak penolakan"),
        default_days=KEPT_FOR.days,
        # The screens show the records of these days.
        least_days=KEPT_FOR.days,
        overdue=overdue_refusals,
        erase=_refusals,
    ),
    DataKind(
        name="applications",
        label=_("tujuan perjalanan, kesiapan berkas, izin tinggal, dan orang tua dari anak"),
        since=_("sejak perubahan terakhir atau kunjungan terakhir"),
        default_days=730,
        least_days=90,
        overdue=overdue_applications,
        erase=_applications,
    ),
    DataKind(
        name="application_drafts",
        label=_("permohonan yang belum selesai"),
        since=_("sejak perubahan terakhir"),
        default_days=180,
        # Long enough for a release that opens monthly.
        least_days=60,
        overdue=overdue_drafts,
        erase=_drafts,
    ),
    DataKind(
        name="device_keys",
        label=_("sidik acak perangkat"),
        since=_("sejak pemesanan"),
        default_days=90,
        # Booking limits and signals look back 30 days.
        least_days=31,
        overdue=overdue_device_keys,
        erase=_device_keys,
    ),
    DataKind(
        name="appeals",
        label=_("isi keberatan dan jawabannya"),
        since=_("sejak pembatasan berakhir"),
        default_days=365,
        least_days=30,
        overdue=overdue_appeals,
        erase=_appeals,
    ),
    DataKind(
        name="stored_files",
        label=_("berkas yang diserahkan sebagai bukti keberatan"),
        since=_("sejak diterima"),
        default_days=90,
        least_days=30,
        overdue=overdue_stored_files,
        erase=_stored_files,
    ),
    DataKind(
        name="document_photos",
        label=_("foto berkas permohonan"),
        since=_("sejak diterima atau kunjungan terakhir"),
        default_days=90,
        # Long enough for a release that opens monthly.
        least_days=30,
        overdue=overdue_photos,
        erase=_photos,
    ),
    DataKind(
        name="objections",
        label=_("isi keberatan atas undian dan pemindahan"),
        since=_("sejak keputusan"),
        default_days=365,
        least_days=30,
        overdue=overdue_objections,
        erase=_objections,
    ),
    DataKind(
        name="evidence",
        label=_("bukti yang dilihat dalam sengketa nomor identitas"),
        since=_("sejak keputusan"),
        default_days=730,
        least_days=30,
        overdue=overdue_evidence,
        erase=_evidence,
    ),
    DataKind(
        name="payment_reasons",
        label=_("alasan keputusan tentang pembayaran"),
        since=_("sejak keputusan"),
        # Proof of how state revenue was handled; the amounts stay in the ledger.
        default_days=1825,
        least_days=365,
        overdue=overdue_payment_reasons,
        erase=_payment_reasons,
    ),
    DataKind(
        name="signals",
        label=_("indikasi calo dan catatannya"),
        since=_("sejak kejadian terakhir"),
        default_days=365,
        # A signal that is still within the scan would be found again.
        least_days=31,
        overdue=overdue_signals,
        erase=_signals,
    ),
)
