"""API for signing up and signing in."""

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services, sign_in
from accounts.confirmation import confirm_by_code
from accounts.throttles import SignInThrottle
from core import serializer_fields as fields
from core.errors import InvalidInput, SlowDown
from core.names import clean_name

REGISTERED = _(
    "Kami mengirim pesan ke alamat itu. Bila alamat itu belum punya akun, akunnya sekarang ada: ambil token di auth/token/."
)
EXAMPLE_TOKEN = OpenApiExample("token", value={"token": "9f0c…64 hex digits"}, response_only=True)


class RegisterInput(serializers.Serializer):
    email = fields.EmailField(max_length=254)
    password = fields.PasswordField(
        max_length=128, trim_whitespace=False, help_text="At least 8 characters, not a common word."
    )
    full_name = fields.CharField(max_length=120)

    def validate_full_name(self, full_name: str) -> str:
        """Return the name with single spaces; the same characters as for applicants."""
        try:
            return clean_name(full_name)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from None

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


class RegisterOutput(serializers.Serializer):
    detail = fields.CharField(read_only=True)


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
        summary="Make an account",
        description=(
            "The answer is the same for an address that has an account: its owner gets a message, and the "
            "account stays as it is. A new account gets a message with the link that confirms its address. "
            "The token comes from `POST auth/token/`."
        ),
        request=RegisterInput,
        responses={201: RegisterOutput},
        examples=[
            OpenApiExample(
                "registered",
                value={"detail": "We have sent a message to that address. …"},
                response_only=True,
            ),
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
        sign_in.sign_up(
            request._request,
            email=data["email"],
            password=data["password"],
            full_name=data["full_name"],
        )
        return Response({"detail": str(REGISTERED)}, status.HTTP_201_CREATED)


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
        description=(
            "The token goes into the header `Authorization: Token …` and expires after a day. A wrong "
            "address, password or `code` gets the same 400 `sign_in_refused`. After five wrong ones for one "
            "account from one network, that network gets 429 for five minutes."
        ),
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
        user = sign_in.sign_in(
            request._request,
            email=data["email"],
            password=data["password"],
            code=data.get("code", ""),
        )
        return Response({"token": services.issue_token(user_id=user.pk)})


class ConfirmInput(serializers.Serializer):
    email = fields.CharField(max_length=254)
    code = fields.CharField(max_length=20, help_text="The six digits of the newest message.")


class ConfirmOutput(serializers.Serializer):
    detail = fields.CharField(read_only=True)


class ConfirmView(APIView):
    """Confirm an address with the code of its message."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]
    throttle_classes = [SignInThrottle]

    @extend_schema(
        operation_id="auth_confirm",
        tags=["auth"],
        auth=[],
        summary="Confirm an e-mail address",
        description="Some offices ask for a confirmed address before one books (again): `address_unconfirmed`. "
        "A refused code is 400 `code_refused`, whatever the reason.",
        request=ConfirmInput,
        responses={200: ConfirmOutput},
    )
    def post(self, request: Request) -> Response:
        data = _valid(ConfirmInput, request)
        confirm_by_code(request._request, email=data["email"], code=data["code"])
        # allauth has added a notice for a page, which a program never shows.
        list(messages.get_messages(request._request))
        return Response({"detail": _("Alamat surel sudah terverifikasi.")})


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


class TokenRowOutput(serializers.Serializer):
    """A token of the account. `id` names it; it is not the token."""

    id = serializers.SerializerMethodField()
    created_at = fields.DateTimeField(source="created")
    expires_at = fields.DateTimeField(source="expiry", allow_null=True)
    is_this = serializers.SerializerMethodField(help_text="True for the token of this request.")

    def get_id(self, token: Any) -> str:
        return services.token_name(token)

    def get_is_this(self, token: Any) -> bool:
        return bool(token.digest == self.context["digest"])


class TokensView(APIView):
    """The account's tokens."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_tokens",
        tags=["auth"],
        summary="The tokens of this account, the newest first",
        responses=TokenRowOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        token: Any = request.auth
        rows = services.tokens_of(token.user_id)
        context = {"digest": token.digest}
        return Response(TokenRowOutput(rows, many=True, context=context).data)


class TokenRowView(APIView):
    """One of the account's tokens. Another account's token is not found."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="auth_token_revoke",
        tags=["auth"],
        summary="Make one token of this account worthless",
        responses={204: OpenApiResponse(description="Done.")},
    )
    def delete(self, request: Request, token_id: str) -> Response:
        token: Any = request.auth
        services.revoke_token(user_id=token.user_id, name=token_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _valid(serializer_class: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _consume(request: Request, action: str) -> None:
    """Count this attempt against the same limit as the pages."""
    if not ratelimit.consume(request._request, action=action):
        raise SlowDown(retry_after=60)
