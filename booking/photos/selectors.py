"""Reads of photos of documents."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from booking.applications.documents import document_text, documents_of
from booking.applications.models import PassportApplication
from booking.applications.requirements import Document
from booking.applications.services import day_of_visit
from booking.bookings.models import Booking
from booking.files.models import StoredFile
from booking.photos.models import DocumentPhoto
from booking.statuses import LIVE
from core.clock import local_day
from core.errors import NotFound
from core.languages import localized
from offices.directory.models import ServiceType


@dataclass(frozen=True)
class PhotoRow:
    """A document of an application and its photo, if there is one.

    `is_needed` is False for a photo of a document that the application no longer needs.
    """

    code: str
    name: str
    photo: DocumentPhoto | None
    is_needed: bool


def application_of_account(
    account_id: int, applicant_id: int, service_type: str
) -> PassportApplication:
    """Return the application of one of the account's people. Raises NotFound."""
    rows = PassportApplication.objects.select_related("applicant", "service_type__group")
    application = rows.filter(
        applicant=applicant_id,
        applicant__account=account_id,
        applicant__removed_at__isnull=True,
        service_type__code=service_type,
    ).first()
    if application is None:
        raise NotFound
    return application


def documents_for_photos(application: PassportApplication, *, now: datetime) -> list[Document]:
    """Return the documents that the application needs on the day of the visit, without one today."""
    person, service = application.applicant, application.service_type
    day = day_of_visit(person, service, today=local_day(now, settings.TIME_ZONE))
    return documents_of(person, service, application, day)


def photo_rows(application: PassportApplication, *, now: datetime) -> list[PhotoRow]:
    """Return the application's documents with their photos, then the photos no longer needed."""
    photos = {row.document: row for row in application.photos.order_by("pk")}
    rows = [
        PhotoRow(document.code, document_text(document), photos.pop(document.code, None), True)
        for document in documents_for_photos(application, now=now)
    ]
    names = _names(application.service_type)
    return rows + [
        PhotoRow(code, names.get(code, code), photo, False) for code, photo in photos.items()
    ]


def _names(service: ServiceType) -> dict[str, str]:
    return {row["code"]: localized(row) for row in service.documents}


def photo_file(application: PassportApplication, document: str) -> StoredFile | None:
    """Return the file with the photo of a document, or None."""
    return StoredFile.objects.filter(
        photo__application=application, photo__document=document
    ).first()


def application_with_photos(
    applicant_id: int, service_type_id: int
) -> tuple[PassportApplication | None, set[str]]:
    """Return a person's application for a service, and the codes of its documents with a photo. One query."""
    photographed = DocumentPhoto.objects.filter(application=OuterRef("pk")).values("document")
    rows = PassportApplication.objects.select_related("service_type").filter(
        applicant=applicant_id, service_type=service_type_id
    )
    application = rows.annotate(photographed=ArraySubquery(photographed)).first()
    return application, set(getattr(application, "photographed", ()))


def photo_file_of_booking(booking_id: UUID, document: str, *, now: datetime) -> StoredFile | None:
    """Return the photo of a document of a booking's application, for an officer of its office.

    None unless the booking is live or was for today: the office may not read photos for other visits.
    None also for a person whose data may not be used.
    """
    booking = (
        Booking.objects.select_related("applicant", "office", "slot").filter(pk=booking_id).first()
    )
    if booking is None or booking.applicant is None or booking.applicant.restricted_at is not None:
        return None
    is_today = booking.slot.day == booking.office.local_day(now)
    if booking.status not in LIVE and not is_today:
        return None
    return StoredFile.objects.filter(
        photo__application__applicant=booking.applicant_id,
        photo__application__service_type=booking.service_type_id,
        photo__document=document,
    ).first()
