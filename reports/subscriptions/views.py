"""An officer's subscriptions, and the address to which the link of an e-mail leads."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from notices import links
from notices.errors import LinkNotValid
from offices.officer import OfficerContext, act, officer_view, show
from offices.permissions import Right
from reports.subscriptions import services
from reports.subscriptions.forms import SubscriptionForm
from reports.subscriptions.messages import REPORT_LINK
from reports.subscriptions.models import ReportDelivery
from reports.subscriptions.selectors import delivery_for, subscriptions_of

HERE = "reports:subscriptions"


@officer_view(reads=Right.READ_REPORTS, writes=Right.READ_REPORTS)
def subscriptions(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the officer's subscriptions; start one, or stop one."""
    if "stop" in request.POST:
        return _stop(request, officer)
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _subscribe(request, officer, form.cleaned_data)
    rows = subscriptions_of(officer.user)
    context = {"title": _("Laporan lewat surel"), "form": form, "rows": rows}
    return show(request, officer, "reports/subscriptions/subscriptions.html", context)


def _subscribe(
    request: HttpRequest, officer: OfficerContext, values: dict[str, Any]
) -> HttpResponse:
    return act(
        request,
        officer,
        HERE,
        lambda: services.subscribe(
            office=officer.office,
            rhythm=values["rhythm"],
            rows_by=values["by"],
            by=officer.user,
            now=officer.now,
        ),
        success=_("Laporan akan dikirim lewat surel."),
    )


def _stop(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    return act(
        request,
        officer,
        HERE,
        lambda: services.stop(number=request.POST["stop"], by=officer.user, now=officer.now),
        success=_("Laporan ini tidak dikirim lagi."),
    )


@officer_view(reads=Right.READ_REPORTS)
def sent(request: HttpRequest, officer: OfficerContext, token: str) -> HttpResponse:
    """Open the report of an e-mail, for the officer to whom it was sent.

    The link signs nobody in and gives no right: without the right to the office's reports, and for
    any other officer, it leads to the officer's own report.
    """
    try:
        link = links.read(token, REPORT_LINK, now=officer.now)
        delivery = delivery_for(link.subject, officer.user)
    except LinkNotValid as error:
        messages.error(request, str(error))
        return redirect("reports:daily_load")
    return redirect(f"{reverse('reports:daily_load')}?{_query(delivery)}")


def _query(delivery: ReportDelivery) -> str:
    office = delivery.subscription.office.code
    first, last = delivery.first.isoformat(), delivery.last.isoformat()
    by = delivery.subscription.by
    return urlencode({"office": office, "offices": office, "by": by, "first": first, "last": last})
