"""Screens of passport production, by due date."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.forms import add_errors, parsed_ids, posted_text
from core.web import count_refusal
from counters.production import selectors, services
from counters.production.forms import BatchForm, PrintForm, ReprintForm, ShelfForm
from counters.production.models import BookStatus, PassportBook
from counters.production.selectors import due_books, in_production, is_late, late_books, ready_books
from offices.officer import REFUSED, OfficerContext, back, officer_view, owned_by, show
from offices.permissions import Right
from offices.reasons.models import Reason
from offices.reasons.selectors import reasons_on

OF_BOOK = owned_by(PassportBook, "book_id")
NEXT = {
    BookStatus.ORDERED: "printed",
    BookStatus.PRINTED: "checked",
    BookStatus.CHECKED: "ready",
}
CAN_REPRINT = (BookStatus.PRINTED, BookStatus.CHECKED)
SHOWN = 50


@officer_view(writes=Right.PRODUCE_PASSPORTS)
def production(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List passports to be printed, checked or made ready; a scan selects one."""
    if request.method != "POST":
        return _screen(request, officer, selected=_selected(request))
    book = selectors.find_in_production(officer.office, posted_text(request, "words"))
    if book is None:
        text = _("Tidak ada paspor dengan kode atau nomor buku itu di kantor ini. Pindai lagi.")
        messages.error(request, text)
        return _back(request, officer)
    return _back(request, officer, book=book.pk)


@require_POST
@officer_view(writes=Right.PRODUCE_PASSPORTS)
def new_batch(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Put the ticked orders, or the first ones by due date, into a new batch."""
    form = BatchForm(request.POST)
    try:
        batch = services.make_batch(
            office_id=officer.office.pk,
            book_ids=parsed_ids(request.POST.getlist("books")),
            size=form.cleaned_data["size"] if form.is_valid() else 0,
            by=officer.user,
            now=officer.now,
        )
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        messages.error(request, str(error))
        return _back(request, officer)
    messages.success(request, _("Kelompok cetak %(batch)s dibuat.") % {"batch": batch})
    return _back(request, officer, batch=batch.pk)


@require_POST
@officer_view(writes=Right.PRODUCE_PASSPORTS, owner=OF_BOOK)
def production_do(
    request: HttpRequest, officer: OfficerContext, book_id: int, verb: str
) -> HttpResponse:
    """Move a passport to its next status, back to printing, or take "ready" back."""
    form = _form_of(verb, request.POST, officer)
    if form is not None and not form.is_valid():
        forget_scan(form)
        return _screen(request, officer, selected=book_id, form=form, verb=verb, status=400)
    to: dict[str, Any] = {"book_id": book_id, "by": officer.user, "now": officer.now}
    typed = form.cleaned_data if form is not None else {}
    verbs: dict[str, Callable[..., PassportBook]] = {
        "printed": services.mark_printed,
        "checked": services.mark_checked,
        "ready": services.mark_ready,
        "taken_back": services.take_back_ready,
        "reprint": services.reprint,
    }
    try:
        verbs[verb](**to, **typed)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        count_refusal(error)
        if form is None or not error.fields:
            messages.error(request, str(error))
            return _back(request, officer)
        add_errors(form, error)
        forget_scan(form)
        return _screen(
            request, officer, selected=book_id, form=form, verb=verb, status=error.http_status
        )
    if verb == "taken_back":
        messages.success(request, _("Tanda siap ditarik; pemohon tidak diberi tahu."))
    return _back(request, officer)


def forget_scan(form: Any) -> None:
    """Empty the field of a refused scan, so that the next one does not follow it in the same field."""
    if "book_number" in form.fields:
        form.data = form.data.copy()
        form.data["book_number"] = ""


def _form_of(verb: str, data: Any, officer: OfficerContext) -> forms.Form | None:
    """Return the form of a step, bound to `data`; None for a step without one."""
    if verb == "printed":
        return PrintForm(data)
    if verb == "ready":
        return ShelfForm(data, initial={"shelf": selectors.last_shelf(officer.office)})
    if verb == "reprint":
        rows = reasons_on(Reason.Use.REPRINT, officer.day)
        return ReprintForm(data, reasons=[(row.code, str(row)) for row in rows])
    return None


def _back(request: HttpRequest, officer: OfficerContext, **query: Any) -> HttpResponse:
    """Redirect to the list with the filter that was on."""
    answer = back(officer, "counters:production")
    kept = {name: request.POST.get(name, "") for name in ("status", "batch")} | query
    if text := urlencode({name: value for name, value in kept.items() if value}):
        answer["Location"] += f"{'&' if officer.query else '?'}{text}"
    return answer


def _filter_query(**query: Any) -> str:
    """The filter that is on, for an address that already has a query string."""
    text = urlencode({name: value for name, value in query.items() if value})
    return f"&{text}" if text else ""


def _selected(request: HttpRequest) -> int:
    [book_id] = parsed_ids([request.GET.get("book", "")])
    return book_id


def _screen(
    request: HttpRequest,
    officer: OfficerContext,
    *,
    selected: int,
    form: forms.Form | None = None,
    verb: str = "",
    status: int = 200,
) -> HttpResponse:
    office, params = officer.office, request.POST if verb else request.GET
    shown = params.get("status", "")
    shown = shown if shown in NEXT else ""
    [batch_id] = parsed_ids([params.get("batch", "")])
    books = in_production(office, status=shown)
    books = books.filter(batch_id=batch_id) if batch_id else books
    rows = [_row(book, officer) for book in books[:SHOWN]]
    book = _current(officer, rows, selected)
    late = late_books(office, officer.day).count()
    context: dict[str, Any] = {
        "title": _("Pengerjaan paspor"),
        "rows": rows,
        "count": books.count(),
        "status": shown,
        "statuses": [(one.value, one.label) for one in NEXT],
        "batch": batch_id or "",
        "filter_query": _filter_query(status=shown, batch=batch_id),
        "batches": selectors.open_batches(office),
        "batch_form": BatchForm(),
        "late": late,
        "late_text": _("%(n)d terlambat") % {"n": late},
        "due": due_books(office, officer.day).count(),
        "ready": ready_books(office).count(),
        "just_ready": selectors.just_ready(office, now=officer.now)[:6],
        "take_back_minutes": int(selectors.TAKE_BACK.total_seconds() // 60),
        **_step(officer, book, form, verb),
    }
    return show(request, officer, "counters/production/production.html", context, status=status)


def _row(book: PassportBook, officer: OfficerContext) -> dict[str, Any]:
    return {
        "book": book,
        "is_late": is_late(book, now=officer.now),
        "is_own_print": book.status == BookStatus.PRINTED
        and not selectors.may_check(book, officer.user),
    }


def _current(
    officer: OfficerContext, rows: list[dict[str, Any]], selected: int
) -> PassportBook | None:
    """Return the selected passport; without one, the first whose next step is this officer's."""
    if selected:
        book = selectors.books_of(officer.office).filter(pk=selected).first()
        if book is not None:
            return book
    first = next((row for row in rows if not row["is_own_print"]), rows[0] if rows else None)
    return first["book"] if first else None


def _step(
    officer: OfficerContext, book: PassportBook | None, form: forms.Form | None, verb: str
) -> dict[str, Any]:
    """Return what the panel of one passport shows: its next step, and a form for printing again."""
    if book is None:
        return {"book": None}
    step = NEXT.get(BookStatus(book.status), "")
    can_reprint = book.status in CAN_REPRINT
    return {
        "book": book,
        "is_late": is_late(book, now=officer.now),
        "verb": step,
        "form": form if form is not None and verb == step else _form_of(step, None, officer),
        "may_check": selectors.may_check(book, officer.user),
        "can_take_back": selectors.can_take_back(book, now=officer.now),
        "reprint_form": form
        if form is not None and verb == "reprint"
        else _form_of("reprint", None, officer)
        if can_reprint
        else None,
        "is_reprint_open": verb == "reprint",
        "events": list(book.history.select_related("by", "listed_reason")),
    }
