"""The applicant's pages about restrictions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from booking.files.views import download
from booking.restrictions import selectors, services
from booking.restrictions.forms import AppealForm
from core import clock
from core.errors import DomainError
from core.forms import add_errors, submitted
from core.forms import form_page as _form_page


@login_required
@require_safe
def restrictions(request: SignedInRequest) -> HttpResponse:
    """List the restrictions of the account's people, and whether each can be appealed."""
    now, account_id = clock.now(), request.user.pk
    rows = selectors.restrictions_of(account_id, now=now)
    own = selectors.as_read_by(account_id, rows, now=now)
    return render(request, "booking/restrictions/restrictions.html", {"rows": own})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: SignedInRequest, restriction_id: int) -> HttpResponse:
    """Submit an appeal."""
    now = clock.now()
    restriction = selectors.own_restriction(request.user.pk, restriction_id, now=now)
    form = AppealForm(submitted(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.appeal_restriction(
                restriction_id=restriction.pk, by=request.user, now=now, **form.cleaned_data
            )
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Keberatan Anda tercatat. Jawabannya dikirim lewat surel."))
            return redirect("booking:restrictions")
    if form.is_bound:
        form.ask_for_file_again()
    return _form_page(
        request, "booking/restrictions/appeal.html", form, {"restriction": restriction}
    )


@login_required
@require_safe
def evidence(request: SignedInRequest, restriction_id: int) -> HttpResponse:
    """Return the file that the reader handed in with an appeal. Raises NotFound."""
    rows = selectors.readable_restrictions(request.user.pk).select_related("evidence")
    row = rows.filter(pk=restriction_id, evidence__account=request.user).first()
    return download(row.evidence if row else None)
