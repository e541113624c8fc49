"""Passports in production, due, late or ready."""

from datetime import date, datetime

from django.db.models import F, QuerySet

from counters.production.models import BookStatus, PassportBook
from offices.directory.models import Office

IN_PRODUCTION = (BookStatus.ORDERED, BookStatus.PRINTED, BookStatus.CHECKED)


def books_of(office: Office) -> QuerySet[PassportBook]:
    """Return an office's passports with the related rows that lists show."""
    return PassportBook.objects.filter(office=office).select_related(
        "applicant", "service_type", "office", "visit__booking", "visit__ticket"
    )


def in_production(office: Office, *, status: str = "") -> QuerySet[PassportBook]:
    """Return passports to be printed, checked or made ready, by due date."""
    statuses = [status] if status in IN_PRODUCTION else list(IN_PRODUCTION)
    return (
        books_of(office)
        .filter(status__in=statuses)
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def late_books(office: Office, day: date) -> QuerySet[PassportBook]:
    """Return passports that are past their due date and not ready."""
    return in_production(office).filter(due_on__lt=day)


def due_books(office: Office, day: date) -> QuerySet[PassportBook]:
    """Return passports that are due on a day and not ready."""
    return in_production(office).filter(due_on=day)


def ready_books(office: Office) -> QuerySet[PassportBook]:
    """Return passports that can be collected, longest waiting first."""
    return books_of(office).filter(status=BookStatus.READY).order_by("ready_at", "pk")


def is_late(book: PassportBook, *, now: datetime) -> bool:
    """True if the passport was due on an earlier day and is not ready."""
    return (
        book.status in IN_PRODUCTION
        and book.due_on is not None
        and book.due_on < book.office.local_day(now)
    )
