"""How often one may call the API: by address without a sign-in, by account with one."""

from typing import TYPE_CHECKING, Any

from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.adapter import is_spared
from accounts.limits import PostgresCache

# The API's settings name this module: importing views here would go round in a circle.
if TYPE_CHECKING:
    from rest_framework.views import APIView


class AddressThrottle(SimpleRateThrottle):
    """Bounds calls without a sign-in. The demo spares its own machine."""

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
    """Limits sign-in and sign-up more tightly. Counts in PostgreSQL, so that it holds without Redis."""

    scope = "sign_in"
    cache = PostgresCache()


class AccountThrottle(SimpleRateThrottle):
    """Bounds the calls of one account, from wherever they come."""

    scope = "account"
    cache = caches["redis"]

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        if not (request.user and request.user.is_authenticated):
            return None
        return str(self.cache_format % {"scope": self.scope, "ident": request.user.pk})
