"""Search for passports that are ready; today's pickups."""

from datetime import date, time, timedelta

from django.db.models import Q, QuerySet

from booking.codes import clean_code
from counters.pickup.models import Pickup
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import books_of
from offices.directory.models import Office

MAX_RESULTS = 20
SHORTEST_SEARCH = 3


def find_books(office: Office, text: str) -> list[PassportBook]:
    """Return passports of an office by booking code or part of the name, ready ones first."""
    query = " ".join(text.split())
    if len(query) < SHORTEST_SEARCH:
        return []
    matches = Q(applicant__full_name__icontains=query)
    if code := clean_code(query):
        matches |= Q(visit__booking__code=code)
    books = books_of(office).exclude(status=BookStatus.CANCELLED).filter(matches)
    ready_first = sorted(books[: MAX_RESULTS * 2], key=lambda book: book.status != BookStatus.READY)
    return ready_first[:MAX_RESULTS]


def pickups_on(office: Office, day: date) -> QuerySet[Pickup]:
    """Return the pickups of a day, latest first."""
    start = office.at(day, time.min)
    return (
        Pickup.objects.filter(book__office=office, at__gte=start, at__lt=start + timedelta(days=1))
        .select_related("book__visit__booking", "book__applicant", "by")
        .order_by("-at")
    )
