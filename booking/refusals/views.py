"""The account's own refused bookings."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.requests import SignedInRequest
from booking.refusals import selectors
from booking.refusals.labels import reason_text
from booking.refusals.services import KEPT_FOR

SHOWN = 20


@login_required
@require_safe
def refusals(request: SignedInRequest) -> HttpResponse:
    """List the account's refused bookings with the reasons that it may read."""
    rows = Paginator(selectors.refusals_of(request.user.pk), SHOWN)
    page = rows.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [{"row": row, "text": reason_text(row.code)} for row in page],
        "days": KEPT_FOR.days,
    }
    return render(request, "booking/refusals/refusals.html", context)
