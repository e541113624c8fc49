"""Keeping, replacing and removing photos of documents."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from booking.applications.models import PassportApplication
from booking.files.models import StoredFile
from booking.files.services import erase_stored_files, keep_file
from booking.people.guardians import refuse_without_guardian
from booking.people.models import Applicant
from booking.photos.models import DocumentPhoto
from booking.photos.selectors import documents_for_photos
from core.db import busy_on_timeout
from core.errors import NotFound
from core.pictures import Picture


def keep_photo(
    *, application_id: int, document: str, picture: Picture, account_id: int, now: datetime
) -> DocumentPhoto:
    """Keep the checked photo of a document in place of an earlier one, whose content is erased.

    Raises NotFound for another account's application and for a document that it does not need,
    GuardianConsentMissing for a child without consent, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        application = _locked(application_id, account_id)
        refuse_without_guardian(people=[application.applicant], now=now)
        needed = documents_for_photos(application, now=now)
        if document not in {row.code for row in needed}:
            raise NotFound
        _delete(application.photos.filter(document=document), now=now)
        file = keep_file(
            picture=picture, kind=StoredFile.Kind.DOCUMENT, account_id=account_id, now=now
        )
        return DocumentPhoto.objects.create(
            application=application, document=document, file=file, kept_at=now
        )


def remove_photo(*, application_id: int, document: str, account_id: int, now: datetime) -> None:
    """Remove the photo of a document and erase its content. None is no error: it was removed already.

    Raises NotFound for another account's application, Busy.
    """
    with busy_on_timeout(), transaction.atomic():
        application = _locked(application_id, account_id)
        _delete(application.photos.filter(document=document), now=now)


def erase_photos(*, photo_ids: Iterable[int], now: datetime) -> None:
    """Delete photos and erase the content of their files."""
    with transaction.atomic():
        _delete(DocumentPhoto.objects.filter(pk__in=list(photo_ids)), now=now)


def _locked(application_id: int, account_id: int) -> PassportApplication:
    """Lock the person of an account's application: one change of their photos at a time."""
    people = Applicant.objects.select_for_update(no_key=True)
    person = people.filter(
        applications=application_id, account_id=account_id, removed_at__isnull=True
    ).first()
    if person is None:
        raise NotFound
    rows = PassportApplication.objects.select_related("service_type")
    application = rows.get(pk=application_id)
    application.applicant = person
    return application


def _delete(photos: QuerySet[DocumentPhoto], *, now: datetime) -> None:
    file_ids = list(photos.values_list("file_id", flat=True))
    photos.delete()
    erase_stored_files(file_ids=file_ids, now=now)
