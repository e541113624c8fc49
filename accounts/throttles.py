"""API throttles: by account for signed-in clients, otherwise by address."""

import math
from typing import TYPE_CHECKING, Any

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.limits import PostgresCache
from accounts.loopback import is_spared
from accounts.rate_limits import RateLimit, note_limit

# The API's settings import this module, so importing views here would be circular.
if TYPE_CHECKING:
    from rest_framework.views import APIView


class CountedThrottle(SimpleRateThrottle):
    """Notes on the request how many calls are left, for the `RateLimit` headers."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        is_allowed: bool = super().allow_request(request, view)
        history = getattr(self, "history", None)
        if history is not None:
            limit: int = getattr(self, "num_requests", 0)
            duration: int = getattr(self, "duration", 0)
            oldest = history[-1] if history else self.now
            note_limit(
                # Pages of guests use this throttle with Django's own request.
                getattr(request, "_request", request),
                RateLimit(
                    limit=limit,
                    remaining=max(limit - len(history), 0),
                    reset=max(math.ceil(oldest + duration - self.now), 0),
                ),
            )
        return is_allowed


class AddressThrottle(CountedThrottle):
    """Limits calls without a sign-in. The demo exempts its own machine."""

    scope = "address"
    cache = caches["redis"]

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        if request.user and request.user.is_authenticated:
            return None
        ident = self.get_ident(request)
        return None if is_spared(ident) else self._key(ident)

    def _key(self, ident: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": ident})


class SignInThrottle(AddressThrottle):
    """A stricter limit for sign-in and sign-up, counted in PostgreSQL so that it holds without Redis."""

    scope = "sign_in"
    cache = PostgresCache()


class AccountThrottle(CountedThrottle):
    """Limits the calls of one account from all addresses together."""

    scope = "account"
    cache = caches["redis"]

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        if not (request.user and request.user.is_authenticated):
            return None
        return str(self.cache_format % {"scope": self.scope, "ident": request.user.pk})
