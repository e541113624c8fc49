"""API of an account's webhooks."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.webhooks import kinds, selectors, services
from accounts.webhooks.addresses import LONGEST_URL
from accounts.webhooks.models import MOST_ENDPOINTS, WebhookEndpoint
from core import clock
from core import serializer_fields as fields
from core.api import conflict, valid_data

TAGS: Final = ["webhooks"]
# Named in ENUM_NAME_OVERRIDES.
PAUSES: Final = WebhookEndpoint.Pause.choices


class WebhookInput(serializers.Serializer):
    """Where events are sent, and which."""

    url = fields.CharField(
        max_length=LONGEST_URL, help_text="A public https address. Redirects are not followed."
    )
    kinds = serializers.ListField(
        child=serializers.ChoiceField(kinds.NAMES), allow_empty=False, max_length=50
    )


class WebhookChangeInput(WebhookInput):
    """What changes. `is_active` pauses an endpoint or resumes it."""

    url = fields.CharField(max_length=LONGEST_URL, required=False)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(kinds.NAMES),
        allow_empty=False,
        max_length=50,
        required=False,
    )
    is_active = serializers.BooleanField(required=False)


class WebhookOutput(serializers.Serializer):
    """An endpoint, without its secret."""

    id = fields.IntegerField(read_only=True)
    url = fields.CharField(read_only=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(kinds.NAMES), read_only=True)
    is_active = serializers.BooleanField(read_only=True)
    paused_reason = serializers.ChoiceField(
        PAUSES,
        allow_blank=True,
        read_only=True,
        help_text="Empty while active. `owner`: paused by PATCH; `failures`: too many in a row; "
        "`access`: all tokens of the account were revoked.",
    )
    failures = fields.IntegerField(read_only=True, help_text="Since the last delivery.")
    last_error = fields.CharField(
        read_only=True,
        help_text="Of the last failure, or empty: `status_500`, `timeout`, `tls`, `unknown_name`, "
        "`not_public`, `no_answer`.",
    )
    last_delivered_at = fields.DateTimeField(read_only=True, allow_null=True)
    created_at = fields.DateTimeField(read_only=True)


class NewWebhookOutput(WebhookOutput):
    """An endpoint with the secret that signs its events."""

    secret = fields.CharField(read_only=True, help_text="Shown only in this answer.")


class TestEventOutput(serializers.Serializer):
    """The id of a test event, as in its body."""

    event = serializers.UUIDField(source="id", read_only=True)


class WebhooksView(APIView):
    """The account's endpoints."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="webhooks_list",
        tags=TAGS,
        summary="The account's webhooks",
        responses=WebhookOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        rows = selectors.endpoints_of(_account(request))
        return Response(WebhookOutput(rows, many=True).data)

    @extend_schema(
        operation_id="webhooks_create",
        tags=TAGS,
        summary="Send the account's events to an address",
        description=f"At most {MOST_ENDPOINTS} for an account. The answer is the only one with the secret.",
        request=WebhookInput,
        responses={201: NewWebhookOutput, 409: conflict("`too_many_webhooks`")},
        examples=[
            OpenApiExample(
                "webhook",
                value={
                    "url": "https://sistem.example/kejadian",
                    "kinds": ["booking.confirmed", "booking.moved"],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: Request) -> Response:
        typed = valid_data(WebhookInput(data=request.data))
        endpoint = services.create_endpoint(
            account_id=_account(request),
            url=typed["url"],
            event_kinds=typed["kinds"],
            now=clock.now(),
        )
        return Response(NewWebhookOutput(endpoint).data, status.HTTP_201_CREATED)


class WebhookView(APIView):
    """One of the account's endpoints. Another account's endpoint is not found."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="webhooks_read", tags=TAGS, summary="One webhook", responses=WebhookOutput
    )
    def get(self, request: Request, webhook_id: int) -> Response:
        endpoint = selectors.endpoint_of(_account(request), webhook_id)
        return Response(WebhookOutput(endpoint).data)

    @extend_schema(
        operation_id="webhooks_change",
        tags=TAGS,
        summary="Change a webhook, pause it or resume it",
        description="What happened while it was paused is not sent later; what waited already is.",
        request=WebhookChangeInput,
        responses=WebhookOutput,
    )
    def patch(self, request: Request, webhook_id: int) -> Response:
        account_id = _account(request)
        selectors.endpoint_of(account_id, webhook_id)
        endpoint = services.change_endpoint(
            account_id=account_id,
            endpoint_id=webhook_id,
            changes=valid_data(WebhookChangeInput(data=request.data)),
            now=clock.now(),
        )
        return Response(WebhookOutput(endpoint).data)

    @extend_schema(
        operation_id="webhooks_delete",
        tags=TAGS,
        summary="Delete a webhook and what waits for it",
        responses={204: OpenApiResponse(description="Deleted.")},
    )
    def delete(self, request: Request, webhook_id: int) -> Response:
        services.delete_endpoint(account_id=_account(request), endpoint_id=webhook_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class WebhookTestView(APIView):
    """A test event."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="webhooks_test",
        tags=TAGS,
        summary="Send an event of the kind `test`",
        description="Sent within seconds, at most once in ten seconds; read the result in the webhook.",
        request=None,
        responses={202: TestEventOutput, 409: conflict("`webhook_paused`")},
    )
    def post(self, request: Request, webhook_id: int) -> Response:
        event = services.queue_test(
            account_id=_account(request), endpoint_id=webhook_id, now=clock.now()
        )
        return Response(TestEventOutput(event).data, status.HTTP_202_ACCEPTED)


class WebhookSecretView(APIView):
    """A new secret."""

    permission_classes = [IsAuthenticated]

    @extend_schema(
        operation_id="webhooks_renew_secret",
        tags=TAGS,
        summary="Replace the secret; the old one signs nothing any more",
        request=None,
        responses=NewWebhookOutput,
    )
    def post(self, request: Request, webhook_id: int) -> Response:
        endpoint = services.renew_secret(account_id=_account(request), endpoint_id=webhook_id)
        return Response(NewWebhookOutput(endpoint).data)


def _account(request: Request) -> int:
    user: Any = request.user
    return int(user.pk)
