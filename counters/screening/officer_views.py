"""The supervisor's screen: switching the check at the gate on and off."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from core.forms import tell_removed
from counters.screening import selectors, services
from counters.screening.forms import ProtocolForm
from offices.officer import OfficerContext, act, back, officer_view, show, show_refusal
from offices.permissions import Right

HERE = "counters:protocol"


@officer_view(reads=Right.READ_RULES, writes=Right.CHANGE_PROTOCOL)
def protocol(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """Show the protocol in force; put another one in force from today or a later day on."""
    latest = selectors.latest_protocol(officer.office, officer.day)
    start = ProtocolForm.start(latest, today=officer.day)
    form = ProtocolForm(request.POST or None, initial=start)
    tell_removed(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            services.switch_on(
                office_id=officer.office.pk,
                data=services.ProtocolData(**form.cleaned_data),
                by=officer.user,
                now=officer.now,
            )
        except DomainError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Protokol tersimpan."))
            return back(officer, HERE)
    current = selectors.screening_protocol(officer.office, officer.day)
    context: dict[str, Any] = {
        "title": _("Pemeriksaan di gerbang"),
        "form": form,
        "current": current,
        "is_own": current is not None and current.office_id == officer.office.pk,
        "may_act": officer.has_right(Right.CHANGE_PROTOCOL),
    }
    status = 400 if form.errors else 200
    return show(request, officer, "counters/screening/protocol.html", context, status=status)


@require_POST
@officer_view(writes=Right.CHANGE_PROTOCOL)
def protocol_off(request: HttpRequest, officer: OfficerContext) -> HttpResponse:
    """End the office's protocol."""

    def switch_off() -> None:
        services.switch_off(office_id=officer.office.pk, by=officer.user, now=officer.now)

    text = _("Pemeriksaan dimatikan. Bila hari ini sudah ada yang diperiksa, berakhir malam ini.")
    return act(request, officer, HERE, switch_off, success=text)
