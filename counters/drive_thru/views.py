"""The applicant's page: book, change or cancel an hour of collecting the passport."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from booking.bookings.selectors import booking_of
from core import clock
from counters.drive_thru.hour_page import HourPage, show_hours


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hour(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the hours for one's own passport; book, change or cancel on POST."""
    booking = booking_of(request.user.pk, code)
    page = HourPage(
        booking,
        url=reverse("drive_thru:hour", args=[booking.code]),
        parent_url=reverse("booking:ticket", args=[booking.code]),
        parent=_("Tiket"),
        by=request.user,
    )
    return show_hours(request, page, now=clock.now())
