"""Officers' screens: payments that need a decision, and the bank's settlement files."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import Min, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from booking.payments.models import PaymentCase, SettlementFile
from booking.payments.selectors import cases_at, settlement_files, unsettled_notices
from booking.settlement import services
from booking.settlement.forms import DecisionForm, SettlementForm
from core.errors import DomainError
from offices.directory.models import Office
from offices.officer import OfficerContext, back, officer_view, owned_by, show, show_refusal
from offices.permissions import Right, list_offices_with

SHOWN = 100


@officer_view(reads=Right.READ_PAYMENTS, writes=Right.IMPORT_SETTLEMENT)
def payments(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List what needs a decision, and what no settlement file has confirmed; import a file."""
    is_post = request.method == "POST"
    form = SettlementForm(request.POST, request.FILES) if is_post else SettlementForm()
    if is_post and form.is_valid():
        uploaded = form.cleaned_data["file"]
        try:
            file = services.import_settlement(
                uploaded.read(),
                name=uploaded.name,
                office=officer.office,
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Berkas diimpor seluruhnya."))
            return back(officer, "payments:settlement", file_id=file.pk)
    everywhere = len(list_offices_with(officer.user, Right.READ_PAYMENTS, now=officer.now))
    cases = cases_at(officer.office, with_unassigned=everywhere == Office.objects.count())
    context = {
        "title": _("Pembayaran"),
        "form": form,
        "may_import": officer.has_right(Right.IMPORT_SETTLEMENT),
        "waiting": cases.filter(resolved_at__isnull=True)[:SHOWN],
        "decided": cases.filter(resolved_at__isnull=False).order_by("-resolved_at", "-pk")[:20],
        "files": settlement_files(officer.office)[:20],
        "unsettled": unsettled_notices(officer.office)[:SHOWN],
    }
    status = 400 if form.errors else 200
    return show(request, officer, "booking/payments/desk_payments.html", context, status=status)


def _office_of_case(kwargs: Mapping[str, Any]) -> QuerySet[Any]:
    """The office of a case. One without an office is for officers of the nation, who have every office."""
    first = Office.objects.aggregate(first=Min("pk"))["first"]
    rows = PaymentCase.objects.filter(pk=kwargs["case_id"])
    return rows.values_list(Coalesce("office_id", first), flat=True)


@officer_view(reads=Right.READ_PAYMENTS, writes=Right.DECIDE_PAYMENT, owner=_office_of_case)
def payment(request: HttpRequest, officer: OfficerContext, case_id: int) -> HttpResponse:
    """Show a payment that needs a decision; decide."""
    rows = PaymentCase.objects.select_related(
        "bill__booking__applicant",
        "bill__booking__slot",
        "bill__booking__office",
        "notice",
        "office",
    )
    case = get_object_or_404(rows, pk=case_id)
    actions = services.actions_for(case)
    form = DecisionForm(
        request.POST or None,
        actions=actions,
        refund=services.refund_of(case),
        has_bill=case.bill_id is not None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.decide_case(
                case_id=case.pk, by=officer.user, now=officer.now, **form.cleaned_data
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Keputusan dicatat."))
            return back(officer, "payments:payments")
    context = {
        "title": _("Pembayaran"),
        "case": case,
        "entries": case.bill.entries.select_related("by", "notice") if case.bill else [],
        "form": form,
        "refund": services.refund_of(case) if PaymentCase.Action.REFUNDED in actions else 0,
        "closed_too": services.closed_by_refund(case),
        "may_act": officer.has_right(Right.DECIDE_PAYMENT) and bool(actions),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "booking/payments/desk_payment.html", context, status=status)


@officer_view(reads=Right.READ_PAYMENTS, owner=owned_by(SettlementFile, "file_id"))
def settlement(request: HttpRequest, officer: OfficerContext, file_id: int) -> HttpResponse:
    """Show the lines of a settlement file and what became of each."""
    file = get_object_or_404(SettlementFile.objects.select_related("imported_by"), pk=file_id)
    lines = file.lines.select_related("notice__bill__booking")
    context = {"title": _("Berkas bank"), "file": file, "lines": lines[:5000]}
    return show(request, officer, "booking/payments/desk_settlement.html", context)
