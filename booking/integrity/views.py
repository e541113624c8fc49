"""The applicant's pages about contested identity numbers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import SignedInRequest
from booking.integrity import selectors
from booking.integrity.contests import open_contest, withdraw_contest
from booking.integrity.forms import ContestForm
from booking.integrity.models import ContestStatus
from booking.people import selectors as people_selectors
from booking.people.labels import masked
from core import clock
from core.errors import DomainError
from core.forms import add_errors
from core.forms import form_page as _form_page


@login_required
@require_safe
def contests(request: SignedInRequest) -> HttpResponse:
    """List the account's contests."""
    rows = [
        {"row": row, "is_open": row.status == ContestStatus.OPEN}
        for row in selectors.contests_by(request.user.pk)
    ]
    return render(request, "booking/integrity/contests.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest_new(request: SignedInRequest, applicant_id: int) -> HttpResponse:
    """Report that a booking under one's own number was made by someone else."""
    person = people_selectors.person_of(request.user.pk, applicant_id)
    form = ContestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            open_contest(
                applicant_id=person.pk,
                office_id=form.cleaned_data["office"].pk,
                by=request.user,
                now=clock.now(),
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, _("Laporan tercatat. Bawa kartu identitas asli ke kantor itu.")
            )
            return redirect("booking:contests")
    context = {"person": person, "identity": masked(person)}
    return _form_page(request, "booking/integrity/contest_new.html", form, context)


@login_required
@require_POST
def contest_withdraw(request: SignedInRequest, contest_id: int) -> HttpResponse:
    """Withdraw a contest."""
    contest = selectors.contest_of(request.user.pk, contest_id)
    try:
        withdraw_contest(contest_id=contest.pk, by=request.user, now=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Laporan ditarik kembali."))
    return redirect("booking:contests")
