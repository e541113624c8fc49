"""The supervisor's screen: the rules of the office's day."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import DomainError
from offices.day_rules.selectors import day_rule_on
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from quotas.policies.selectors import day_terms
from quotas.rules.forms import DayForm
from quotas.rules.views import FEWEST_AHEAD, apply_decree, basis_of, blame

HERE = "counters:rules_day"


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_DAY_RULES)
def day_rules(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the rule in force; change it from a given day on."""
    terms = day_terms(officer.office, day=officer.day)
    start = DayForm.start(terms, first=officer.day + FEWEST_AHEAD)
    form = DayForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        try:
            apply_decree(request, officer, form.decree(officer.office))
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(
                request, _("Aturan tersimpan. Hari sebelum tanggal itu tidak berubah.")
            )
            return back(officer, HERE)
    context = {
        "title": _("Aturan hari layanan"),
        "form": form,
        "rule": day_rule_on(officer.office, officer.day),
        "basis": basis_of(officer, form),
        "may_act": officer.has_right(Right.CHANGE_DAY_RULES),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "quotas/rules/day.html", context, status=status)
