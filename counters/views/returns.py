"""The supervisor's screen of places given back: who waits for them, and on which terms they are offered."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from booking import selectors as booking
from core.errors import DomainError
from counters.views.access import ABOVE, SUPERVISOR, Desk, back, officer_view, show
from counters.views.rules import FEWEST_AHEAD, apply_decree, basis_of, blame
from offices.models import Lane
from offices.selectors import can
from quotas.forms import ReturnForm
from quotas.selectors import return_rule_on, return_terms

LANE = "online"
LOOK_BACK = timedelta(days=30)
HERE = "counters:rules_returns"


@officer_view(acts=SUPERVISOR, reads=ABOVE)
def returns(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show who waits and what became of the last offers; change the terms from a day on."""
    lane = Lane.objects.get(pk=LANE)
    rule = return_rule_on(desk.office, lane=LANE, day=desk.day)
    terms = return_terms(desk.office, lane=LANE, day=desk.day)
    start = ReturnForm.start(terms, first=desk.day + FEWEST_AHEAD)
    form = ReturnForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            apply_decree(request, desk, form.decree(desk.office, lane=LANE))
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("Aturan tersimpan. Tawaran yang sudah dikirim tetap seperti dijanjikan."))  # fmt: skip
            return back(desk, HERE)
    context = {
        "title": _("Tempat kembali dan daftar tunggu"),
        "form": form,
        "rule": rule,
        "basis": basis_of(desk, form),
        "lane": lane,
        "may_act": can(desk.user, office=desk.office, roles=SUPERVISOR, now=desk.now),
        **_state(desk),
    }
    return show(request, desk, "counters/returns.html", context, status=400 if form.errors else 200)


def _state(desk: Desk) -> dict[str, Any]:
    waiting, offers = booking.waiting_at(desk.office, since=desk.now - LOOK_BACK)
    ended = Counter(offer.status for offer in offers)
    return {
        "turns": len(waiting),
        "people": sum(entry.size for entry in waiting),
        "families": sum(entry.size > 1 for entry in waiting),
        "longest": desk.now - waiting[0].joined_at if waiting else None,
        "offers": [
            (str(label), ended[status]) for status, label in booking.OFFER_WORDS if ended[status]
        ],
    }
