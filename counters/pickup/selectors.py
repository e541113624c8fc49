"""Search for passports that are ready; today's pickups."""

from datetime import date, time, timedelta

from django.db.models import Q, QuerySet

from booking.codes import clean_code
from core.scans import readings
from core.text import one_space
from counters.pickup.models import Pickup
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import books_of
from offices.directory.models import Office

MAX_RESULTS = 20
SHORTEST_SEARCH = 3


def find_books(office: Office, text: str) -> list[PassportBook]:
    """Return passports of an office by code, booklet number or part of the name, ready ones first.

    A code or number may come from a scanner that is set to another keyboard layout.
    """
    query = one_space(text)
    if len(query) < SHORTEST_SEARCH:
        return []
    codes = [*readings(query), clean_code(query)]
    matches = Q(applicant__full_name__icontains=query)
    matches |= Q(visit__booking__code__in=codes) | Q(book_number__in=codes)
    books = books_of(office).exclude(status=BookStatus.CANCELLED).filter(matches)
    ready_first = sorted(books[: MAX_RESULTS * 2], key=lambda book: book.status != BookStatus.READY)
    return ready_first[:MAX_RESULTS]


def office_of_code(text: str) -> Office | None:
    """Return the office whose passport has this booking code, or None."""
    rows = PassportBook.objects.filter(visit__booking__code__in=readings(text))
    book = rows.select_related("office").order_by("-pk").first()
    return book.office if book else None


def masked_number(number: str) -> str:
    """Return an identity number with only its ends visible: enough to compare with a card."""
    ends = 4
    if len(number) <= 2 * ends:
        return number
    return f"{number[:ends]} {'•' * (len(number) - 2 * ends)} {number[-ends:]}"


def pickups_on(office: Office, day: date) -> QuerySet[Pickup]:
    """Return the pickups of a day, latest first."""
    start = office.at(day, time.min)
    return (
        Pickup.objects.filter(book__office=office, at__gte=start, at__lt=start + timedelta(days=1))
        .select_related("book__visit__booking", "book__applicant", "by")
        .order_by("-at")
    )
