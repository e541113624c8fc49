"""The page of an office's inspections, for the region and for the office itself."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.forms import posted_text
from offices.inspections import selectors, services
from offices.inspections.forms import FindingForm
from offices.inspections.models import Finding, FindingStep
from offices.officer import OfficerContext, act, back, officer_view, owned_by, show, show_refusal
from offices.permissions import Right

HERE = "officers:inspections"


@officer_view(reads=Right.READ_INSPECTIONS, writes=Right.RECORD_FINDING)
def inspections(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show an office's findings with deadlines and answers, and how the other offices stand."""
    form = FindingForm(request.POST or None, initial={"inspected_on": officer.day})
    if request.method == "POST" and form.is_valid():
        try:
            services.record_finding(
                office_id=officer.office.pk, by=officer.user, now=officer.now, **form.cleaned_data
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Temuan tercatat. Supervisor kantor dapat menjawabnya."))
            return back(officer, HERE)
    offices = (officer.office, *officer.others)
    context = {
        "title": _("Pemeriksaan kantor"),
        "form": form,
        "findings": selectors.findings_of(officer.office, today=officer.day),
        "offices": selectors.overview(offices, today=officer.day) if officer.others else [],
        "may_record": officer.has_right(Right.RECORD_FINDING),
        "may_answer": officer.has_right(Right.ANSWER_FINDING),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "offices/inspections/inspections.html", context, status=status)


def _step(
    request: HttpRequest, officer: OfficerContext, finding_id: int, kind: str
) -> HttpResponse:
    return act(
        request,
        officer,
        HERE,
        lambda: services.add_step(
            finding_id=finding_id,
            kind=kind,
            text=posted_text(request, "text"),
            by=officer.user,
            now=officer.now,
        ),
        success=_("Tercatat."),
    )


@require_POST
@officer_view(writes=Right.ANSWER_FINDING, owner=owned_by(Finding, "finding_id"))
def answer(request: HttpRequest, officer: OfficerContext, finding_id: int) -> HttpResponse:
    """Answer a finding of the own office."""
    return _step(request, officer, finding_id, FindingStep.Kind.ANSWERED)


@require_POST
@officer_view(writes=Right.RECORD_FINDING, owner=owned_by(Finding, "finding_id"))
def judge(request: HttpRequest, officer: OfficerContext, finding_id: int) -> HttpResponse:
    """Close a finding after its answer, or return the answer."""
    is_closed = request.POST.get("step") == FindingStep.Kind.CLOSED
    kind = FindingStep.Kind.CLOSED if is_closed else FindingStep.Kind.RETURNED
    return _step(request, officer, finding_id, kind)
