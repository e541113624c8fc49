"""Screens of pickup."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.forms import add_errors, posted_text
from counters.pickup import services
from counters.pickup.forms import HandOverForm
from counters.pickup.models import Pickup
from counters.pickup.selectors import SHORTEST_SEARCH, find_books, pickups_on
from counters.production.models import BookStatus
from counters.production.selectors import books_of, ready_books
from counters.production.views import OF_BOOK
from offices.hours.selectors import admission_on
from offices.officer import REFUSED, OfficerContext, back, officer_view, show
from offices.permissions import Right

READY_SHOWN = 12


@officer_view(writes=Right.HAND_OVER_PASSPORTS)
def pickup(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Find a passport by code or name. The search uses POST to keep names out of URLs."""
    words = posted_text(request, "words")
    books = find_books(officer.office, words)
    if len(books) == 1 and books[0].status == BookStatus.READY:
        return back(officer, "counters:hand_over", book_id=books[0].pk)
    ready = ready_books(officer.office)
    context: dict[str, Any] = {
        "title": _("Pengambilan"),
        "words": words,
        "is_search": request.method == "POST",
        "is_short": len(words.strip()) < SHORTEST_SEARCH,
        "books": books,
        "ready": ready[:READY_SHOWN],
        "ready_count": ready.count(),
        "pickups": pickups_on(officer.office, officer.day)[:READY_SHOWN],
        "where": _lane(request, officer),
        "has_drive_thru": _has_drive_thru(officer),
    }
    return show(request, officer, "counters/pickup/pickup.html", context)


@officer_view(writes=Right.HAND_OVER_PASSPORTS, owner=OF_BOOK)
def hand_over(request: HttpRequest, officer: OfficerContext, book_id: int) -> HttpResponse:
    """Hand a passport over and record the collector and their right."""
    book = books_of(officer.office).get(pk=book_id)
    has_drive_thru = _has_drive_thru(officer)
    initial = {"where": _lane(request, officer), "right": Pickup.Right.SELF}
    form = HandOverForm(request.POST or None, has_drive_thru=has_drive_thru, initial=initial)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            services.hand_over(
                book_id=book.pk, by=officer.user, now=officer.now, **form.cleaned_data
            )
        except DomainError as error:
            if error.http_status in REFUSED:
                raise
            add_errors(form, error)
            status = error.http_status
            book = books_of(officer.office).get(pk=book_id)
        else:
            messages.success(request, _("Paspor diserahkan dan tercatat."))
            answer = back(officer, "counters:pickup")
            if _lane(request, officer) == Pickup.Where.DRIVE_THRU:
                answer["Location"] += (
                    f"{'&' if officer.query else '?'}where={Pickup.Where.DRIVE_THRU}"
                )
            return answer
    context: dict[str, Any] = {
        "title": _("Serahkan paspor"),
        "book": book,
        "is_ready": book.status == BookStatus.READY,
        "taken": Pickup.objects.filter(book=book).select_related("by").first(),
        "form": form,
    }
    return show(request, officer, "counters/pickup/hand_over.html", context, status=status)


def _has_drive_thru(officer: OfficerContext) -> bool:
    admission = admission_on(officer.office, officer.day)
    return admission is not None and admission.has_drive_thru


def _lane(request: HttpRequest, officer: OfficerContext) -> str:
    is_lane = request.GET.get("where") == Pickup.Where.DRIVE_THRU and _has_drive_thru(officer)
    return Pickup.Where.DRIVE_THRU if is_lane else Pickup.Where.DESK
