"""The screens of holidays: list, announce with a preview, withdraw."""

from typing import Final

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.holidays import services
from booking.holidays.forms import HolidayForm
from booking.holidays.proposals import decide_proposal, preview_proposals
from core.errors import DomainError
from core.forms import add_errors, posted_text
from offices.hours.models import Holiday
from offices.hours.selectors import half_years_without_leave, open_proposals
from offices.hours.services import is_estimated
from offices.officer import OfficerContext, act, officer_view, show
from offices.permissions import Right

SCOPES: Final = {
    "office": Right.ANNOUNCE_HOLIDAY,
    "region": Right.ANNOUNCE_REGIONAL_HOLIDAY,
    "nation": Right.ANNOUNCE_NATIONAL_HOLIDAY,
}


@officer_view(reads=Right.READ_CLOSURES)
def holiday_list(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the office's coming holidays."""
    rows = Holiday.objects.filter(
        Q(office=None) | Q(office=officer.office), day__gte=officer.office.local_day(officer.now)
    )
    context = {
        "others": officer.others,
        "rows": [(row, _may_withdraw(row, officer)) for row in rows.order_by("day", "pk")],
        "may_act": bool(_scopes(officer)),
        "proposed": len(open_proposals(today=officer.day)),
        "missing": half_years_without_leave(today=officer.day),
        "may_decide": officer.has_right(Right.ANNOUNCE_NATIONAL_HOLIDAY),
    }
    return show(request, officer, "booking/holidays/holidays.html", context)


@officer_view(writes=Right.ANNOUNCE_HOLIDAY)
def holiday_new(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Enter a holiday and preview who is moved; announce it on confirmation."""
    sent = request.POST if request.method == "POST" else None
    form = HolidayForm(sent, office=officer.office, scopes=_scopes(officer))
    previews, status = None, 200
    if form.is_bound:
        try:
            if form.is_valid():
                data = form.data_typed()
                if "apply" in request.POST:
                    services.announce_holiday(data=data, by=officer.user, now=officer.now)
                    messages.success(
                        request, _("Hari libur diumumkan. Pemohon pada hari itu dipindahkan.")
                    )
                    return redirect("holidays:holidays")
                previews = services.preview_holiday(data=data, by=officer.user, now=officer.now)
        except DomainError as error:
            add_errors(form, error)
        status = 200 if form.is_valid() else 400
    context = {
        "form": form,
        "previews": previews,
        "people": sum(preview.people for _office, preview in previews or ()),
        "waiting": sum(len(preview.waiting) for _office, preview in previews or ()),
    }
    return show(request, officer, "booking/holidays/holiday_new.html", context, status=status)


@require_POST
@officer_view(writes=Right.ANNOUNCE_HOLIDAY)
def holiday_withdraw(
    request: HttpRequest, officer: OfficerContext, holiday_id: int
) -> HttpResponse:
    """Withdraw a holiday that has not come yet."""
    return act(
        request,
        officer,
        "holidays:holidays",
        lambda: services.withdraw_holiday(holiday_id=holiday_id, by=officer.user, now=officer.now),
        success=_("Hari libur ditarik. Hari itu dibuka lagi."),
    )


def _scopes(officer: OfficerContext) -> list[str]:
    return [scope for scope, right in SCOPES.items() if officer.has_right(right)]


def _may_withdraw(holiday: Holiday, officer: OfficerContext) -> bool:
    right = Right.ANNOUNCE_HOLIDAY if holiday.office_id else Right.ANNOUNCE_NATIONAL_HOLIDAY
    return officer.has_right(right)


@officer_view(reads=Right.ANNOUNCE_NATIONAL_HOLIDAY)
def proposals(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List differences from the library's table, each with the people who have booked its day."""
    context = {
        "rows": preview_proposals(by=officer.user, now=officer.now, today=officer.day),
        "missing": half_years_without_leave(today=officer.day),
        "estimated": [
            row
            for row in Holiday.objects.filter(office=None, day__gte=officer.day).order_by("day")
            if is_estimated(row.name)
        ],
    }
    return show(request, officer, "booking/holidays/proposals.html", context)


@require_POST
@officer_view(writes=Right.ANNOUNCE_NATIONAL_HOLIDAY)
def proposal_decide(
    request: HttpRequest, officer: OfficerContext, proposal_id: int
) -> HttpResponse:
    """Accept or decline one difference."""
    is_accepted = request.POST.get("decision") == "accept"
    return act(
        request,
        officer,
        "holidays:proposals",
        lambda: decide_proposal(
            proposal_id=proposal_id,
            is_accepted=is_accepted,
            instrument=posted_text(request, "instrument")[:200],
            by=officer.user,
            now=officer.now,
        ),
        success=_("Usulan diterima dan diumumkan.") if is_accepted else _("Usulan ditolak."),
    )
