"""The lottery API: enter a lottery, read its proof."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.lottery import selectors, services
from booking.lottery.models import DrawEntry
from booking.lottery.results import claim_entry
from core import clock
from core import serializer_fields as fields
from core.api import LARGEST_ID, PAGE_PARAMETERS, conflict, page_of


class DrawEntryInput(serializers.Serializer):
    applicants = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=LARGEST_ID),
        min_length=1,
        max_length=5,
    )
    service_type = fields.CharField(max_length=50)
    choices = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=LARGEST_ID),
        required=False,
        default=list,
        max_length=10,
        help_text="Slots in the order of the wish.",
    )
    any = serializers.BooleanField(
        required=False, default=True, help_text="Also any other slot, the earliest first."
    )


class DrawEntryOutput(serializers.Serializer):
    """An entry. `code` is its name in the proof."""

    code = fields.CharField()
    outcome = serializers.ChoiceField(DrawEntry.Outcome.choices)
    size = fields.IntegerField()
    weight = fields.IntegerField()
    rank = fields.IntegerField(allow_null=True)
    choices = serializers.ListField(child=fields.IntegerField())
    any = serializers.BooleanField(source="takes_any")
    slot = fields.IntegerField(source="slot_id", allow_null=True)
    claim_until = fields.DateTimeField(allow_null=True)


class DrawEntriesView(APIView):
    """The account's entries in a lottery."""

    @extend_schema(
        operation_id="draws_enter",
        tags=["draws"],
        summary="Enter a draw for up to five people: places together in one slot, or none",
        description="Any time until the list closes. The same people again change their entry.",
        request=DrawEntryInput,
        responses={
            201: DrawEntryOutput,
            409: conflict("`draw_closed`, `already_entered`, `already_booked`, `not_bookable`"),
        },
    )
    def post(self, request: SignedInApiRequest, window: int) -> Response:
        form = DrawEntryInput(data=request.data)
        form.is_valid(raise_exception=True)
        typed: dict[str, Any] = form.validated_data
        entry = services.enter_draw(
            account_id=request.user.pk,
            window_id=window,
            applicant_ids=typed["applicants"],
            service_type=typed["service_type"],
            choices=typed["choices"],
            takes_any=typed["any"],
            now=clock.now(),
        )
        return Response(DrawEntryOutput(entry).data, status.HTTP_201_CREATED)


class OwnEntriesView(APIView):
    """The account's entries in every lottery."""

    @extend_schema(
        operation_id="draws_entries",
        tags=["draws"],
        summary="The draw entries of this account, the latest first",
        parameters=PAGE_PARAMETERS,
        responses=DrawEntryOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        return page_of(request, selectors.entries_of(request.user.pk), DrawEntryOutput)


class OwnEntryView(APIView):
    """One of the account's entries. Another account's entry is not found."""

    @extend_schema(
        operation_id="draws_entry",
        tags=["draws"],
        summary="One draw entry, with its outcome",
        responses=DrawEntryOutput,
    )
    def get(self, request: SignedInApiRequest, code: str) -> Response:
        return _entry_answer(request, code)


class WithdrawEntryView(APIView):
    """Leave a lottery, or give a win up."""

    @extend_schema(
        operation_id="draws_withdraw",
        tags=["draws"],
        summary="Withdraw an entry; a win that is given up goes to the next rank",
        request=None,
        responses={200: DrawEntryOutput},
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        entry = selectors.entry_of(request.user.pk, code)
        services.withdraw_entry(account_id=request.user.pk, code=entry.code, now=clock.now())
        return _entry_answer(request, code)


class ClaimEntryView(APIView):
    """Claim a win."""

    @extend_schema(
        operation_id="draws_claim",
        tags=["draws"],
        summary="Claim a win: the held places become bookings",
        request=None,
        responses={200: DrawEntryOutput, 409: conflict("`move_not_allowed`, `claim_over`")},
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        entry = selectors.entry_of(request.user.pk, code)
        claim_entry(account_id=request.user.pk, code=entry.code, now=clock.now())
        return _entry_answer(request, code)


def _entry_answer(request: SignedInApiRequest, code: str) -> Response:
    return Response(DrawEntryOutput(selectors.entry_of(request.user.pk, code)).data)


class DrawProofView(APIView):
    """The public data of a lottery."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="draws_proof",
        tags=["draws"],
        auth=[],
        summary="The proof of a draw: its seals now, seed, list and result once it is held",
        responses={200: OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, window: int) -> Response:
        return Response(selectors.proof_of(selectors.draw_of(window)))
