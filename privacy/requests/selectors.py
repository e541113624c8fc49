"""Reads of requests about personal data."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from accounts.models import User
from booking.bookings.models import Booking
from booking.people.models import Applicant
from offices.directory.models import Office
from privacy.holdings.sections import Subject
from privacy.holdings.selectors import subject_of_account, subject_of_person
from privacy.requests.models import DataRequest, RequestStatus

# Supervisors are reminded this long before the answer is due.
REMIND_BEFORE: Final = timedelta(hours=24)


def requests_of(account: User) -> QuerySet[DataRequest]:
    """Return an account's requests, latest first."""
    return DataRequest.objects.filter(account=account).select_related("office")


def requests_at(offices: Iterable[Office]) -> QuerySet[DataRequest]:
    """Return the requests that these offices answer, latest first."""
    rows = DataRequest.objects.filter(office__in=[office.pk for office in offices])
    return rows.select_related("office", "account", "answered_by")


def waiting_requests() -> QuerySet[DataRequest]:
    """Return all open requests, the one due first first."""
    return DataRequest.objects.filter(status=RequestStatus.OPEN).order_by("due_at", "pk")


def subject_of(request: DataRequest) -> Subject:
    """Return whose data a request is about."""
    if request.account is not None:
        return subject_of_account(request.account)
    return subject_of_person(request.person_key)


def people_in(subject: Subject) -> QuerySet[Applicant]:
    """Return the people of a subject who are not erased."""
    return Applicant.objects.filter(pk__in=subject.people).order_by("pk")


def usual_office_id(account: User) -> int | None:
    """Return the office of the account's latest booking: it can check documents best."""
    rows = Booking.objects.filter(account=account).order_by("-placed_at")
    return rows.values_list("office_id", flat=True).first()


def hours_left(request: DataRequest, *, now: datetime) -> int:
    """Return the whole hours until the answer is due; negative when it is late."""
    return int((request.due_at - now).total_seconds() // 3600)
