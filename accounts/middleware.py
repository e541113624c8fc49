"""Officers need a second factor where the settings require it; messages know the request that caused them."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.adapter import network_key
from accounts.models import User
from accounts.services import has_second_factor
from notices import origin


class StaffSecondFactorMiddleware:
    """Send officers without a second factor to the page where they set one up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_set_one_up(request):
            messages.warning(
                request,
                _(
                    "Petugas wajib memakai verifikasi dua langkah. Pasang aplikasi autentikator lebih dulu, cukup sekali."
                ),
            )
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _must_set_one_up(self, request: HttpRequest) -> bool:
        user = request.user if request.path.startswith("/admin/") else None
        return isinstance(user, User) and user.is_staff and not has_second_factor(user)


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
