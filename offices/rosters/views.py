"""Screens of the roster."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core.dates import monday_of, parse_day
from core.errors import DomainError, InvalidInput
from core.forms import posted_text
from offices.hours.selectors import attendance_on
from offices.officer import REFUSED, OfficerContext, officer_view, owned_by, show
from offices.permissions import Right
from offices.rosters.forms import read_cell
from offices.rosters.models import RosterShift
from offices.rosters.selectors import ShiftData, Week, week_of
from offices.rosters.services import fill_week, mark_absent, mark_present, save_week

A_WEEK = timedelta(days=7)


@officer_view(reads=Right.READ_LOAD, writes=Right.CHANGE_ROSTER)
def roster(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show a week's roster, save it or fill its empty cells."""
    monday = monday_of(parse_day(request.GET.get("week", "")) or officer.day)
    week = week_of(officer.office, monday, now=officer.now)
    status, refusal = 200, None
    if request.method == "POST":
        try:
            messages.success(request, _act(request, officer, week))
            return redirect(_address(officer, week))
        except DomainError as error:
            if error.http_status in REFUSED:
                raise
            status, refusal = error.http_status, error
            if isinstance(error, InvalidInput):
                _mark(week, request, error)
    context: dict[str, Any] = {
        "title": _("Jadwal petugas"),
        "week": week,
        "before": monday - A_WEEK,
        "after": monday + A_WEEK,
        "last_day": monday + timedelta(days=6),
        "refusal": refusal,
        "percent": attendance_on(officer.office, monday),
        "may_act": officer.has_right(Right.CHANGE_ROSTER),
    }
    return show(request, officer, "offices/rosters/roster.html", context, status=status)


def _address(officer: OfficerContext, week: Week) -> str:
    query = f"?week={week.monday:%Y-%m-%d}"
    return (
        reverse("counters:roster")
        + query
        + (f"&office={officer.office.code}" if officer.others else "")
    )


def _act(request: HttpRequest, officer: OfficerContext, week: Week) -> str:
    """Save the table or fill its empty cells; return the success message."""
    if "fill" in request.POST:
        count = fill_week(
            office_id=officer.office.pk,
            monday=week.monday,
            like_last_week=request.POST["fill"] == "last",
            by=officer.user,
            now=officer.now,
        )
        text = ngettext("%(n)d giliran jaga ditambahkan.", "%(n)d giliran jaga ditambahkan.", count)
        return text % {"n": count}
    count = save_week(
        office_id=officer.office.pk,
        monday=week.monday,
        shifts=_typed(request, week),
        shown_fingerprint=request.POST.get("seen", ""),
        by=officer.user,
        now=officer.now,
    )
    text = ngettext(
        "Jadwal petugas tersimpan: %(n)d giliran jaga.",
        "Jadwal petugas tersimpan: %(n)d giliran jaga.",
        count,
    )
    return text % {"n": count}


def _typed(request: HttpRequest, week: Week) -> list[ShiftData]:
    """Parse every cell. Raises InvalidInput with all invalid cells."""
    shifts: list[ShiftData] = []
    mistakes: dict[str, list[str]] = {}
    for row in week.rows:
        for cell in row.cells:
            if not cell.is_open:
                continue
            try:
                shifts += read_cell(
                    request.POST.get(cell.name, ""),
                    officer_id=row.officer.pk,
                    day=cell.day,
                    hours=week.hours[cell.day],
                    counters=week.counters,
                )
            except InvalidInput as error:
                mistakes[cell.name] = [str(error)]
    if mistakes:
        raise InvalidInput(fields=mistakes)
    return shifts


def _mark(week: Week, request: HttpRequest, error: InvalidInput) -> None:
    """Put the entered text and the errors into the cells."""
    for row in week.rows:
        for cell in row.cells:
            if cell.is_open:
                cell.text = request.POST.get(cell.name, cell.text)
            cell.errors = [str(text) for text in error.fields.get(cell.name, [])]


@require_POST
@officer_view(writes=Right.CHANGE_ROSTER, owner=owned_by(RosterShift, "shift_id"))
def shift_do(
    request: HttpRequest, officer: OfficerContext, shift_id: int, verb: str
) -> HttpResponse:
    """Mark a rostered officer as absent or present."""
    shift = RosterShift.objects.get(pk=shift_id)
    try:
        if verb == "absent":
            reason = posted_text(request, "reason")
            mark_absent(shift_id=shift_id, reason=reason, by=officer.user, now=officer.now)
            messages.success(request, _("Tercatat tidak hadir; kapasitas dihitung ulang."))
        else:
            mark_present(shift_id=shift_id, by=officer.user, now=officer.now)
            messages.success(request, _("Tercatat hadir; kapasitas dihitung ulang."))
    except DomainError as error:
        if error.http_status in REFUSED:
            raise
        messages.error(request, str(error))
    return redirect(reverse("counters:capacity") + day_query(officer, shift.day))


def day_query(officer: OfficerContext, day: date) -> str:
    """Return the query string of a day on the capacity screen."""
    values = {"day": f"{day:%Y-%m-%d}"} | (
        {"office": officer.office.code} if officer.others else {}
    )
    return f"?{urlencode(values)}"
