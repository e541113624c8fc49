"""Account pages that allauth does not provide."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import services
from accounts.consents import REMINDERS_1
from accounts.models import Consent
from core import clock


@login_required
@require_http_methods(["GET", "POST"])
def reminders(request: HttpRequest) -> HttpResponse:
    """Show, give or withdraw the consent to reminders."""
    user_id: Any = request.user.pk
    if request.method == "POST":
        _change_consent(request, user_id)
        return redirect("accounts:reminders")
    is_on = services.has_consented(user_id, Consent.Purpose.REMINDERS)
    context = {
        "is_on": is_on,
        "may_remind": services.may_remind(user_id),
        "sentence": REMINDERS_1,
    }
    return render(request, "accounts/reminders.html", context)


def _change_consent(request: HttpRequest, user_id: int) -> None:
    if request.POST.get("wanted") == "yes":
        services.give_consent(user_id=user_id, purpose=Consent.Purpose.REMINDERS, now=clock.now())
        messages.success(
            request, _("Pengingat aktif. Kami mengirim pesan sehari sebelum jadwal Anda.")
        )
    else:
        services.withdraw_consent(
            user_id=user_id, purpose=Consent.Purpose.REMINDERS, now=clock.now()
        )
        messages.success(request, _("Pengingat dimatikan. Jadwal Anda tetap berlaku."))
