"""The supervisor's screens of complaints."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.forms import submitted
from counters.complaints import selectors, services
from counters.complaints.forms import AnswerForm
from counters.complaints.models import Complaint
from offices.officer import OfficerContext, back, officer_view, owned_by, show, show_refusal
from offices.permissions import Right

SHOWN = 100


@officer_view(reads=Right.READ_COMPLAINTS)
def complaints(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the office's complaints, open ones first."""
    rows = [
        {"row": row, "is_overdue": selectors.is_overdue(row, now=officer.now)}
        for row in selectors.complaints_at(officer.office)[:SHOWN]
    ]
    context = {"title": _("Pengaduan"), "rows": rows}
    return show(request, officer, "counters/complaints/desk_complaints.html", context)


@officer_view(
    reads=Right.READ_COMPLAINTS,
    writes=Right.ANSWER_COMPLAINT,
    owner=owned_by(Complaint, "complaint_id"),
)
def complaint(request: HttpRequest, officer: OfficerContext, complaint_id: int) -> HttpResponse:
    """Show a complaint; answer it."""
    rows = Complaint.objects.select_related("office", "answered_by")
    row = get_object_or_404(rows, pk=complaint_id)
    form = AnswerForm(submitted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.answer_complaint(
                complaint_id=row.pk,
                is_founded="founded" in request.POST,
                answer=form.cleaned_data["answer"],
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Jawaban tersimpan; pelapor dapat membacanya."))
            return back(officer, "counters:complaints")
    context = {
        "title": _("Pengaduan"),
        "row": row,
        "form": form,
        "is_overdue": selectors.is_overdue(row, now=officer.now),
        "may_act": officer.has_right(Right.ANSWER_COMPLAINT) and row.answered_at is None,
    }
    status = 400 if form.errors else 200
    return show(request, officer, "counters/complaints/desk_complaint.html", context, status=status)
