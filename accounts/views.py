"""Account pages that allauth does not provide, and the pages behind its links."""

from datetime import timedelta
from typing import Any, Final

from allauth.account.views import (
    INTERNAL_RESET_SESSION_KEY,
    ConfirmEmailView,
    PasswordResetFromKeyView,
)
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import services
from accounts.consents import REMINDERS_1
from accounts.models import Consent
from core import clock
from notices import links
from notices.views import see_other


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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, user_id: int) -> HttpResponse:
    """Withdraw the consent to reminders, behind the link of a reminder. Shows no name."""
    now = clock.now()
    use = links.require(request, services.REMINDERS_LINK, user_id, now=now)
    if request.method == "POST" and use is not None:
        services.stop_reminders(use=use, now=now)
        return redirect(request.path)
    is_on = services.has_consented(user_id, Consent.Purpose.REMINDERS)
    return render(request, "accounts/stop_reminders.html", {"is_on": is_on})


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


# --- Links of allauth ------------------------------------------------------------------------------
# allauth makes and checks these keys; how long they are valid is its setting too.
CONFIRM_LINK: Final = links.Purpose(
    "confirm_address",
    "accounts:confirm_address_link",
    "accounts:confirm_address",
    timedelta(days=3),
)
PASSWORD_LINK: Final = links.Purpose(
    "new_password", "accounts:new_password_link", "accounts:new_password", timedelta(days=3)
)


@never_cache
@require_safe
def confirm_address_link(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the key in the session and leave the address without it."""
    return _kept(request, CONFIRM_LINK, key)


@never_cache
@require_safe
def new_password_link(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the key in the session and leave the address without it."""
    return _kept(request, PASSWORD_LINK, key)


def _kept(request: HttpRequest, purpose: links.Purpose, key: str) -> HttpResponse:
    if request.method == "GET":
        links.hold(request, links.Link(purpose.name, ""), secret=key, now=clock.now())
    return see_other(reverse(purpose.page))


class ConfirmAddressView(ConfirmEmailView):
    """Confirms an address with the key in the session."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        now = clock.now()
        self.kwargs["key"] = links.held_secret(request, CONFIRM_LINK, now=now)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        _hold_again(request, CONFIRM_LINK, self.kwargs["key"])
        return answer

    @transaction.atomic
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().post(*args, **kwargs)
        address = self.object.email_address
        if address.verified:
            _record(CONFIRM_LINK, address.pk, "confirmed")
        return answer


class NewPasswordView(PasswordResetFromKeyView):
    """Sets a password with the key in the session."""

    def dispatch(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        held = links.held_secret(request, PASSWORD_LINK, now=clock.now())
        uidb36, _dash, key = held.partition("-")
        self.kwargs = {"uidb36": uidb36 or "0", "key": key or "0"}
        request.session[INTERNAL_RESET_SESSION_KEY] = key
        answer: HttpResponseBase = super().dispatch(request, uidb36, self.reset_url_key)
        request.session.pop(INTERNAL_RESET_SESSION_KEY, None)
        _hold_again(request, PASSWORD_LINK, held)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "action_url": self.request.path}

    @transaction.atomic
    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        _record(PASSWORD_LINK, self.reset_user.pk, "password_set")
        return answer


def _hold_again(request: HttpRequest, purpose: links.Purpose, key: str) -> None:
    """Keep the key when allauth has emptied the session, because another account was signed in."""
    now = clock.now()
    if key and not links.held_secret(request, purpose, now=now):
        links.hold(request, links.Link(purpose.name, ""), secret=key, now=now)


def _record(purpose: links.Purpose, subject: int, action: str) -> None:
    use = links.LinkUse(links.Link(purpose.name, str(subject)))
    links.record_answer(use, action=action, now=clock.now())


confirm_address = never_cache(ConfirmAddressView.as_view())
new_password = require_http_methods(["GET", "HEAD", "POST"])(never_cache(NewPasswordView.as_view()))
