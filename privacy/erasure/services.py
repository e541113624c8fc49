"""Erases people and accounts: what describes a person goes, the ledger stays under a pseudonym."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import User
from accounts.phones import confirmed_number
from accounts.services import erase_account as erase_own_account
from booking.applications.models import ApplicationDraft, PassportApplication
from booking.applications.services import delete_drafts, erase_adults, erase_applications
from booking.bookings.changes import erase_device_keys
from booking.bookings.models import Booking, Party
from booking.files.models import StoredFile
from booking.files.services import erase_stored_files
from booking.integrity.contests import erase_evidence
from booking.integrity.models import Contest
from booking.objections.models import Objection
from booking.objections.services import erase_objections
from booking.people.models import Applicant
from booking.people.services import erase_identity_numbers as erase_numbers
from booking.people.services import erase_people as erase_own_people
from booking.photos.models import DocumentPhoto
from booking.photos.services import erase_photos
from booking.restrictions.models import Restriction
from booking.restrictions.services import erase_appeals
from counters.authority.models import AuthorityLetter
from counters.authority.services import erase_letters
from counters.drive_thru.models import DriveThruVisit
from counters.drive_thru.services import erase_plates
from counters.pickup.models import Pickup, PickupFile
from counters.pickup.services import erase_collectors, erase_files
from counters.production.models import PassportBook
from counters.visits.models import Visit
from counters.visits.services import erase_notes
from notices.services import erase_messages_about, erase_messages_to
from quotas.watches.services import stop_watches_of


@transaction.atomic
def erase_people(*, ids: Sequence[Any], now: datetime) -> None:
    """Erase everything that describes these people, in every app.

    The rows of bookings, visits, passports and their histories stay with their ids and times: which
    place went where, and which passport was handed over, must remain provable. They name the person
    by a keyed hash only.
    """
    people = Applicant.objects.filter(pk__in=ids)
    bookings = Booking.objects.filter(applicant__in=people)
    visits = Visit.objects.filter(booking__in=bookings)
    books = PassportBook.objects.filter(applicant__in=people)
    together = Booking.objects.filter(party__in=bookings.values("party"))
    erase_messages_about(about_type="booking", about_ids=_ids(together))
    erase_messages_about(about_type="visit", about_ids=_ids(visits))
    erase_messages_about(about_type="book", about_ids=_ids(books))
    photos = DocumentPhoto.objects.filter(application__applicant__in=people)
    erase_photos(photo_ids=_ids(photos), now=now)
    erase_applications(
        application_ids=_ids(PassportApplication.objects.filter(applicant__in=people))
    )
    delete_drafts(draft_ids=_ids(ApplicationDraft.objects.filter(applicant__in=people)))
    erase_notes(visit_ids=_ids(visits))
    erase_collectors(pickup_ids=_ids(Pickup.objects.filter(book__in=books)))
    letters = AuthorityLetter.objects.filter(book__in=books)
    erase_letters(letter_ids=_ids(letters), now=now)
    erase_files(file_ids=_ids(PickupFile.objects.filter(pickup__book__in=books)))
    erase_plates(visit_ids=_ids(DriveThruVisit.objects.filter(book__in=books)))
    erase_appeals(restriction_ids=_ids(Restriction.objects.filter(applicant__in=people)), now=now)
    erase_evidence(contest_ids=_ids(Contest.objects.filter(applicant__in=people)))
    erase_own_people(applicant_ids=ids, now=now)


def erase_identity_numbers(*, ids: Sequence[Any], now: datetime) -> None:
    """Erase the numbers of people in nobody's list, and those of their parents."""
    erase_numbers(applicant_ids=ids)
    erase_adults(applicant_ids=ids)


@transaction.atomic
def erase_accounts(*, ids: Sequence[Any], now: datetime) -> None:
    """Erase accounts with their people, addresses, messages, sessions and tokens.

    The account's row stays: bookings and histories refer to it.
    """
    erase_people(
        ids=_ids(Applicant.objects.filter(account__in=ids, erased_at__isnull=True)), now=now
    )
    erase_device_keys(party_ids=_ids(Party.objects.filter(account__in=ids)))
    files = StoredFile.objects.filter(account__in=ids, erased_at__isnull=True)
    erase_stored_files(file_ids=_ids(files), now=now)
    erase_objections(objection_ids=_ids(Objection.objects.filter(account__in=ids)), now=now)
    for user in User.objects.filter(pk__in=ids):
        addresses = {user.email, *_addresses(user), confirmed_number(user.pk)} - {""}
        erase_messages_to(addresses=addresses, now=now)
        for address in addresses:
            stop_watches_of(address=address, now=now)
        erase_own_account(user_id=user.pk, now=now)


def _addresses(user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user).values_list("email", flat=True))


def _ids(rows: Any) -> list[Any]:
    return list(rows.values_list("pk", flat=True))
