"""An officer's subscriptions, and the page behind the link of an e-mail."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import NotFound
from notices import links
from offices.officer import OfficerContext, act, officer_view, owned_by, show
from offices.permissions import Right
from reports.subscriptions import services
from reports.subscriptions.forms import SubscriptionForm
from reports.subscriptions.messages import REPORT_LINK
from reports.subscriptions.models import ReportDelivery, ReportSubscription
from reports.subscriptions.selectors import subscriptions_of

HERE = "reports:subscriptions"


@officer_view(reads=Right.READ_REPORTS, writes=Right.READ_REPORTS)
def subscriptions(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the officer's subscriptions, and start one."""
    form = SubscriptionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return act(
            request,
            officer,
            HERE,
            lambda: services.subscribe(
                office=officer.office,
                rhythm=form.cleaned_data["rhythm"],
                rows_by=form.cleaned_data["by"],
                by=officer.user,
                now=officer.now,
            ),
            success=_("Laporan akan dikirim lewat surel."),
        )
    context = {
        "title": _("Laporan lewat surel"),
        "form": form,
        "rows": subscriptions_of(officer.user),
    }
    return show(request, officer, "reports/subscriptions/subscriptions.html", context)


@require_POST
@officer_view(writes=Right.READ_REPORTS, owner=owned_by(ReportSubscription, "subscription_id"))
def stop(request: HttpRequest, officer: OfficerContext, subscription_id: int) -> HttpResponse:
    """Stop one of the officer's subscriptions."""
    return act(
        request,
        officer,
        HERE,
        lambda: services.stop(subscription_id=subscription_id, by=officer.user, now=officer.now),
        success=_("Laporan ini tidak dikirim lagi."),
    )


@officer_view(
    reads=Right.READ_REPORTS, owner=owned_by(ReportDelivery, "delivery_id", "subscription__office")
)
def sent(request: HttpRequest, officer: OfficerContext, delivery_id: int) -> HttpResponse:
    """Open the report of an e-mail: with its link, for the officer it was sent to, with the right.

    Anybody else with the link sees nothing: it does not sign anybody in.
    """
    links.require(request, REPORT_LINK, delivery_id, now=officer.now)
    delivery = ReportDelivery.objects.select_related("subscription__office").get(pk=delivery_id)
    subscription = delivery.subscription
    if subscription.officer_id != officer.user.pk:
        raise NotFound
    query = urlencode(
        {
            "office": subscription.office.code,
            "offices": subscription.office.code,
            "by": subscription.by,
            "first": delivery.first.isoformat(),
            "last": delivery.last.isoformat(),
        }
    )
    return redirect(f"{reverse('reports:daily_load')}?{query}")
