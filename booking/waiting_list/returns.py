"""The supervisor's screen of freed places: who waits for them, and on which terms they are offered."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.waiting_list import selectors
from core.errors import DomainError
from offices.directory.models import Lane
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from quotas.policies.selectors import return_rule_on, return_terms
from quotas.rules.forms import ReturnForm
from quotas.rules.views import FEWEST_AHEAD, apply_decree, basis_of, blame

LANE = "online"
LOOK_BACK = timedelta(days=30)
HERE = "counters:rules_returns"


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_RETURNS)
def returns(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the waiting list and the latest offers; change the terms from a given day on."""
    lane = Lane.objects.get(pk=LANE)
    rule = return_rule_on(officer.office, lane=LANE, day=officer.day)
    terms = return_terms(officer.office, lane=LANE, day=officer.day)
    start = ReturnForm.start(terms, first=officer.day + FEWEST_AHEAD)
    form = ReturnForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            apply_decree(request, officer, form.decree(officer.office, lane=LANE))
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(
                request, _("Aturan tersimpan. Tawaran yang sudah dikirim tetap berlaku.")
            )
            return back(officer, HERE)
    context = {
        "title": _("Tempat yang dibatalkan dan daftar tunggu"),
        "form": form,
        "rule": rule,
        "basis": basis_of(officer, form),
        "lane": lane,
        "may_act": officer.has_right(Right.CHANGE_RETURNS),
        **_state(officer),
    }
    return show(
        request,
        officer,
        "booking/waiting_list/returns.html",
        context,
        status=400 if form.errors else 200,
    )


def _state(officer: OfficerContext) -> dict[str, Any]:
    waiting, offers = selectors.waiting_at(officer.office, since=officer.now - LOOK_BACK)
    ended = Counter(offer.status for offer in offers)
    return {
        "turns": len(waiting),
        "people": sum(entry.size for entry in waiting),
        "families": sum(entry.size > 1 for entry in waiting),
        "longest": officer.now - waiting[0].joined_at if waiting else None,
        "offers": [
            (str(label), ended[status]) for status, label in selectors.OFFER_LABELS if ended[status]
        ],
    }
