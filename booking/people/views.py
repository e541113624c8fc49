"""Pages for managing an account's people."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import SignedInRequest
from booking.people import guardians, selectors, services
from booking.people.forms import PersonForm
from booking.people.labels import Kind, masked
from booking.people.models import Applicant
from core import clock
from core.dates import today
from core.errors import DomainError
from core.forms import add_errors, tell_removed
from core.forms import submitted as _typed
from core.web import next_url, with_retry_after
from offices.directory.selectors import document_name

NUMBER_FIELD = {"identity_number": "nik"}


@login_required
@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """List the account's people with their applications and what is missing."""
    rows = list(
        selectors.people_of(request.user.pk).prefetch_related(
            "applications__service_type", "application_drafts__service_type"
        )
    )
    cards = [_card(person) for person in rows]
    limit = services.PEOPLE_LIMIT
    return render(
        request,
        "booking/people/people.html",
        {"people": cards, "has_room": len(rows) < limit, "limit": limit},
    )


def _card(person: Applicant) -> dict[str, Any]:
    return {
        "person": person,
        "identity": masked(person),
        "is_locked": getattr(person, "has_live_booking", False),
        "applications": [_application_line(row) for row in person.applications.all()],
        "unfinished": [
            {"service": row.service_type, "url": _application_url(row)}
            for row in person.application_drafts.all()
        ],
    }


def _application_line(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "url": _application_url(row),
        "photos_url": reverse("booking:photos", args=[row.applicant_id, row.service_type.code]),
        "missing": [document_name(document.row) for document in row.missing_documents(today())],
    }


def _application_url(row: Any) -> str:
    return reverse("booking:application_for", args=[row.applicant_id, row.service_type.code])


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_add(request: SignedInRequest) -> HttpResponse:
    """Add a person; `?kind=passport` asks for a foreign passport instead of the NIK."""
    kind = request.POST.get("identity_kind") or request.GET.get("kind", "")
    kind = str(kind if kind in Kind.values else Kind.NIK)
    onward = next_url(request, "")
    form = PersonForm(_typed(request), kind=kind, today=today(), initial=_proposal(request.user))
    now = clock.now()
    if request.method == "POST" and form.is_valid() and _has_guardian(form, now=now):
        try:
            person = services.add_applicant(account_id=request.user.pk, data=_data(form), now=now)
            _record_guardian(form, person, now=now)
        except DomainError as error:
            add_errors(form, error, aliases=NUMBER_FIELD if kind == Kind.NIK else {})
        else:
            _say_saved(request, person, form)
            if onward:
                return HttpResponseRedirect(onward)
            return HttpResponseRedirect(reverse("booking:application", args=[person.pk]))
    return _person_page(request, form, kind=kind, person=None, onward=onward)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Change one of the account's people."""
    applicant = selectors.person_of(request.user.pk, applicant_id)
    kind = str(applicant.identity_kind)
    onward = next_url(request, reverse("booking:people"))
    form = PersonForm(_typed(request), kind=kind, today=today(), initial=_initial(applicant))
    if request.method == "POST" and form.is_valid():
        try:
            now = clock.now()
            changed = services.change_applicant(
                applicant_id=applicant.pk, account_id=request.user.pk, data=_data(form), now=now
            )
            _record_guardian(form, changed, now=now)
        except DomainError as error:
            add_errors(form, error, aliases=NUMBER_FIELD if kind == Kind.NIK else {})
        else:
            _say_saved(request, changed, form)
            return HttpResponseRedirect(onward)
    return _person_page(request, form, kind=kind, person=applicant, onward=onward)


def _proposal(account: User) -> dict[str, Any]:
    """Return what the form of a new person begins with: the account's name, for its first person."""
    if selectors.people_of(account.pk).exists():
        return {}
    return {"full_name": account.full_name}


def _has_guardian(form: PersonForm, *, now: datetime) -> bool:
    """Return whether a new person is of age, or the form has the guardian's consent; else add the error."""
    if form.cleaned_data["guardian"] or not guardians.is_minor(
        form.cleaned_data["birth_date"], now=now
    ):
        return True
    form.add_error(
        "guardian",
        _("Untuk anak di bawah 18 tahun diperlukan persetujuan orang tua atau walinya."),
    )
    return False


def _record_guardian(form: PersonForm, person: Applicant, *, now: datetime) -> None:
    """Give or withdraw the guardian's consent as the form says. It has no meaning for adults."""
    ids: dict[str, Any] = {"applicant_id": person.pk, "account_id": person.account_id}
    if form.cleaned_data["guardian"] and guardians.is_minor(person.birth_date, now=now):
        guardians.give_guardian_consent(**ids, way=guardians.Way.PAGE, now=now)
    else:
        guardians.withdraw_guardian_consent(**ids, now=now)


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
    if status == HTTPStatus.BAD_REQUEST:
        tell_removed(request, form)
    return render(request, "booking/people/person.html", context, status=status)


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
        "guardian": guardians.has_guardian_consent(person.pk),
    }


def _say_saved(request: HttpRequest, person: Applicant, form: PersonForm) -> None:
    messages.success(request, _("Data %(name)s tersimpan.") % {"name": person.short_name})
    tell_removed(request, form)
    if person.nik_differs:
        messages.warning(request, nik_note())


def nik_note() -> str:
    """Return an explanation of a NIK that needs checking. It never blocks."""
    return _(
        "Tanggal lahir, jenis kelamin, atau kode wilayah di NIK berbeda dari data kami. Anda boleh melanjutkan: NIK tidak berubah bila data kelahiran dikoreksi atau wilayah dimekarkan. Bawa akta kelahiran atau kartu keluarga supaya petugas bisa mencocokkan."
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_remove(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Ask for confirmation, then remove a person from the account."""
    applicant = selectors.person_of(request.user.pk, applicant_id)
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            services.remove_applicant(
                applicant_id=applicant.pk, account_id=request.user.pk, now=clock.now()
            )
        except DomainError as error:
            refusal = error
        else:
            messages.success(
                request, _("%(name)s sudah dihapus dari daftar.") % {"name": applicant.short_name}
            )
            return HttpResponseRedirect(reverse("booking:people"))
    status = refusal.http_status if refusal else 200
    context = {"person": applicant, "refusal": refusal}
    answer = render(request, "booking/people/person_remove.html", context, status=status)
    return with_retry_after(answer, refusal)
