"""Screens of passport production, by due date."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.forms import posted_text
from counters.production import services
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import due_books, in_production, is_late, late_books, ready_books
from offices.officer import REFUSED, OfficerContext, back, officer_view, owned_by, show
from offices.permissions import Right

OF_BOOK = owned_by(PassportBook, "book_id")
NEXT = {
    BookStatus.ORDERED: "printed",
    BookStatus.PRINTED: "checked",
    BookStatus.CHECKED: "ready",
}
SHOWN = 50


@officer_view(writes=Right.PRODUCE_PASSPORTS)
def production(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List passports to be printed, checked or made ready, late ones first."""
    return _production(request, officer)


@require_POST
@officer_view(writes=Right.PRODUCE_PASSPORTS, owner=OF_BOOK)
def production_do(
    request: HttpRequest, officer: OfficerContext, book_id: int, verb: str
) -> HttpResponse:
    """Move a passport to its next status, or back to printing with a reason."""
    to: dict[str, Any] = {"book_id": book_id, "by": officer.user, "now": officer.now}
    verbs: dict[str, Callable[[], Any]] = {
        "printed": lambda: services.mark_printed(**to),
        "checked": lambda: services.mark_checked(**to),
        "ready": lambda: services.mark_ready(**to),
        "misprinted": lambda: services.mark_misprinted(reason=posted_text(request, "reason"), **to),
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
        "late_text": _("%(n)d terlambat") % {"n": late},
        "due": due_books(officer.office, officer.day).count(),
        "ready": ready_books(officer.office).count(),
        "spoiled": request.GET.get("spoiled", ""),
    }
    return show(request, officer, "counters/production/production.html", context)
