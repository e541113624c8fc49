"""API for signing up and signing in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.errors import SecondFactorNeeded, SignInRefused
from accounts.models import User
from accounts.throttles import SignInThrottle
from core import serializer_fields as fields
from core.errors import InvalidInput, SlowDown
from core.languages import reader_language

EXAMPLE_TOKEN = OpenApiExample("token", value={"token": "9f0c…64 hex digits"}, response_only=True)


class RegisterInput(serializers.Serializer):
    email = fields.EmailField(max_length=254)
    password = fields.PasswordField(
        max_length=128, trim_whitespace=False, help_text="At least 8 characters, not a common word."
    )
    full_name = fields.CharField(max_length=120)

    def validate_password(self, password: str) -> str:
        """Check the password here, so that a weak one is reported together with the other errors."""
        about = {
            name: str(self.initial_data.get(name, ""))[:254] for name in ("email", "full_name")
        }
        try:
            services.check_password(password=password, **about)
        except InvalidInput as weak:
            raise serializers.ValidationError(list(weak.fields["password"])) from None
        return password


class TokenInput(serializers.Serializer):
    email = fields.CharField(max_length=254)
    password = fields.PasswordField(max_length=128, trim_whitespace=False)
    code = fields.PasswordField(
        max_length=20,
        required=False,
        allow_blank=True,
        help_text="Only for accounts with a second factor: a code of the app, or a recovery code.",
    )


class TokenOutput(serializers.Serializer):
    token = fields.CharField(read_only=True)


class RegisterView(APIView):
    """Create an applicant's account."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [SignInThrottle]

    @extend_schema(
        operation_id="auth_register",
        tags=["auth"],
        auth=[],
        summary="Make an account and get a token",
        description="Booking needs no confirmed address; reminders do. A message with the link to confirm is sent.",
        request=RegisterInput,
        responses={201: TokenOutput},
        examples=[
            EXAMPLE_TOKEN,
            OpenApiExample(
                "register",
                value={
                    "email": "siti@contoh.id",
                    "password": "pagi-hujan-88",
                    "full_name": "Siti Rahmawati",
                },
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        data = _valid(RegisterInput, request)
        _consume(request, "signup")
        user = services.register(
            email=data["email"],
            password=data["password"],
            full_name=" ".join(data["full_name"].split()),
            language=reader_language(),
        )
        EmailAddress.objects.get(user=user).send_confirmation(request._request, signup=True)
        return Response({"token": services.issue_token(user_id=user.pk)}, status.HTTP_201_CREATED)


class TokenView(APIView):
    """Sign in."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [SignInThrottle]

    @extend_schema(
        operation_id="auth_token",
        tags=["auth"],
        auth=[],
        summary="Sign in and get a token",
        description="The token goes into the header `Authorization: Token …` and expires after a day.",
        request=TokenInput,
        responses={200: TokenOutput},
        examples=[
            EXAMPLE_TOKEN,
            OpenApiExample(
                "sign in",
                value={"email": "siti@contoh.id", "password": "pagi-hujan-88"},
                request_only=True,
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        data = _valid(TokenInput, request)
        _consume(request, "login")
        user = _authenticate(
            request, email=data["email"].strip().lower(), password=data["password"]
        )
        _check_second_factor(user, data.get("code", ""))
        return Response({"token": services.issue_token(user_id=user.pk)})


class LogoutView(APIView):
    """Revoke the token of this request."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_logout",
        tags=["auth"],
        summary="Make this token worthless",
        request=None,
        responses={204: OpenApiResponse(description="Done.")},
    )
    def post(self, request: Request) -> Response:
        token: Any = request.auth
        services.revoke_tokens(user_id=token.user_id, digests=[token.digest])
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoutAllView(APIView):
    """Revoke all tokens of the account."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_logout_all",
        tags=["auth"],
        summary="Make every token of this account worthless",
        request=None,
        responses={204: OpenApiResponse(description="Done.")},
    )
    def post(self, request: Request) -> Response:
        token: Any = request.auth
        services.revoke_tokens(user_id=token.user_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _valid(serializer_class: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _consume(request: Request, action: str) -> None:
    """Count this attempt against the same limit as the pages."""
    if not ratelimit.consume(request._request, action=action):
        raise SlowDown(retry_after=60)


def _authenticate(request: Request, *, email: str, password: str) -> User:
    try:
        user = get_adapter().authenticate(request._request, email=email, password=password)
    except ValidationError as error:  # too many failed attempts for this address
        raise SlowDown(retry_after=300) from error
    if user is None or not user.is_active:  # allauth returns closed accounts too, for its pages
        raise SignInRefused
    return user


def _check_second_factor(user: User, code: str) -> None:
    """Require the code if the account has, or must have, a second factor."""
    if is_mfa_enabled(user):
        if not any(factor.wrap().validate_code(code) for factor in _code_factors(user) if code):
            raise SecondFactorNeeded
    elif user.is_staff and not services.has_second_factor(user):
        raise SecondFactorNeeded(
            _(
                "Petugas wajib memakai verifikasi dua langkah. Pasang aplikasi autentikator di halaman akun lebih dulu."
            )
        )


def _code_factors(user: User) -> Any:
    types = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]
    return Authenticator.objects.filter(user=user, type__in=types)
