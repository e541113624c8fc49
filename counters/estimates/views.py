"""Reasons for visits of more than two hours, and how good the estimates were."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.forms import posted_text
from counters.estimates.selectors import late_without_reason, scores_of
from counters.estimates.services import give_late_reason
from counters.visits.models import Visit
from offices.officer import REFUSED, OfficerContext, act, back, officer_view, owned_by, show
from offices.permissions import Right
from offices.reasons.models import Reason
from offices.reasons.selectors import reasons_on

OF_VISIT = owned_by(Visit, "visit_id")
SHOWN_AT_ONCE = 20
SCORED_DAYS = timedelta(days=30)


@require_POST
@officer_view(writes=Right.SERVE_COUNTER, owner=OF_VISIT)
def late_reason(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Record why an own visit took more than two hours, and return to the counter."""
    return act(
        request,
        officer,
        "counters:counter",
        lambda: _give(request, officer, visit_id, at_counter=True),
        success=_("Sebab tercatat."),
    )


@officer_view(reads=Right.READ_TODAY)
def waits(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show late visits without a reason, and the scores of the estimates."""
    return _screen(request, officer)


@require_POST
@officer_view(writes=Right.CLOSE_DAY, owner=OF_VISIT)
def late_visit(request: HttpRequest, officer: OfficerContext, visit_id: int) -> HttpResponse:
    """Record why a visit took more than two hours, for supervisors."""
    try:
        _give(request, officer, visit_id)
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        return _screen(request, officer, error=error, wrong=visit_id)
    messages.success(request, _("Sebab tercatat."))
    return back(officer, "counters:waits")


def _give(
    request: HttpRequest, officer: OfficerContext, visit_id: int, *, at_counter: bool = False
) -> None:
    give_late_reason(
        visit_id=visit_id,
        reason=posted_text(request, "reason"),
        note=posted_text(request, "note"),
        by=officer.user,
        now=officer.now,
        at_counter=at_counter,
    )


def _screen(
    request: HttpRequest,
    officer: OfficerContext,
    *,
    error: DomainError | None = None,
    wrong: int | None = None,
) -> HttpResponse:
    visits = late_without_reason(officer.office, now=officer.now)
    page = Paginator(visits, SHOWN_AT_ONCE).get_page(request.GET.get("page"))
    scores = scores_of(officer.office, since=officer.day - SCORED_DAYS)
    context: dict[str, Any] = {
        "title": _("Waktu tunggu dan janji dua jam"),
        "page": page,
        "reasons": reasons_on(Reason.Use.LATE_VISIT, officer.day),
        "may_act": officer.has_right(Right.CLOSE_DAY),
        "scores": scores,
        "error": error,
        "wrong": wrong,
        "chosen": posted_text(request, "reason"),
        "note": posted_text(request, "note"),
    }
    status = error.http_status if error else 200
    return show(request, officer, "counters/estimates/waits.html", context, status=status)
