"""Passports: made in the order in which they are promised, and handed over once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from counters import services
from counters.forms import HandOverForm, add_errors
from counters.models import BookStatus, PassportBook, Pickup
from counters.selectors.books import (
    SHORTEST_SEARCH,
    books_of,
    due_books,
    find_books,
    in_production,
    is_late,
    late_books,
    pickups_on,
    ready_books,
)
from offices.officer import REFUSED, OfficerContext, back, officer_view, owned_by, show
from offices.permissions import Right
from offices.selectors import admission_on

OF_BOOK = owned_by(PassportBook, "book_id")
NEXT = {
    BookStatus.ORDERED: "printed",
    BookStatus.PRINTED: "checked",
    BookStatus.CHECKED: "ready",
}
SHOWN = 50
READY_SHOWN = 12


@officer_view(writes=Right.PRODUCE_PASSPORTS)
def production(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List what is to be printed, checked and laid ready, the late ones first."""
    return _production(request, officer)


@require_POST
@officer_view(writes=Right.PRODUCE_PASSPORTS, owner=OF_BOOK)
def production_do(
    request: HttpRequest, officer: OfficerContext, book_id: int, verb: str
) -> HttpResponse:
    """Take a passport one step on, or back to the printer with a reason."""
    to: dict[str, Any] = {"book_id": book_id, "by": officer.user, "now": officer.now}
    verbs: dict[str, Callable[[], Any]] = {
        "printed": lambda: services.mark_printed(**to),
        "checked": lambda: services.mark_checked(**to),
        "ready": lambda: services.mark_ready(**to),
        "misprinted": lambda: services.mark_misprinted(reason=request.POST.get("reason", ""), **to),
    }
    try:
        verbs[verb]()
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        messages.error(request, str(error))
    answer = back(officer, "counters:production")
    if status := request.POST.get("status", ""):
        answer["Location"] += f"{'&' if officer.query else '?'}status={status}"
    return answer


@officer_view(writes=Right.HAND_OVER_PASSPORTS)
def pickup(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Find a passport by code or name. The words are posted, so that no name stands in an address."""
    words = request.POST.get("words", "")
    found = find_books(officer.office, words)
    if len(found) == 1 and found[0].status == BookStatus.READY:
        return back(officer, "counters:hand_over", book_id=found[0].pk)
    ready = ready_books(officer.office)
    context: dict[str, Any] = {
        "title": _("Pengambilan"),
        "words": words,
        "is_search": request.method == "POST",
        "is_short": len(words.strip()) < SHORTEST_SEARCH,
        "found": found,
        "ready": ready[:READY_SHOWN],
        "ready_count": ready.count(),
        "pickups": pickups_on(officer.office, officer.day)[:READY_SHOWN],
        "where": _lane(request, officer),
        "has_drive_thru": _has_drive_thru(officer),
    }
    return show(request, officer, "counters/pickup.html", context)


@officer_view(writes=Right.HAND_OVER_PASSPORTS, owner=OF_BOOK)
def hand_over(request: HttpRequest, officer: OfficerContext, book_id: int) -> HttpResponse:
    """Hand a passport over, and record to whom and by what right."""
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
    return show(request, officer, "counters/hand_over.html", context, status=status)


def _production(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    status = request.GET.get("status", "")
    status = status if status in NEXT else ""
    books = in_production(officer.office, status=status)
    late = late_books(officer.office, officer.day).count()
    rows = [
        {
            "book": book,
            "verb": NEXT[BookStatus(book.status)],
            "is_late": is_late(book, now=officer.now),
        }
        for book in books[:SHOWN]
    ]
    context: dict[str, Any] = {
        "title": _("Pengerjaan paspor"),
        "rows": rows,
        "count": books.count(),
        "status": status,
        "statuses": [(one.value, one.label) for one in NEXT],
        "late": late,
        "late_words": _("%(n)d terlambat") % {"n": late},
        "due": due_books(officer.office, officer.day).count(),
        "ready": ready_books(officer.office).count(),
        "spoiled": request.GET.get("spoiled", ""),
    }
    return show(request, officer, "counters/production.html", context)


def _has_drive_thru(officer: OfficerContext) -> bool:
    admission = admission_on(officer.office, officer.day)
    return admission is not None and admission.has_drive_thru


def _lane(request: HttpRequest, officer: OfficerContext) -> str:
    is_lane = request.GET.get("where") == Pickup.Where.DRIVE_THRU and _has_drive_thru(officer)
    return Pickup.Where.DRIVE_THRU if is_lane else Pickup.Where.DESK
