"""The screen on which a supervisor changes the opening hours."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from booking.holidays import opening_hours
from booking.holidays.forms import HoursForm
from core.errors import DomainError
from core.forms import add_errors
from offices.hours.models import OpeningHours
from offices.officer import OfficerContext, officer_view, show
from offices.permissions import Right


@officer_view(reads=Right.READ_CLOSURES, writes=Right.CLOSE_OFFICE)
def hours(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the opening hours; preview and apply a change."""
    office, now = officer.office, officer.now
    form = HoursForm(request.POST if request.method == "POST" else None)
    previews, status = None, 200
    if form.is_bound:
        try:
            if form.is_valid():
                data = form.data_typed()
                if "apply" in request.POST:
                    opening_hours.change_hours(
                        office_id=office.pk, data=data, by=officer.user, now=now
                    )
                    messages.success(
                        request, _("Jam buka diubah. Pemohon yang terdampak dipindahkan.")
                    )
                    return redirect("holidays:hours")
                previews = opening_hours.preview_hours(office=office, data=data, now=now)
        except DomainError as error:
            add_errors(form, error)
        status = 200 if form.is_valid() else 400
    rows = OpeningHours.objects.filter(office=office).order_by("weekday", "valid_from")
    context = {
        "form": form,
        "rows": [
            row
            for row in rows
            if row.valid_until is None or row.valid_until >= office.local_day(now)
        ],
        "previews": previews,
        "people": sum(preview.people for _day, preview in previews or ()),
        "may_act": officer.has_right(Right.CLOSE_OFFICE),
        "others": officer.others,
    }
    return show(request, officer, "booking/holidays/hours.html", context, status=status)
