"""The applicant's pages about objections."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import SignedInRequest
from booking.objections import selectors, services
from booking.objections.forms import ObjectionForm
from core import clock
from core.errors import DomainError
from core.forms import add_errors, form_page


@login_required
@require_safe
def objections(request: SignedInRequest) -> HttpResponse:
    """List the account's objections with their deadline and answer."""
    rows = selectors.objections_of(request.user.pk)
    return render(request, "booking/objections/objections.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def object_to_lottery(request: SignedInRequest, code: str) -> HttpResponse:
    """Object to the result of a lottery entry."""
    services.lottery_subject(code=code, by=request.user)
    return _object(request, code, services.object_to_lottery)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def object_to_move(request: SignedInRequest, code: str) -> HttpResponse:
    """Object to a move that left a booking without a place."""
    services.move_subject(code=code, by=request.user)
    return _object(request, code, services.object_to_move)


def _object(request: SignedInRequest, code: str, make: Callable[..., Any]) -> HttpResponse:
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            make(code=code, text=form.cleaned_data["text"], by=request.user, now=clock.now())
        except DomainError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("Keberatan Anda tercatat. Jawabannya dikirim lewat surel."))
            return redirect("booking:objections")
    return form_page(request, "booking/objections/object.html", form, {"code": code})
