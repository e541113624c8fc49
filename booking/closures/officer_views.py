"""The supervisor's screens of closures: enter, preview, apply, follow, reopen."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.bookings import selectors as bookings_selectors
from booking.bookings.models import DisplacedBooking, Displacement
from booking.closures import selectors, services
from booking.closures.forms import ClosureForm, ReopenForm
from booking.closures.moves import record_notified
from booking.statuses import Status
from core.errors import DomainError, NotFound
from core.forms import add_errors
from offices.closures.announcements import what_goes_on
from offices.closures.models import Closure
from offices.officer import OfficerContext, officer_view, owned_by, show, show_refusal
from offices.permissions import Right

SHOWN = 200
OF_CLOSURE = owned_by(Closure, "closure_id")


@officer_view(reads=Right.READ_CLOSURES)
def closures(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List an office's closures, latest first."""
    rows = officer.office.closures.select_related("hall", "lane", "merged_into").order_by("-pk")[
        :50
    ]
    context = {
        "office": officer.office,
        "others": officer.others,
        "rows": [(row, _state(row, officer)) for row in rows],
        "may_act": officer.has_right(Right.CLOSE_OFFICE),
    }
    return show(request, officer, "booking/closures/closures.html", context)


def _state(closure: Closure, officer: OfficerContext) -> tuple[str, str]:
    today = officer.office.local_day(officer.now)
    if closure.lifted_at is not None:
        return "past", _("Dicabut")
    if closure.moved_at is None:
        return "serving", _("Sedang memindahkan")
    if closure.last_day is not None and closure.last_day < today:
        return "past", _("Sudah berakhir")
    return ("closed", _("Berlaku")) if closure.first_day <= today else ("risk", _("Akan datang"))


@officer_view(writes=Right.CLOSE_OFFICE)
def closure_new(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Enter a closure and preview its effect; apply it on confirmation."""
    office = officer.office
    sent = request.POST if request.method == "POST" else request.GET
    form = ClosureForm(sent if "first_day" in sent else None, office=office, day=officer.day)
    preview, status = None, 200
    if form.is_bound:
        try:
            if form.is_valid():
                data = form.data_typed()
                if request.method == "POST" and "apply" in sent:
                    closure = services.close_office(
                        office_id=office.pk, data=data, by=officer.user, now=officer.now
                    )
                    messages.success(request, _("Penutupan diterapkan. Pemindahan berjalan."))
                    return redirect("closures:closure", closure_id=closure.pk)
                preview = services.preview_closure(office=office, data=data, now=officer.now)
        except DomainError as error:
            add_errors(form, error)
        status = 200 if form.is_valid() else 400
    context = {"office": office, "form": form, "preview": preview, "shown": SHOWN}
    return show(request, officer, "booking/closures/closure_new.html", context, status=status)


@officer_view(reads=Right.READ_CLOSURES, writes=Right.CLOSE_OFFICE, owner=OF_CLOSURE)
def closure(request: HttpRequest, officer: OfficerContext, closure_id: int) -> HttpResponse:
    """Show the progress of a closure, who is waiting and who must be called; reopen."""
    row = _closure(closure_id)
    office = row.office
    may_act = officer.has_right(Right.CLOSE_OFFICE)
    form = ReopenForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reopen_office(
                closure_id=row.pk, on=form.cleaned_data["on"], by=officer.user, now=officer.now
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Kantor dibuka kembali; tempatnya ditawarkan lagi."))
            return redirect("closures:closure", closure_id=row.pk)
    context = {
        "office": office,
        "closure": row,
        "form": form,
        "may_act": may_act,
        "is_over": row.lifted_at is not None
        or (row.last_day is not None and row.last_day < office.local_day(officer.now)),
        "state": _state(row, officer),
        "goes_on": what_goes_on(row),
        **_progress(row),
    }
    return show(
        request,
        officer,
        "booking/closures/closure.html",
        context,
        status=400 if form.errors else 200,
    )


def _closure(closure_id: int) -> Closure:
    row = (
        Closure.objects.select_related("office", "hall", "lane", "merged_into", "made_by")
        .filter(pk=closure_id)
        .first()
    )
    if row is None:
        raise NotFound
    return row


def _progress(row: Closure) -> dict[str, Any]:
    moves = row.displacements.select_related("party").prefetch_related(
        "members__booking__slot",
        "members__booking__office",
        "members__booking__applicant",
        "members__place_from__slot__office",
    )
    lines = [_line(move) for move in moves.order_by("pk")[:SHOWN]]
    members = DisplacedBooking.objects.filter(displacement__closure=row)
    return {
        "lines": lines,
        "to_call": [line for line in lines if line["needs_call"]],
        "people": members.count(),
        "left": selectors.remaining_bookings(row).count(),
        "waiting": members.filter(booking__status=Status.DISPLACED).count(),
        "accepted": members.filter(answer=DisplacedBooking.Answer.ACCEPTED).count(),
        "chose_other": members.filter(answer=DisplacedBooking.Answer.OTHER).count(),
    }


def _line(move: Displacement) -> dict[str, Any]:
    members = list(move.members.all())
    first = members[0]
    old = first.place_from.slot
    booking = first.booking
    is_waiting = booking.status == Status.DISPLACED
    return {
        "move": move,
        "codes": [member.booking.code for member in members],
        "names": [member.booking.applicant.short_name for member in members],
        "phone": booking.applicant.phone,
        "was": bookings_selectors.when(old, old.office),
        "now": "" if is_waiting else bookings_selectors.when(booking.slot, booking.office),
        "status": booking.get_status_display(),
        "is_waiting": is_waiting,
        "answer": first.get_answer_display() if first.answer else "",
        "needs_call": booking.account_id is None and move.notified_at is None,
    }


@require_POST
@officer_view(writes=Right.CLOSE_OFFICE, owner=OF_CLOSURE)
def mark_notified(
    request: HttpRequest, officer: OfficerContext, closure_id: int, displacement_id: int
) -> HttpResponse:
    """Record that a party without an e-mail address was notified by telephone."""
    row = _closure(closure_id)
    if not row.displacements.filter(pk=displacement_id).exists():
        raise NotFound
    record_notified(displacement_id=displacement_id, by=officer.user, now=officer.now)
    messages.success(request, _("Dicatat: sudah diberi tahu."))
    return redirect("closures:closure", closure_id=row.pk)
