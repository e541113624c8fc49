"""The supervisor's screen of days on which absent people may not have been served."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from booking.absences import services
from booking.restrictions.models import AbsenceReview, Obstacle
from core.errors import DomainError
from offices.officer import REFUSED, OfficerContext, officer_view, owned_by, show
from offices.permissions import Right


@officer_view(reads=Right.READ_RESTRICTIONS)
def absences(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the days, undecided ones first."""
    rows = services.reviews_of(officer.office, now=officer.now)
    context = {
        "others": officer.others,
        "rows": [(review, people, _causes(review)) for review, people in rows],
    }
    return show(request, officer, "booking/absences/absences.html", context)


def _causes(review: AbsenceReview) -> str:
    labels = dict(Obstacle.choices)
    return ", ".join(str(labels.get(code, code)) for code in review.obstacles)


@officer_view(
    reads=Right.READ_RESTRICTIONS,
    writes=Right.DECIDE_ABSENCE,
    owner=owned_by(AbsenceReview, "review_id"),
)
def absence(request: HttpRequest, officer: OfficerContext, review_id: int) -> HttpResponse:
    """Show a day with the people concerned; decide about it."""
    review = AbsenceReview.objects.select_related("decided_by").get(pk=review_id)
    faults: dict[str, list[str]] = {}
    if request.method == "POST":
        try:
            services.decide_review(
                review_id=review.pk,
                decision=request.POST.get("decision", ""),
                reason=request.POST.get("reason", ""),
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            if error.http_status in REFUSED or not error.fields:
                raise
            faults = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
        else:
            messages.success(request, _("Keputusan dicatat."))
            return redirect("absences:absences")
    rows = services.absent_bookings(officer.office, review.day, now=officer.now)
    context = {
        "review": review,
        "causes": _causes(review),
        "bookings": rows.select_related("applicant", "slot", "service_type"),
        "faults": faults,
        "reason": request.POST.get("reason", ""),
        "may_act": officer.has_right(Right.DECIDE_ABSENCE) and not review.decision,
    }
    template = "booking/absences/absence.html"
    return show(request, officer, template, context, status=400 if faults else 200)
