"""The account behind a request."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User


def account_of(request: HttpRequest) -> User | None:
    """Return the signed-in account, or None."""
    return request.user if isinstance(request.user, User) else None
