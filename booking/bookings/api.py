"""The bookings API."""

import datetime as dt
import uuid
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.devices import network_key
from accounts.requests import SignedInApiRequest
from booking.bookings import selectors
from booking.bookings.changes import cancel_booking, reschedule_booking
from booking.bookings.models import Booking
from booking.bookings.requests import BookingRequest, OpenWindow
from booking.bookings.services import create_bookings
from booking.refusals.services import Action, Channel, record_refusal
from booking.statuses import Status as BookingStatus
from core import clock
from core import serializer_fields as fields
from core.api import LARGEST_ID, conflict
from core.api import rename_fields as _rename
from core.api import valid_data as _valid
from core.errors import DomainError, InvalidInput
from quotas.waiting_room.headers import KEY_HEADER, KEY_PARAMETER, ROOM_PARAMETER, room_tickets


# --- Bookings ------------------------------------------------------------------------------------
class BookingsInput(serializers.Serializer):
    slot = fields.IntegerField(min_value=1, max_value=LARGEST_ID)
    applicants = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=LARGEST_ID),
        min_length=1,
        max_length=5,
    )
    service_type = fields.CharField(max_length=50)


class RescheduleInput(serializers.Serializer):
    slot = fields.IntegerField(min_value=1, max_value=LARGEST_ID)


class CancelInput(serializers.Serializer):
    reason = fields.CharField(max_length=200, required=False, allow_blank=True)


class BookingOutput(serializers.Serializer):
    """A booking. Times carry the UTC offset of its office."""

    code = fields.CharField()
    status = serializers.ChoiceField(BookingStatus.choices)
    office = fields.CharField(source="office.code")
    slot = fields.IntegerField(source="slot_id")
    starts_at = serializers.SerializerMethodField()
    ends_at = serializers.SerializerMethodField()
    service_type = fields.CharField(source="service_type.code")
    applicant = fields.IntegerField(source="applicant_id")
    place_number = serializers.SerializerMethodField(
        help_text="The place's number in its slot; null once it was given back."
    )
    changes_left = serializers.SerializerMethodField()

    def get_starts_at(self, booking: Booking) -> dt.datetime:
        return booking.slot.starts_at.astimezone(booking.office.zone)

    def get_ends_at(self, booking: Booking) -> dt.datetime:
        return booking.slot.ends_at.astimezone(booking.office.zone)

    def get_place_number(self, booking: Booking) -> int | None:
        return None if booking.place is None else booking.place.number

    def get_changes_left(self, booking: Booking) -> int:
        return selectors.changes_left(booking)


class PartyOutput(serializers.Serializer):
    party = fields.IntegerField()
    bookings = BookingOutput(many=True)


class BookingsView(APIView):
    """The account's bookings."""

    @extend_schema(
        operation_id="bookings_list",
        tags=["bookings"],
        summary="The bookings of this account, the latest slot first",
        responses=BookingOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        return Response(BookingOutput(selectors.bookings_of(request.user.pk), many=True).data)

    @extend_schema(
        operation_id="bookings_create",
        tags=["bookings"],
        summary="Book a slot for up to five people: all of them or none",
        parameters=[KEY_PARAMETER, ROOM_PARAMETER],
        request=BookingsInput,
        responses={
            201: PartyOutput,
            403: conflict(
                "`restricted`, `limit_reached`, `rebooking_limit` (with `possible_from`), `address_unconfirmed`"
            ),
            409: conflict(
                "`full`, `already_booked`, `not_bookable`, `not_yet_open`, `window_closed`, `key_reused`, "
                "`product_not_made`"
            ),
        },
        examples=[
            OpenApiExample(
                "one person",
                value={"slot": 1, "applicants": [1], "service_type": "new"},
                request_only=True,
            )
        ],
    )
    def post(self, request: SignedInApiRequest) -> Response:
        now = clock.now()
        typed = _wanted(request, now)
        # Without a key each request is independent; law 2 still limits a person to one booking.
        key = request.headers.get(KEY_HEADER)
        try:
            [party] = create_bookings(
                requests=[
                    BookingRequest(
                        account_id=request.user.pk,
                        slot_id=typed["slot"],
                        applicant_ids=typed["applicants"],
                        service_type=typed["service_type"],
                        key=uuid.uuid4().hex if key is None else key,
                        network_key=network_key(request._request),
                    )
                ],
                right=OpenWindow(room_tickets=room_tickets(request)),
                by=request.user,
                now=now,
            )
        except DomainError as error:
            _rename(error, {"key": KEY_HEADER})
            _record(request, error, typed["slot"], size=len(typed["applicants"]), now=now)
            raise
        body = {"party": party.pk, "bookings": selectors.bookings_in(party)}
        return Response(PartyOutput(body).data, status.HTTP_201_CREATED)


class BookingView(APIView):
    """One of the account's bookings."""

    @extend_schema(
        operation_id="bookings_read",
        tags=["bookings"],
        summary="One booking",
        responses=BookingOutput,
    )
    def get(self, request: SignedInApiRequest, code: str) -> Response:
        return _booking_answer(request, code)


class CancelView(APIView):
    """Cancel a booking."""

    @extend_schema(
        operation_id="bookings_cancel",
        tags=["bookings"],
        summary="Cancel a booking; free of sanction until the visit begins",
        request=CancelInput,
        responses={200: BookingOutput, 409: conflict("`too_late`, `move_not_allowed`")},
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        booking = selectors.booking_of(request.user.pk, code)
        typed = _valid(CancelInput(data=request.data))
        cancel_booking(
            booking_id=booking.pk, by=request.user, now=clock.now(), reason=typed.get("reason", "")
        )
        return _booking_answer(request, code)


class RescheduleView(APIView):
    """Move a booking to another slot."""

    @extend_schema(
        operation_id="bookings_reschedule",
        tags=["bookings"],
        summary="Reschedule a booking: once, until the day before",
        parameters=[ROOM_PARAMETER],
        request=RescheduleInput,
        responses={
            200: BookingOutput,
            409: conflict(
                "`same_slot`, `no_change_left`, `too_late`, `full`, `not_yet_open`, `window_closed`, "
                "`move_not_allowed`"
            ),
        },
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        booking = selectors.booking_of(request.user.pk, code)
        typed = _valid(RescheduleInput(data=request.data))
        now = clock.now()
        try:
            reschedule_booking(
                booking_id=booking.pk,
                slot_id=typed["slot"],
                by=request.user,
                now=now,
                room_tickets=room_tickets(request),
            )
        except DomainError as error:
            _record(request, error, typed["slot"], action=Action.RESCHEDULE, now=now)
            raise
        return _booking_answer(request, code)


def _wanted(request: SignedInApiRequest, now: dt.datetime) -> dict[str, Any]:
    """Return the valid body. A body that is refused for its form is recorded too."""
    try:
        return _valid(BookingsInput(data=request.data))
    except serializers.ValidationError:
        slot_id = request.data.get("slot") if isinstance(request.data, dict) else None
        is_id = type(slot_id) is int and 0 < slot_id <= LARGEST_ID
        _record(request, InvalidInput(), int(slot_id or 0) if is_id else 0, size=0, now=now)
        raise


def _record(
    request: SignedInApiRequest,
    error: DomainError,
    slot_id: int,
    *,
    action: Action = Action.BOOK,
    size: int = 1,
    now: dt.datetime,
) -> None:
    bookable = selectors.bookable_slot(slot_id) if slot_id else None
    record_refusal(
        error,
        channel=Channel.API,
        action=action,
        account_id=request.user.pk,
        slot_id=slot_id,
        slot=bookable.slot if bookable else None,
        size=size,
        now=now,
    )


def _booking_answer(request: SignedInApiRequest, code: str) -> Response:
    return Response(BookingOutput(selectors.booking_of(request.user.pk, code)).data)
