"""Passports that are being made, that are late, that lie ready, and who asks for one."""

from datetime import date, datetime, time, timedelta

from django.db.models import F, Q, QuerySet

from booking.selectors import clean_code
from counters.models import BookStatus, PassportBook, Pickup
from offices.models import Office

IN_PRODUCTION = (BookStatus.ORDERED, BookStatus.PRINTED, BookStatus.CHECKED)
FOUND_AT_MOST = 20
SHORTEST_SEARCH = 3


def books_of(office: Office) -> QuerySet[PassportBook]:
    """Return an office's passports with what a list of them shows."""
    return PassportBook.objects.filter(office=office).select_related(
        "applicant", "service_type", "office", "visit__booking", "visit__ticket"
    )


def in_production(office: Office, *, status: str = "") -> QuerySet[PassportBook]:
    """Return what is to be printed, checked and laid ready, the first promised first."""
    statuses = [status] if status in IN_PRODUCTION else list(IN_PRODUCTION)
    return (
        books_of(office)
        .filter(status__in=statuses)
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def late_books(office: Office, day: date) -> QuerySet[PassportBook]:
    """Return passports past the promised day that do not lie ready."""
    return in_production(office).filter(due_on__lt=day)


def due_books(office: Office, day: date) -> QuerySet[PassportBook]:
    """Return passports promised for a day that do not lie ready yet."""
    return in_production(office).filter(due_on=day)


def ready_books(office: Office) -> QuerySet[PassportBook]:
    """Return what can be collected, the longest waiting first."""
    return books_of(office).filter(status=BookStatus.READY).order_by("ready_at", "pk")


def find_books(office: Office, text: str) -> list[PassportBook]:
    """Return passports of an office by booking code or by a part of the name, ready ones first."""
    words = " ".join(text.split())
    if len(words) < SHORTEST_SEARCH:
        return []
    matches = Q(applicant__full_name__icontains=words)
    if code := clean_code(words):
        matches |= Q(visit__booking__code=code)
    found = books_of(office).exclude(status=BookStatus.CANCELLED).filter(matches)
    ready_first = sorted(
        found[: FOUND_AT_MOST * 2], key=lambda book: book.status != BookStatus.READY
    )
    return ready_first[:FOUND_AT_MOST]


def pickups_on(office: Office, day: date) -> QuerySet[Pickup]:
    """Return what was handed over on a day, the latest first."""
    start = office.at(day, time.min)
    return (
        Pickup.objects.filter(book__office=office, at__gte=start, at__lt=start + timedelta(days=1))
        .select_related("book__visit__booking", "book__applicant", "by")
        .order_by("-at")
    )


def is_late(book: PassportBook, *, now: datetime) -> bool:
    """Tell whether a passport should have been ready on an earlier day."""
    return (
        book.status in IN_PRODUCTION
        and book.due_on is not None
        and book.due_on < book.office.local_day(now)
    )
