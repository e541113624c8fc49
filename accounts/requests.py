"""The account behind a request, and the second factor of its session."""

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from rest_framework.request import Request

from accounts.models import User
from accounts.services import has_second_factor


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


class SignedInApiRequest(Request):
    """An API request that its permission class has let through: it has an account."""

    user: User


def account_of(request: HttpRequest) -> User | None:
    """Return the signed-in account, or None."""
    return request.user if isinstance(request.user, User) else None


def has_passed_second_factor(request: HttpRequest) -> bool:
    """True if a second factor was given in this session, or none is required of officers here."""
    if not settings.STAFF_NEEDS_SECOND_FACTOR:
        return True
    user = account_of(request)
    return any(entry.get("method") == "mfa" for entry in get_authentication_records(request, user))


def second_factor_address(request: HttpRequest) -> str | None:
    """Return the page on which an officer sets up or enters the second factor; None if not needed.

    A session can be older than the second factor: it was then signed in with a password alone.
    """
    user = account_of(request)
    if user is None or not user.is_staff or has_passed_second_factor(request):
        return None
    if not has_second_factor(user):
        return reverse("mfa_activate_totp")
    has_code = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
    page = "mfa_reauthenticate" if has_code.exists() else "mfa_reauthenticate_webauthn"
    onward = request.get_full_path() if request.method == "GET" else reverse("admin:index")
    return f"{reverse(page)}?{urlencode({'next': onward})}"
