"""Token authentication of the API: `Authorization: Token …`."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework.exceptions import AuthenticationFailed


class TokenAuthentication(KnoxAuthentication):
    """Knox tokens, stored as hashes; they expire."""

    def authenticate_credentials(self, token: bytes) -> Any:
        """Reject a token with characters that our tokens never have, without a query."""
        if not token.isalnum():
            raise AuthenticationFailed(_("Token tidak berlaku. Mintalah yang baru di auth/token/."))
        try:
            return super().authenticate_credentials(token)
        except AuthenticationFailed as error:
            raise AuthenticationFailed(
                _("Token tidak berlaku. Mintalah yang baru di auth/token/.")
            ) from error


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes token authentication in the API schema."""

    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Token <token>`; the token comes from `POST auth/token/`.",
        }
