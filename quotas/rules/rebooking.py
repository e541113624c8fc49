"""The supervisor's screen: how often people may book again after they cancelled."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import DomainError
from offices.limits.selectors import rebooking_rule_on
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from quotas.policies.selectors import rebooking_terms
from quotas.rules.forms import RebookingForm
from quotas.rules.views import FEWEST_AHEAD, apply_decree, basis_of, blame

HERE = "counters:rules_rebooking"


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_REBOOKING)
def rebooking(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the rule in force; change it from a given day on."""
    terms = rebooking_terms(officer.office, day=officer.day)
    start = RebookingForm.start(terms, first=officer.day + FEWEST_AHEAD)
    form = RebookingForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            apply_decree(request, officer, form.decree(officer.office))
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("Aturan tersimpan. Jadwal yang sudah ada tidak berubah."))
            return back(officer, HERE)
    context = {
        "title": _("Pemesanan ulang setelah pembatalan"),
        "form": form,
        "rule": rebooking_rule_on(officer.office, officer.day),
        "basis": basis_of(officer, form),
        "may_act": officer.has_right(Right.CHANGE_REBOOKING),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "quotas/rules/rebooking.html", context, status=status)
