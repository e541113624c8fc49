"""The supervisor's screen of freed places: who waits for them, and on which terms they are offered."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking.waiting_list import selectors
from offices.directory.models import Lane
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from quotas.policies.selectors import return_rule_on, return_terms
from quotas.rules.forms import ReturnForm
from quotas.rules.views import FEWEST_AHEAD, basis_of, decide, preview_context

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
    response, preview = None, None
    if request.method == "POST" and form.is_valid():
        response, preview = decide(
            officer,
            request,
            form,
            lambda: form.decree(officer.office, lane=LANE),
            here=HERE,
            success=_("Aturan tersimpan. Tawaran yang sudah dikirim tetap berlaku."),
        )
    if response is not None:
        return response
    context = {
        "title": _("Tempat yang dibatalkan dan daftar tunggu"),
        "form": form,
        "rule": rule,
        "basis": basis_of(officer, form),
        "lane": lane,
        "may_act": officer.has_right(Right.CHANGE_RETURNS),
        "save_name": "save",
        **preview_context(request, preview),
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
