"""Supervisors' screens for managing officers."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from core.errors import InvalidInput, NotFound
from offices.officer import OfficerContext, act, back, officer_view, show
from offices.officers import services
from offices.officers.forms import InvitationForm
from offices.officers.models import OfficerEvent
from offices.officers.selectors import officers_of
from offices.permissions import Right

HERE = "officers:officers"
EVENTS_SHOWN = 20


@officer_view(writes=Right.MANAGE_OFFICERS)
def officers(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the office's officers, or invite one."""
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
            messages.success(request, _("Undangan dikirim lewat surel."))
            return back(officer, HERE)
    context = {
        "title": pgettext("jamak", "Petugas"),
        "form": form,
        "rows": officers_of(officer.office, now=officer.now),
        "events": _events(officer)[:EVENTS_SHOWN],
    }
    status = 400 if form.errors else 200
    return show(request, officer, "offices/officers/officers.html", context, status=status)


@officer_view(reads=Right.MANAGE_OFFICERS)
def officer_page(request: HttpRequest, officer: OfficerContext, officer_id: int) -> HttpResponse:
    """Show one officer with history and possible actions."""
    rows = officers_of(officer.office, now=officer.now)
    row = next((row for row in rows if row.user.pk == officer_id), None)
    if row is None:
        raise NotFound
    context = {
        "title": str(row.user),
        "row": row,
        "is_self": officer_id == officer.user.pk,
        "events": _events(officer).filter(officer=officer_id),
    }
    return show(request, officer, "offices/officers/officer.html", context)


@require_POST
@officer_view(writes=Right.MANAGE_OFFICERS)
def officer_do(
    request: HttpRequest, officer: OfficerContext, officer_id: str, verb: str
) -> HttpResponse:
    """Suspend or reset an officer."""
    call, success = {
        "suspend": (services.suspend_officer, _("Petugas dihentikan; aksesnya berakhir sekarang.")),
        "reset": (
            services.reset_officer,
            _("Akun diatur ulang; tautan baru dikirim lewat surel."),
        ),
    }[verb]
    values: dict[str, Any] = {"office_id": officer.office.pk, "officer_id": int(officer_id)}
    return act(
        request,
        officer,
        HERE,
        lambda: call(by=officer.user, now=officer.now, **values),
        success=success,
    )


def _events(officer: OfficerContext) -> QuerySet[OfficerEvent]:
    return OfficerEvent.objects.filter(office=officer.office).select_related("officer", "by")
