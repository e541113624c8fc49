"""Pages for preparing an application."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest, account_of
from booking.applications import selectors, services
from booking.applications.forms import ApplicationForm
from booking.applications.models import PassportApplication
from booking.people import selectors as people_selectors
from booking.people.models import Applicant
from booking.people.selectors import fits
from core import clock
from core.dates import today
from core.errors import DomainError, NotFound
from core.forms import add_errors
from core.forms import submitted as _typed
from core.web import next_url
from offices.directory.models import ServiceType


def services_for(person: Applicant) -> list[ServiceType]:
    """Return the services that fit a person's kind of identity."""
    rows = ServiceType.objects.select_related("group").order_by("id")
    return [row for row in rows if fits(person, row)]


@login_required
@require_safe
def application(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Ask for the service; redirect at once if there is only one."""
    person = people_selectors.person_of(request.user.pk, applicant_id)
    rows = services_for(person)
    onward = next_url(request, "")
    query = f"?{urlencode({'next': onward})}" if onward else ""
    links = [
        {
            "service": row,
            "url": reverse("booking:application_for", args=[person.pk, row.code]) + query,
            "is_prepared": selectors.application_of(person.pk, row.pk) is not None,
        }
        for row in rows
    ]
    if len(links) == 1:
        return HttpResponseRedirect(str(links[0]["url"]))
    return render(
        request,
        "booking/applications/application_choose.html",
        {"person": person, "services": links},
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_for(request: SignedInRequest, applicant_id: int, code: str) -> HttpResponse:
    """Create or change a person's application for one service."""
    person = people_selectors.person_of(request.user.pk, applicant_id)
    service = next((row for row in services_for(person) if row.code == code), None)
    if service is None:
        raise NotFound
    saved = selectors.application_of(person.pk, service.pk)
    onward = next_url(request, reverse("booking:people"))
    form = ApplicationForm(
        _typed(request), service=service, today=today(), initial=_prepared(saved)
    )
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, person, service, form)
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, _("Permohonan %(name)s tersimpan.") % {"name": person.short_name}
            )
            return HttpResponseRedirect(onward)
    context = {"form": form, "person": person, "service": service, "saved": saved, "next": onward}
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "booking/applications/application.html", context, status=status)


def _prepared(saved: PassportApplication | None) -> dict[str, Any]:
    if saved is None:
        return {}
    return {
        "reason": saved.reason,
        "purpose": saved.purpose,
        "product": saved.product,
        "documents": [code for code, is_ready in saved.documents.items() if is_ready],
    }


def _save(
    request: SignedInRequest, person: Applicant, service: ServiceType, form: ApplicationForm
) -> None:
    values = form.cleaned_data
    services.save_application(
        applicant_id=person.pk,
        by=request.user,
        data=services.ApplicationData(
            service_type=service.code,
            reason=values["reason"],
            purpose=values["purpose"],
            product=values["product"],
            documents=form.documents_ready(),
        ),
        now=clock.now(),
    )


def preferred_code(request: HttpRequest) -> str:
    """Return the code of the service that the signed-in person prepared last, as the default choice."""
    account = account_of(request)
    if account is None:
        return ""
    rows = PassportApplication.objects.filter(
        applicant__account=account, applicant__removed_at__isnull=True
    )
    codes = rows.order_by("-changed_at").values_list("service_type__code", flat=True)
    return codes.first() or ""
