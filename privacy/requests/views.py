"""The account's pages about its own data."""

from collections.abc import Callable
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Consent
from accounts.requests import SignedInRequest
from accounts.services import has_consented
from booking.people.models import Applicant
from core import clock
from core.errors import DomainError
from core.forms import add_errors, form_page, submitted
from offices.directory.models import Office
from privacy.erasure.selectors import OBSTACLES, obstacles
from privacy.holdings.rendering import as_json, as_pdf
from privacy.holdings.selectors import held, subject_of_account
from privacy.reads.selectors import reads_by_screen
from privacy.requests import selectors, services
from privacy.requests.forms import CorrectionForm, DeletionForm
from privacy.requests.models import RequestStatus

FORMATS = {"json": (as_json, "application/json"), "pdf": (as_pdf, "application/pdf")}
REQUESTS_SHOWN = 20


@login_required
@never_cache
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Show what is stored, the requests with their answers, and the possible requests."""
    subject = subject_of_account(request.user)
    people = selectors.people_in(subject)
    now = clock.now()
    rows = selectors.requests_of(request.user)[:REQUESTS_SHOWN]
    context = {
        "tables": held(subject, now=now),
        "rows": [{"row": row, "is_open": row.status == RequestStatus.OPEN} for row in rows],
        "has_people": people.exists(),
        "is_restricted": people.filter(restricted_at__isnull=False).exists(),
        "has_reminders": has_consented(request.user.pk, Consent.Purpose.REMINDERS),
        "reads": reads_by_screen(subject.people, now=now),
    }
    return render(request, "privacy/requests/home.html", context)


@login_required
@reauthentication_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def download(request: SignedInRequest) -> HttpResponse:
    """Return everything stored about the account as JSON or PDF, after the password was typed."""
    if request.method != "POST":
        return render(request, "privacy/requests/download.html")
    now = clock.now()
    name = request.POST.get("format", "")
    render_file, kind = FORMATS.get(name, FORMATS["pdf"])
    services.record_export(account=request.user, now=now)
    tables = held(subject_of_account(request.user), now=now)
    answer = HttpResponse(render_file(tables, now=now), content_type=kind)
    ending = name if name in FORMATS else "pdf"
    answer["Content-Disposition"] = f'attachment; filename="data-pribadi.{ending}"'
    return answer


@login_required
@reauthentication_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest) -> HttpResponse:
    """Delete the account or one of its people, after the password was typed."""
    account, now = request.user, clock.now()
    people = list(Applicant.objects.filter(account=account, erased_at=None).order_by("pk"))
    form = DeletionForm(submitted(request), people=people)
    if form.is_bound and form.is_valid():
        what = form.cleaned_data["what"]
        try:
            if what == "account":
                services.delete_own_account(account=account, now=now)
            else:
                services.delete_own_person(account=account, applicant_id=int(what), now=now)
        except DomainError as error:
            add_errors(form, error)
        else:
            return _deleted(request, is_account=what == "account")
    codes = obstacles([person.pk for person in people], now=now)
    context = {"obstacles": [OBSTACLES[code] for code in codes]}
    return form_page(request, "privacy/requests/delete.html", form, context)


def _deleted(request: SignedInRequest, *, is_account: bool) -> HttpResponse:
    if not is_account:
        messages.success(request, _("Data orang itu sudah dihapus."))
        return redirect("privacy:home")
    logout(request)
    messages.success(
        request, _("Akun dan data Anda sudah dihapus. Jawabannya kami kirim lewat surel.")
    )
    return redirect("booking:home")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: SignedInRequest) -> HttpResponse:
    """Ask an office to correct what the account cannot change."""
    usual = Office.objects.filter(pk=selectors.usual_office_id(request.user) or 0).first()
    form = CorrectionForm(submitted(request), initial={"office": usual and usual.code})
    if form.is_bound and form.is_valid():
        try:
            services.ask_for_correction(
                account=request.user,
                office_id=form.cleaned_data["office"].pk,
                text=form.cleaned_data["text"],
                now=clock.now(),
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Permintaan tercatat. Jawabannya datang dalam 3 × 24 jam."))
            return redirect("privacy:home")
    return form_page(request, "privacy/requests/correct.html", form, {})


@login_required
@never_cache
@require_POST
def switch(request: SignedInRequest, verb: str) -> HttpResponse:
    """Restrict the use of the data, end the restriction, or stop reminders."""
    calls: dict[str, tuple[Callable[..., Any], str]] = {
        "restrict": (services.restrict_own, _("Pemrosesan data dibatasi.")),
        "resume": (services.resume_own, _("Pembatasan pemrosesan berakhir.")),
        "object": (services.object_to_reminders, _("Pengingat dihentikan.")),
    }
    call, success = calls[verb]
    call(account=request.user, now=clock.now())
    messages.success(request, success)
    return redirect("privacy:home")


@login_required
@never_cache
@require_POST
def withdraw(request: SignedInRequest, request_id: int) -> HttpResponse:
    """Withdraw an open request."""
    services.withdraw_request(request_id=request_id, account=request.user, now=clock.now())
    messages.success(request, _("Permintaan ditarik kembali."))
    return redirect("privacy:home")
