"""The account behind a request."""

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


class SignedInApiRequest(Request):
    """An API request that its permission class has let through: it has an account."""

    user: User


def account_of(request: HttpRequest) -> User | None:
    """Return the signed-in account, or None."""
    return request.user if isinstance(request.user, User) else None
