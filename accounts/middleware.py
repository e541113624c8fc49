"""Officers need a second factor where the settings require it; messages know the request that caused them."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.devices import network_key
from accounts.models import User
from accounts.requests import second_factor_address
from notices import origin


class StaffSecondFactorMiddleware:
    """Send officers to the page where they set up the second factor, or enter it for this session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        address = second_factor_address(request)
        if address is None:
            return self.get_response(request)
        if address == reverse("mfa_activate_totp"):
            text = _(
                "Petugas wajib memakai verifikasi dua langkah. Pasang aplikasi autentikator lebih dulu, cukup sekali."
            )
        else:
            text = _(
                "Sesi ini belum melewati verifikasi dua langkah. Masukkan kodenya untuk membuka layar petugas."
            )
        messages.warning(request, text)
        return redirect(address)


class MessageOriginMiddleware:
    """Let the messages of a request know its account and network, for their budgets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = origin.READ.set(lambda: _origin(request))
        try:
            return self.get_response(request)
        finally:
            origin.READ.reset(token)


def _origin(request: HttpRequest) -> origin.Origin:
    """Officers cause many messages by their work, so theirs count for no account."""
    user = request.user
    is_counted = isinstance(user, User) and not user.is_staff
    return origin.Origin(user.pk if is_counted else None, network_key(request))
