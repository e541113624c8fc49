"""The supervisor's screens of the office's officers."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import InvalidInput, NotFound
from offices import services
from offices.forms import InvitationForm
from offices.models import OfficerEvent
from offices.officer import OfficerContext, act, back, officer_view, show
from offices.permissions import Right
from offices.selectors import officers_of

HERE = "officers:officers"
EVENTS_SHOWN = 20


@officer_view(writes=Right.MANAGE_OFFICERS)
def officers(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the office's officers, and invite one."""
    is_sent = request.method == "POST"
    form = InvitationForm(request.POST if is_sent else None, initial={"starts_on": officer.day})
    if is_sent and form.is_valid():
        try:
            services.invite_officer(
                office_id=officer.office.pk, by=officer.user, now=officer.now, **form.cleaned_data
            )
        except InvalidInput as error:
            form.add_errors(error.fields)
        else:
            messages.success(request, _("Undangan dikirim lewat e-mail."))
            return back(officer, HERE)
    context = {
        "title": _("Petugas"),
        "form": form,
        "rows": officers_of(officer.office, now=officer.now),
        "events": _events(officer)[:EVENTS_SHOWN],
    }
    status = 400 if form.errors else 200
    return show(request, officer, "offices/officers.html", context, status=status)


@officer_view(writes=Right.MANAGE_OFFICERS)
def officer_page(request: HttpRequest, officer: OfficerContext, officer_id: int) -> HttpResponse:
    """Show one officer with their history, and what the supervisor may do."""
    if request.method == "POST":
        return _act(request, officer, officer_id)
    rows = officers_of(officer.office, now=officer.now)
    row = next((row for row in rows if row.user.pk == officer_id), None)
    if row is None:
        raise NotFound
    context = {
        "title": str(row.user),
        "row": row,
        "may_act": row.is_of_this_office_only and officer_id != officer.user.pk,
        "events": _events(officer).filter(officer=officer_id),
    }
    return show(request, officer, "offices/officer.html", context)
