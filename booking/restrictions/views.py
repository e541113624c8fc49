"""The applicant's pages about restrictions."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from booking.files.views import download
from booking.people import selectors as people_selectors
from booking.restrictions import selectors, services
from booking.restrictions.forms import AppealForm
from booking.restrictions.services import is_in_force
from core import clock
from core.errors import DomainError, NotFound
from core.forms import add_errors, submitted
from core.forms import form_page as _form_page


@login_required
@require_safe
def restrictions(request: SignedInRequest) -> HttpResponse:
    """List the restrictions of the account's people, and whether each can be appealed."""
    now = clock.now()
    names = {row.person_key: row.short_name for row in people_selectors.people_of(request.user.pk)}
    rows = [
        {
            "row": row,
            "name": names[row.person_key],
            "is_mine": row.applicant.account_id == request.user.pk,
            "is_in_force": is_in_force(row, now=now),
            "has_evidence": row.evidence is not None
            and row.evidence.account_id == request.user.pk
            and row.evidence.erased_at is None,
            "is_overdue": row.answer_by is not None and not row.answer and now > row.answer_by,
            "may_appeal": is_in_force(row, now=now) and row.appealed_at is None,
        }
        for row in selectors.restrictions_of(request.user.pk, now=now)
    ]
    return render(request, "booking/restrictions/restrictions.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appeal(request: SignedInRequest, restriction_id: int) -> HttpResponse:
    """Submit an appeal."""
    now = clock.now()
    restriction = (
        selectors.restrictions_of(request.user.pk, now=now).filter(pk=restriction_id).first()
    )
    if restriction is None:
        raise NotFound
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
