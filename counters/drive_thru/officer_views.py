"""The officers' screen of the drive-thru lane."""

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.forms import posted_text
from core.web import count_refusal
from counters.drive_thru import selectors, services
from counters.production.models import PassportBook
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right

LANE_QUERY = "where=drive_thru"


@officer_view(writes=Right.HAND_OVER_PASSPORTS)
def lane(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the day's vehicles by hour and what to fetch; a code, QR or plate records an arrival.

    The scan uses POST to keep plates out of addresses, and opens the hand-over in this lane.
    """
    books: list[PassportBook] = []
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            books = selectors.find_in_lane(
                officer.office, posted_text(request, "words"), now=officer.now
            )
        except DomainError as error:
            count_refusal(error)
            refusal = error
    if len(books) == 1:
        services.record_arrival(book_id=books[0].pk, by=officer.user, now=officer.now)
        return _hand_over(officer, books[0])
    return _screen(request, officer, books, refusal)


def _hand_over(officer: OfficerContext, book: PassportBook) -> HttpResponse:
    answer = back(officer, "counters:hand_over", book_id=book.pk)
    answer["Location"] += f"{'&' if officer.query else '?'}{LANE_QUERY}"
    return answer


def _screen(
    request: HttpRequest,
    officer: OfficerContext,
    books: list[PassportBook],
    refusal: DomainError | None,
) -> HttpResponse:
    office = officer.office
    visits = list(selectors.lane_list(office, officer.day))
    booked: dict[Any, list[Any]] = {
        start: list(rows) for start, rows in groupby(visits, key=lambda row: row.hour.starts_at)
    }
    hours = [
        {"hour": hour, "visits": booked.pop(hour.starts_at, [])}
        for hour in selectors.hours_of(office, officer.day)
    ]
    # Hours of a rule that has been changed since they were booked.
    hours += [{"hour": rows[0].hour, "visits": rows} for rows in booked.values()]
    context: dict[str, Any] = {
        "title": _("Drive-thru"),
        "hours": sorted(hours, key=lambda row: row["hour"].starts_at),
        "retrieval": selectors.retrieval_list(office, officer.day),
        "books": books,
        "refusal": refusal,
        "has_lane": selectors.has_lane(office, officer.day),
        "has_hours": selectors.drive_thru_rule_on(office, officer.day) is not None,
        "count": len(visits),
    }
    status = refusal.http_status if refusal else 200
    return show(request, officer, "counters/drive_thru/lane.html", context, status=status)
