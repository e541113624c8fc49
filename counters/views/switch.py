"""The office's switch: no new bookings, and why."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from counters.views.access import ABOVE, SUPERVISOR, Desk, back, officer_view, show
from offices.models import BookingSwitch
from offices.selectors import can
from offices.services import resume_bookings, stop_bookings

TURNS_SHOWN = 20


@officer_view(acts=SUPERVISOR, reads=ABOVE)
def switch(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Show whether the office takes new bookings, with the history; turn the switch on POST."""
    error: InvalidInput | None = None
    if request.method == "POST":
        try:
            return _turn(request, desk)
        except InvalidInput as refused:
            error = refused
    turns = BookingSwitch.objects.filter(office=desk.office).select_related("by")
    context: dict[str, Any] = {
        "title": _("Booking baru"),
        "error": error,
        "typed": request.POST.get("reason", desk.office.booking_stopped_reason),
        "turns": turns[:TURNS_SHOWN],
        "may_act": can(desk.user, office=desk.office, roles=SUPERVISOR, now=desk.now),
    }
    return show(request, desk, "counters/switch.html", context, status=400 if error else 200)


def _turn(request: HttpRequest, desk: Desk) -> HttpResponse:
    act: dict[str, Any] = {"office_id": desk.office.pk, "by": desk.user, "now": desk.now}
    if request.POST.get("to") == "open":
        resume_bookings(**act)
        messages.success(request, _("Booking baru diterima lagi."))
    else:
        stop_bookings(reason=request.POST.get("reason", ""), **act)
        messages.success(
            request, _("Booking baru dihentikan. Alasannya sudah terbaca di kalender.")
        )
    return back(desk, "counters:switch")
