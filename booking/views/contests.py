"""What binds one's people, and numbers that a stranger has booked with: the applicant's pages."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from booking import selectors, services
from booking.forms import AppealForm, ContestForm, tell
from booking.models import ContestStatus, Restriction
from booking.services.restrictions import is_standing
from booking.views.common import SignedInRequest
from booking.views.people import masked
from core import clock
from core.errors import DomainError, NotFound


@login_required
@require_safe
def restrictions(request: SignedInRequest) -> HttpResponse:
    """List what binds the account's people, and what can be said to it."""
    now = clock.now()
    names = {row.person_key: row.short_name for row in selectors.people_of(request.user.pk)}
    rows = [
        {
            "row": row,
            "name": names[row.person_key],
            "is_mine": row.applicant.account_id == request.user.pk,
            "is_standing": is_standing(row, now=now),
            "may_appeal": is_standing(row, now=now) and row.appealed_at is None,
        }
        for row in selectors.restrictions_of(request.user.pk, now=now)
    ]
    return render(request, "booking/restrictions.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: SignedInRequest, restriction_id: int) -> HttpResponse:
    """Say why the hour was missed."""
    now = clock.now()
    found = selectors.restrictions_of(request.user.pk, now=now).filter(pk=restriction_id).first()
    if found is None:
        raise NotFound
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.appeal_restriction(
                restriction_id=found.pk, text=form.cleaned_data["text"], by=request.user, now=now
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(
                request, _("Keberatan Anda tercatat. Jawabannya dikirim lewat e-mail.")
            )
            return redirect("booking:restrictions")
    return _form_page(request, "booking/appeal.html", form, {"restriction": found})


@login_required
@require_safe
def contests(request: SignedInRequest) -> HttpResponse:
    """List what the account has contested."""
    rows = [
        {"row": row, "is_open": row.status == ContestStatus.OPEN}
        for row in selectors.contests_by(request.user.pk)
    ]
    return render(request, "booking/contests.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest_new(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Say: this is my number, and I did not book that."""
    person = selectors.person_of(request.user.pk, applicant_id)
    form = ContestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.open_contest(
                applicant_id=person.pk,
                office_id=form.cleaned_data["office"].pk,
                by=request.user,
                now=clock.now(),
            )
        except DomainError as error:
            tell(form, error)
        else:
            messages.success(
                request, _("Laporan tercatat. Bawa kartu identitas asli ke kantor itu.")
            )
            return redirect("booking:contests")
    context = {"person": person, "identity": masked(person)}
    return _form_page(request, "booking/contest_new.html", form, context)


@login_required
@require_POST
def contest_withdraw(request: SignedInRequest, contest_id: int) -> HttpResponse:
    """Take a contest back."""
    found = selectors.contest_of(request.user.pk, contest_id)
    try:
        services.withdraw_contest(contest_id=found.pk, by=request.user, now=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Laporan ditarik kembali."))
    return redirect("booking:contests")


def _form_page(
    request: HttpRequest, template: str, form: Any, context: dict[str, Any]
) -> HttpResponse:
    status = 400 if form.is_bound and form.errors else 200
    return render(request, template, {**context, "form": form}, status=status)
