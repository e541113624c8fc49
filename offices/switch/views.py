"""Screen of the booking switch."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.errors import InvalidInput
from core.forms import posted_text
from offices.officer import OfficerContext, back, officer_view, show
from offices.permissions import Right
from offices.switch.models import BookingSwitch
from offices.switch.services import resume_bookings, stop_bookings

TURNS_SHOWN = 20


@officer_view(reads=Right.READ_TODAY, writes=Right.STOP_BOOKINGS)
def switch(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the switch and its history; change it on POST."""
    error: InvalidInput | None = None
    if request.method == "POST":
        try:
            return _turn(request, officer)
        except InvalidInput as refused:
            error = refused
    turns = BookingSwitch.objects.filter(office=officer.office).select_related("by")
    context: dict[str, Any] = {
        "title": _("Buka atau tutup pemesanan"),
        "error": error,
        "typed": request.POST.get("reason", officer.office.booking_stopped_reason),
        "turns": turns[:TURNS_SHOWN],
        "may_act": officer.has_right(Right.STOP_BOOKINGS),
    }
    return show(
        request, officer, "offices/switch/switch.html", context, status=400 if error else 200
    )


def _turn(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    act: dict[str, Any] = {"office_id": officer.office.pk, "by": officer.user, "now": officer.now}
    if request.POST.get("to") == "open":
        resume_bookings(**act)
        messages.success(request, _("Pemesanan dibuka lagi."))
    else:
        stop_bookings(reason=posted_text(request, "reason"), **act)
        messages.success(request, _("Pemesanan dihentikan. Alasannya sudah tampil di kalender."))
    return back(officer, "counters:switch")
