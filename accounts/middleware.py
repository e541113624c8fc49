"""Officers use the admin site only with a second factor, where the settings require it."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


class StaffSecondFactorMiddleware:
    """Send officers without a second factor to the page where they set one up.

    Sign-in asks for the second factor of those who have one, so it is enough here that it exists.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self._must_set_one_up(request):
            messages.warning(
                request,
                _(
                    "Petugas masuk dengan langkah kedua. Pasang aplikasi autentikator dulu, sekali saja."
                ),
            )
            return redirect("mfa_activate_totp")
        return self.get_response(request)

    def _must_set_one_up(self, request: HttpRequest) -> bool:
        if not settings.STAFF_NEEDS_SECOND_FACTOR or not request.path.startswith("/admin/"):
            return False
        user = request.user
        return bool(user.is_authenticated and user.is_staff and not is_mfa_enabled(user))
