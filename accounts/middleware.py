"""Who has signed in; and officers enter their part of the house only with a second factor, where the settings ask for it."""

from collections.abc import Callable
from functools import partial

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.middleware import AuthenticationMiddleware, auser
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.selectors import account_by_id


class StaffSecondFactorMiddleware:
    """Send officers without a second factor to the page where they set one up.

    Who has one is asked for it at sign-in, so here it is enough that it exists.
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


class AccountMiddleware(AuthenticationMiddleware):
    """Finds out who has signed in, by one statement said in plain SQL: it runs in every signed-in request."""

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: _account_of(request))  # type: ignore[assignment]
        request.auser = partial(auser, request)


def _account_of(request: HttpRequest) -> User | AnonymousUser:
    """Return the account of the session; whatever is not plain is left to Django's own way of looking."""
    if not request.session.get(SESSION_KEY):
        return AnonymousUser()
    return _plain_account(request.session) or get_user(request)


def _plain_account(session: SessionBase) -> User | None:
    """Return the account that a session bears plainly, or None for nobody and for whatever needs a closer look."""
    number, proof = session.get(SESSION_KEY), session.get(HASH_SESSION_KEY)
    if not number or not proof:
        return None
    user = account_by_id(int(number))
    return user if user is not None and is_proof_of(proof, user) else None


def is_proof_of(proof: str, user: User) -> bool:
    """Tell whether a session that bears this proof is the account's: open, and with the password of that day."""
    return user.is_active and constant_time_compare(proof, user.get_session_auth_hash())
