"""The supervisor's screens of objections."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from booking.objections import selectors, services
from booking.objections.forms import DecisionForm
from booking.objections.models import Objection
from core.errors import DomainError
from offices.officer import OfficerContext, back, officer_view, owned_by, show, show_refusal
from offices.permissions import Right

SHOWN = 100


@officer_view(reads=Right.READ_RESTRICTIONS)
def objections(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the office's objections, undecided ones first."""
    rows = [
        {"row": row, "is_overdue": selectors.is_overdue(row, now=officer.now)}
        for row in selectors.objections_at(officer.office)[:SHOWN]
    ]
    context = {"title": _("Keberatan"), "rows": rows}
    return show(request, officer, "booking/objections/desk_objections.html", context)


@officer_view(
    reads=Right.READ_RESTRICTIONS,
    writes=Right.DECIDE_OBJECTION,
    owner=owned_by(Objection, "objection_id"),
)
def objection(request: HttpRequest, officer: OfficerContext, objection_id: int) -> HttpResponse:
    """Show an objection; uphold or reject it."""
    rows = Objection.objects.select_related(
        "office", "entry__draw__window", "displaced__booking", "decided_by"
    )
    row = get_object_or_404(rows, pk=objection_id)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_objection(
                objection_id=row.pk,
                is_upheld="uphold" in request.POST,
                answer=form.cleaned_data["answer"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Jawaban dikirim kepada pemohon."))
            return back(officer, "objections:objections")
    context = {
        "title": _("Keberatan"),
        "row": row,
        "form": form,
        "is_overdue": selectors.is_overdue(row, now=officer.now),
        "may_act": officer.has_right(Right.DECIDE_OBJECTION) and not row.decision,
    }
    status = 400 if form.errors else 200
    return show(request, officer, "booking/objections/desk_objection.html", context, status=status)
