"""The evidence report on screen and as PDF."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right
from reports.evidence.pdf import render_evidence
from reports.evidence.selectors import Evidence, evidence_of
from reports.load.forms import period_form, usual_months

USUAL_MONTHS = 3


@officer_view(reads=Right.READ_EVIDENCE)
def evidence_page(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the evidence of a span of days, or return it as PDF."""
    form = period_form(request.GET, officer, usual=usual_months(officer.day, USUAL_MONTHS))
    context: dict[str, Any] = {
        "title": _("Bukti integritas"),
        "form": form,
        "office": officer.office,
        "has_choice": bool(officer.others),
        "now": officer.now,
    }
    if form.is_valid():
        span = form.cleaned_data["first"], form.cleaned_data["last"]
        evidence = evidence_of(officer.office, *span, now=officer.now)
        if request.GET.get("format") == "pdf":
            return _pdf(evidence)
        pdf = f"office={officer.office.code}&first={span[0]}&last={span[1]}&format=pdf"
        context |= {"evidence": evidence, "pdf_query": pdf}
    return show(request, officer, "reports/evidence/evidence.html", context)


def _pdf(evidence: Evidence) -> HttpResponse:
    answer = HttpResponse(render_evidence(evidence), content_type="application/pdf")
    name = f"bukti-{evidence.office.code}-{evidence.first}-{evidence.last}.pdf"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer
