"""The waiting list API: join, list, leave, answer an offer."""

import datetime as dt
from typing import Any
from uuid import UUID

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.bookings.api import BookingOutput
from booking.refusals.services import Channel
from booking.waiting_list import selectors, services
from booking.waiting_list.accepting import accept_offer, record_refused_offer
from booking.waiting_list.models import Offer, OfferStatus, WaitingListEntry, WaitingStatus
from booking.waiting_list.offers import decline_offer, stop_waiting
from core import clock
from core import serializer_fields as fields
from core.api import LARGEST_ID, conflict
from core.errors import DomainError


class WaitingInput(serializers.Serializer):
    office = fields.CharField(max_length=12)
    service_type = fields.CharField(max_length=50)
    applicants = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=LARGEST_ID),
        min_length=1,
        max_length=5,
    )
    first_day = fields.DateField(help_text="The first service day that would do.")
    last_day = fields.DateField(help_text="The last one; tomorrow at the earliest.")
    lane = fields.CharField(max_length=20, required=False, default="online")


class OfferOutput(serializers.Serializer):
    """Places of one slot, held until `answer_by`."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(OfferStatus.choices)
    slot = fields.IntegerField(source="slot_id")
    starts_at = serializers.SerializerMethodField()
    ends_at = serializers.SerializerMethodField()
    answer_by = serializers.SerializerMethodField()

    def get_starts_at(self, offer: Offer) -> dt.datetime:
        return offer.slot.starts_at.astimezone(offer.slot.office.zone)

    def get_ends_at(self, offer: Offer) -> dt.datetime:
        return offer.slot.ends_at.astimezone(offer.slot.office.zone)

    def get_answer_by(self, offer: Offer) -> dt.datetime:
        return offer.answer_by.astimezone(offer.slot.office.zone)


class WaitingOutput(serializers.Serializer):
    """An entry on the waiting list of an office, and its open offer."""

    id = fields.IntegerField()
    status = serializers.ChoiceField(WaitingStatus.choices)
    office = fields.CharField(source="office.code")
    lane = fields.CharField(source="lane_id")
    service_type = fields.CharField(source="service_type.code")
    applicants = serializers.SerializerMethodField()
    first_day = fields.DateField()
    last_day = fields.DateField()
    joined_at = serializers.SerializerMethodField()
    ahead = serializers.SerializerMethodField(
        help_text="How many wait before this one for some of the same days; null once it is over."
    )
    offers_made = fields.IntegerField()
    offer = serializers.SerializerMethodField()

    def get_applicants(self, entry: WaitingListEntry) -> list[int]:
        return sorted(member.applicant_id for member in entry.members.all())

    def get_joined_at(self, entry: WaitingListEntry) -> dt.datetime:
        return entry.joined_at.astimezone(entry.office.zone)

    def get_ahead(self, entry: WaitingListEntry) -> int | None:
        is_waiting = entry.status == WaitingStatus.WAITING
        return selectors.ahead_of(entry) if is_waiting else None

    @extend_schema_field(OfferOutput(allow_null=True))
    def get_offer(self, entry: WaitingListEntry) -> Any:
        offer = selectors.open_offer_of(entry)
        return None if offer is None else OfferOutput(offer).data


class AcceptedOutput(serializers.Serializer):
    """An accepted offer, and the bookings it created or moved."""

    offer = OfferOutput()
    bookings = BookingOutput(many=True)


class WaitingListView(APIView):
    """The account's waiting list entries."""

    @extend_schema(
        operation_id="waiting_list",
        tags=["waiting list"],
        summary="What this account waits for, those that are over last",
        responses=WaitingOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        rows = selectors.waiting_of(request.user.pk)
        entries = sorted(rows, key=lambda row: row.status != WaitingStatus.WAITING)
        return Response(WaitingOutput(entries, many=True).data)

    @extend_schema(
        operation_id="waiting_join",
        tags=["waiting list"],
        summary="Wait for places of one slot for up to five people",
        description=(
            "Whoever has a booking that may still be moved waits for another slot. The same people again "
            "change what they wait for and keep their turn."
        ),
        request=WaitingInput,
        responses={
            201: WaitingOutput,
            409: conflict("`already_waiting`, `already_booked`, `not_bookable`"),
        },
        examples=[
            OpenApiExample(
                "one person",
                value={
                    "office": "palembang",
                    "service_type": "new",
                    "applicants": [1],
                    "first_day": "2026-11-30",
                    "last_day": "2026-12-11",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: SignedInApiRequest) -> Response:
        form = WaitingInput(data=request.data)
        form.is_valid(raise_exception=True)
        typed: dict[str, Any] = form.validated_data
        preferences = services.WaitingPreferences(
            office_code=typed["office"],
            service_type=typed["service_type"],
            first_day=typed["first_day"],
            last_day=typed["last_day"],
            lane=typed["lane"],
        )
        entry = services.join_waiting_list(
            account_id=request.user.pk,
            applicant_ids=typed["applicants"],
            preferences=preferences,
            now=clock.now(),
        )
        row = selectors.waiting_entry_of(request.user.pk, entry.pk)
        return Response(WaitingOutput(row).data, status.HTTP_201_CREATED)


class WaitingEntryView(APIView):
    """One of the account's entries. Another account's entry is not found."""

    @extend_schema(
        operation_id="waiting_leave",
        tags=["waiting list"],
        summary="Stop waiting; an offer that is open goes on to the next in line",
        responses={204: OpenApiResponse(description="Stopped.")},
    )
    def delete(self, request: SignedInApiRequest, entry_id: int) -> Response:
        stop_waiting(entry_id=entry_id, account_id=request.user.pk, now=clock.now())
        return Response(status=status.HTTP_204_NO_CONTENT)


class OfferAcceptView(APIView):
    """Accept an offer."""

    @extend_schema(
        operation_id="offers_accept",
        tags=["waiting list"],
        summary="Accept an offer: new bookings, or the booking that one has moved, without using up its change",
        request=None,
        responses={
            200: AcceptedOutput,
            409: conflict(
                "`offer_over`, `already_booked`, `not_bookable`, `too_late`, `product_not_made`"
            ),
        },
    )
    def post(self, request: SignedInApiRequest, offer_id: UUID) -> Response:
        now = clock.now()
        try:
            accept_offer(offer_id=offer_id, account_id=request.user.pk, now=now)
        except DomainError as error:
            offer = selectors.offer_of(request.user.pk, offer_id)
            record_refused_offer(error, offer, channel=Channel.API, now=now)
            raise
        offer = selectors.offer_of(request.user.pk, offer_id)
        body = {"offer": offer, "bookings": selectors.bookings_from(offer)}
        return Response(AcceptedOutput(body).data)


class OfferDeclineView(APIView):
    """Decline an offer."""

    @extend_schema(
        operation_id="offers_decline",
        tags=["waiting list"],
        summary="Decline an offer; the turn stays until its offers are used up",
        request=None,
        responses={200: OfferOutput, 409: conflict("`offer_over`")},
    )
    def post(self, request: SignedInApiRequest, offer_id: UUID) -> Response:
        decline_offer(offer_id=offer_id, account_id=request.user.pk, now=clock.now())
        return Response(OfferOutput(selectors.offer_of(request.user.pk, offer_id)).data)
