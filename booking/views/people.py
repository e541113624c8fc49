"""The people of an account, and what is prepared for each of them."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from booking import selectors, services
from booking.forms import ApplicationForm, PersonForm, tell
from booking.models import Applicant, PassportApplication
from booking.selectors.services_for import fits
from booking.views.common import SignedInRequest, next_url
from core import clock
from core.errors import DomainError, NotFound
from core.languages import localized
from core.web import with_retry_after
from offices.models import ServiceType

Kind = Applicant.IdentityKind
NUMBER_FIELD = {"identity_number": "nik"}


def _typed(request: HttpRequest) -> QueryDict | None:
    """Return what was sent, also when that is nothing at all; None when the page is only opened."""
    return request.POST if request.method == "POST" else None


def today() -> dt.date:
    """Return the civil date by which ages are counted."""
    return clock.local_day(clock.now(), settings.TIME_ZONE)


@login_required
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """List the account's people, each with what is prepared and what is missing."""
    rows = list(
        selectors.people_of(request.user.pk).prefetch_related("applications__service_type")
    )
    cards = [_card(person) for person in rows]
    limit = services.people.PEOPLE_LIMIT
    return render(
        request,
        "booking/people.html",
        {"people": cards, "has_room": len(rows) < limit, "limit": limit},
    )


def _card(person: Applicant) -> dict[str, Any]:
    return {
        "person": person,
        "identity": masked(person),
        "is_locked": getattr(person, "has_live_booking", False),
        "applications": [_application_line(row) for row in person.applications.all()],
    }


def _application_line(row: Any) -> dict[str, Any]:
    asked = [doc for doc in row.service_type.documents if doc.get("is_required", True)]
    missing = [doc for doc in asked if not row.documents.get(doc["code"])]
    return {
        "row": row,
        "url": reverse("booking:application_for", args=[row.applicant_id, row.service_type.code]),
        "missing": [document_name(doc) for doc in missing],
    }


def document_name(doc: dict[str, Any]) -> str:
    """Return a document's name in the reader's language."""
    return localized(doc)


def masked(person: Applicant) -> str:
    """Write an identity number so that its owner knows it and a passer-by does not."""
    number = person.identity_number
    if person.identity_kind == Kind.NIK:
        return f"{number[:4]} •••• •••• {number[-4:]}"
    return f"{number[:2]}••••{number[-2:]} ({person.nationality})"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request: SignedInRequest) -> HttpResponse:
    """Add a person; `?kind=passport` asks for a foreign passport instead of the NIK."""
    kind = request.POST.get("identity_kind") or request.GET.get("kind", "")
    kind = str(kind if kind in Kind.values else Kind.NIK)
    onward = next_url(request, "")
    form = PersonForm(_typed(request), kind=kind, today=today())
    if request.method == "POST" and form.is_valid():
        try:
            person = services.add_applicant(
                account_id=request.user.pk, data=_data(form), now=clock.now()
            )
        except DomainError as error:
            tell(form, error, aliases=NUMBER_FIELD if kind == Kind.NIK else {})
        else:
            _say_saved(request, person)
            if onward:
                return HttpResponseRedirect(onward)
            return HttpResponseRedirect(reverse("booking:application", args=[person.pk]))
    return _person_page(request, form, kind=kind, person=None, onward=onward)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Change one of the account's people."""
    found = selectors.person_of(request.user.pk, applicant_id)
    kind = str(found.identity_kind)
    onward = next_url(request, reverse("booking:people"))
    form = PersonForm(_typed(request), kind=kind, today=today(), initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_applicant(
                applicant_id=found.pk, account_id=request.user.pk, data=_data(form), now=clock.now()
            )
        except DomainError as error:
            tell(form, error, aliases=NUMBER_FIELD if kind == Kind.NIK else {})
        else:
            _say_saved(request, changed)
            return HttpResponseRedirect(onward)
    return _person_page(request, form, kind=kind, person=found, onward=onward)


def _person_page(
    request: SignedInRequest, form: PersonForm, *, kind: str, person: Applicant | None, onward: str
) -> HttpResponse:
    other = Kind.PASSPORT if kind == Kind.NIK else Kind.NIK
    query = {"kind": str(other)} | ({"next": onward} if onward else {})
    context = {
        "form": form,
        "kind": kind,
        "person": person,
        "next": onward,
        "is_foreign": kind == Kind.PASSPORT,
        "other_url": f"{reverse('booking:person_add')}?{urlencode(query)}",
    }
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "booking/person.html", context, status=status)


def _data(form: PersonForm) -> services.ApplicantData:
    values = form.cleaned_data
    return services.ApplicantData(
        full_name=values["full_name"],
        birth_date=values["birth_date"],
        sex=values["sex"],
        identity_kind=form.kind,
        identity_number=values.get("nik") or values["identity_number"],
        nationality=values.get("nationality") or "ID",
        phone=values["phone"],
    )


def _initial(person: Applicant) -> dict[str, Any]:
    return {
        "full_name": person.full_name,
        "nik": person.identity_number,
        "identity_number": person.identity_number,
        "nationality": person.nationality,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "phone": person.phone,
    }


def _say_saved(request: HttpRequest, person: Applicant) -> None:
    messages.success(request, _("Data %(name)s tersimpan.") % {"name": person.short_name})
    if person.nik_differs:
        messages.warning(request, nik_note())


def nik_note() -> str:
    """Return what a NIK that differs means: a remark, never a refusal."""
    return _(
        "Tanggal lahir atau jenis kelamin berbeda dari yang tertulis di NIK. Anda boleh melanjutkan: "
        "NIK memang tetap bila data lahir pernah dikoreksi. Bawa akta kelahiran supaya petugas bisa mencocokkan."
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_remove(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Ask once, then take a person off the account."""
    found = selectors.person_of(request.user.pk, applicant_id)
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            services.remove_applicant(
                applicant_id=found.pk, account_id=request.user.pk, now=clock.now()
            )
        except DomainError as error:
            refusal = error
        else:
            messages.success(
                request, _("%(name)s sudah dihapus dari daftar.") % {"name": found.short_name}
            )
            return HttpResponseRedirect(reverse("booking:people"))
    status = refusal.http_status if refusal else 200
    context = {"person": found, "refusal": refusal}
    answer = render(request, "booking/person_remove.html", context, status=status)
    return with_retry_after(answer, refusal)


# ------------------------------------------------------------------ what is applied for


def services_for(person: Applicant) -> list[ServiceType]:
    """Return the services that fit a person's kind of identity."""
    rows = ServiceType.objects.select_related("group").order_by("id")
    return [row for row in rows if fits(person, row)]


@login_required
@require_safe
def application(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Ask which service; where there is one only, go straight on."""
    found = selectors.person_of(request.user.pk, applicant_id)
    rows = services_for(found)
    onward = next_url(request, "")
    query = f"?{urlencode({'next': onward})}" if onward else ""
    links = [
        {
            "service": row,
            "url": reverse("booking:application_for", args=[found.pk, row.code]) + query,
            "is_prepared": selectors.application_of(found.pk, row.pk) is not None,
        }
        for row in rows
    ]
    if len(links) == 1:
        return HttpResponseRedirect(str(links[0]["url"]))
    return render(request, "booking/application_choose.html", {"person": found, "services": links})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def application_for(request: SignedInRequest, applicant_id: int, code: str) -> HttpResponse:
    """Prepare what one person applies for with one service."""
    found = selectors.person_of(request.user.pk, applicant_id)
    service = next((row for row in services_for(found) if row.code == code), None)
    if service is None:
        raise NotFound
    saved = selectors.application_of(found.pk, service.pk)
    onward = next_url(request, reverse("booking:people"))
    form = ApplicationForm(
        _typed(request), service=service, today=today(), initial=_prepared(saved)
    )
    if request.method == "POST" and form.is_valid():
        try:
            _save(request, found, service, form)
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(
                request, _("Permohonan %(name)s tersimpan.") % {"name": found.short_name}
            )
            return HttpResponseRedirect(onward)
    context = {"form": form, "person": found, "service": service, "saved": saved, "next": onward}
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "booking/application.html", context, status=status)


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
        account_id=request.user.pk,
        data=services.ApplicationData(
            service_type=service.code,
            reason=values["reason"],
            purpose=values["purpose"],
            product=values["product"],
            documents=form.documents_ready(),
        ),
        now=clock.now(),
    )
