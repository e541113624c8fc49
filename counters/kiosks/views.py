"""Supervisors' screen of kiosks: issue a pairing code, see what is in use, revoke."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import InvalidInput
from core.forms import add_errors, tell_removed
from counters.kiosks import services
from counters.kiosks.forms import KioskForm
from counters.kiosks.models import Kiosk
from counters.kiosks.selectors import kiosk_rows
from offices.officer import OfficerContext, act, officer_view, owned_by, show
from offices.permissions import Right

HERE = "counters:kiosks"


@officer_view(reads=Right.MANAGE_KIOSKS, writes=Right.MANAGE_KIOSKS)
def kiosks(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """List the office's boards and kiosks; on POST issue a code for a new kiosk and show it."""
    form = KioskForm(request.POST if request.method == "POST" else None)
    tell_removed(request, form)
    code, kiosk = "", None
    if request.method == "POST" and form.is_valid():
        try:
            kiosk, code = services.issue_kiosk(
                office_id=officer.office.pk,
                name=form.cleaned_data["name"],
                by=officer.user,
                now=officer.now,
            )
        except InvalidInput as error:
            add_errors(form, error)
        else:
            form = KioskForm()
    context: dict[str, Any] = {
        "title": _("Papan dan anjungan mandiri"),
        "form": form,
        "code": code,
        "kiosk": kiosk,
        "rows": kiosk_rows(officer.office, now=officer.now),
        "halls": officer.office.halls.in_use_on(officer.day).order_by("floor", "pk"),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "counters/kiosks/kiosks.html", context, status=status)


@require_POST
@officer_view(writes=Right.MANAGE_KIOSKS, owner=owned_by(Kiosk, "kiosk_id"))
def kiosk_revoke(request: HttpRequest, officer: OfficerContext, kiosk_id: int) -> HttpResponse:
    """Revoke a kiosk."""
    return act(
        request,
        officer,
        HERE,
        lambda: services.revoke_kiosk(kiosk_id=kiosk_id, by=officer.user, now=officer.now),
        success=_("Perangkat dicabut. Mulai sekarang perangkat itu tidak dapat dipakai."),
    )
