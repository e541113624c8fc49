"""Screens of pickup."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.forms import add_errors, posted_text
from core.web import count_refusal
from counters.authority.selectors import letter_in_force
from counters.drive_thru.models import PickupPlace
from counters.drive_thru.selectors import has_lane, lane_list, live_visit
from counters.pickup import services
from counters.pickup.forms import BookScanForm, HandOverForm
from counters.pickup.models import Pickup, PickupFile
from counters.pickup.selectors import (
    SHORTEST_SEARCH,
    find_books,
    masked_number,
    office_of_code,
    pickups_on,
)
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import books_of, ready_books
from counters.production.views import OF_BOOK, forget_scan
from offices.officer import REFUSED, OfficerContext, back, officer_view, owned_by, show
from offices.permissions import Right

READY_SHOWN = 12
OF_FILE = owned_by(PickupFile, "file_id", "pickup__book__office_id")


@officer_view(writes=Right.HAND_OVER_PASSPORTS)
def pickup(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Find a passport by code or name. The search uses POST to keep names out of URLs."""
    words = posted_text(request, "words")
    books = find_books(officer.office, words)
    if len(books) == 1 and books[0].status == BookStatus.READY:
        return back(officer, "counters:hand_over", book_id=books[0].pk)
    ready = ready_books(officer.office)
    elsewhere = office_of_code(words) if words and not books else None
    context: dict[str, Any] = {
        "title": _("Pengambilan"),
        "words": words,
        "is_search": request.method == "POST",
        "is_short": len(words.strip()) < SHORTEST_SEARCH,
        "elsewhere": elsewhere,
        "books": books,
        "ready": ready[:READY_SHOWN],
        "ready_count": ready.count(),
        "pickups": pickups_on(officer.office, officer.day)[:READY_SHOWN],
        "has_drive_thru": has_lane(officer.office, officer.day),
        "desk_visits": lane_list(officer.office, officer.day, PickupPlace.DESK),
    }
    return show(request, officer, "counters/pickup/pickup.html", context)


@officer_view(writes=Right.HAND_OVER_PASSPORTS, owner=OF_BOOK)
def hand_over(request: HttpRequest, officer: OfficerContext, book_id: int) -> HttpResponse:
    """Compare the scanned booklet, then hand it over and record the collector and their right."""
    book = books_of(officer.office).get(pk=book_id)
    lane = _lane(request, officer)
    if request.method != "POST":
        return _hand_over_page(request, officer, book, lane, BookScanForm())
    if request.POST.get("go") == "scan":
        return _scanned(request, officer, book, lane)
    form = HandOverForm(request.POST, request.FILES)
    if not form.is_valid():
        return _hand_over_page(request, officer, book, lane, form, status=400)
    typed = form.cleaned_data
    try:
        services.hand_over(book_id=book.pk, by=officer.user, now=officer.now, **typed)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        book = books_of(officer.office).get(pk=book_id)
        # After a wrong booklet the officer scans again, with another one in hand.
        is_wrong_book = "book_number" in error.fields
        refused = BookScanForm(request.POST) if is_wrong_book else form
        add_errors(refused, error)
        if is_wrong_book:
            forget_scan(refused)
        return _hand_over_page(request, officer, book, lane, refused, status=error.http_status)
    messages.success(request, _("Paspor diserahkan dan tercatat."))
    return back(officer, _list_of(lane))


@officer_view(reads=Right.HAND_OVER_PASSPORTS, owner=OF_FILE)
def pickup_file(request: HttpRequest, officer: OfficerContext, file_id: int) -> HttpResponse:
    """Return the letter of authority or the signature of a hand-over, as a download."""
    file = get_object_or_404(
        PickupFile.objects.select_related("pickup__book__applicant").exclude(data=""), pk=file_id
    )
    ending = {"application/pdf": "pdf", "image/png": "png"}.get(file.content_type, "jpg")
    answer = HttpResponse(file.data, content_type=file.content_type)
    answer["Content-Disposition"] = f'attachment; filename="{file.kind}-{file.pickup_id}.{ending}"'
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "no-store"
    return answer


def _scanned(
    request: HttpRequest, officer: OfficerContext, book: PassportBook, lane: str
) -> HttpResponse:
    """Compare the scanned booklet with the passport and go on to the collector."""
    form = BookScanForm(request.POST)
    status = 400
    if form.is_valid():
        number = form.cleaned_data["book_number"]
        try:
            services.check_book_number(book, number)
        except DomainError as error:
            count_refusal(error)
            add_errors(form, error)
            status = error.http_status
        else:
            initial = {"where": lane, "right": Pickup.Right.SELF, "book_number": number}
            return _hand_over_page(request, officer, book, lane, HandOverForm(initial=initial))
    forget_scan(form)
    return _hand_over_page(request, officer, book, lane, form, status=status)


def _hand_over_page(
    request: HttpRequest,
    officer: OfficerContext,
    book: PassportBook,
    lane: str,
    form: forms.Form,
    *,
    status: int = 200,
) -> HttpResponse:
    person = book.applicant
    shows_number = request.GET.get("number") == "show"
    taken = Pickup.objects.filter(book=book).select_related("by").first()
    authority = letter_in_force(book)
    context: dict[str, Any] = {
        "title": _("Serahkan paspor"),
        "book": book,
        "lane": lane,
        "list_url": _list_of(lane),
        "is_ready": book.status == BookStatus.READY,
        "number": person.identity_number if shows_number else masked_number(person.identity_number),
        "shows_number": shows_number,
        "visit": live_visit(book),
        "authority": authority,
        "authority_number": masked_number(authority.collector_identity) if authority else "",
        "taken": taken,
        "files": list(taken.files.exclude(data="").defer("data")) if taken else [],
        "form": form,
        "is_scan": isinstance(form, BookScanForm),
    }
    return show(request, officer, "counters/pickup/hand_over.html", context, status=status)


def _lane(request: HttpRequest, officer: OfficerContext) -> str:
    """Return the lane from which the screen was opened."""
    is_lane = request.GET.get("where") == Pickup.Where.DRIVE_THRU
    return (
        Pickup.Where.DRIVE_THRU
        if is_lane and has_lane(officer.office, officer.day)
        else Pickup.Where.DESK
    )


def _list_of(lane: str) -> str:
    return "counters:drive_thru" if lane == Pickup.Where.DRIVE_THRU else "counters:pickup"
