"""The bookings API."""

import datetime as dt
import uuid
from typing import Any, Final
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.devices import network_key
from accounts.requests import SignedInApiRequest
from booking.bookings import selectors
from booking.bookings.changes import (
    cancel_booking,
    cancel_bookings,
    reschedule_booking,
    reschedule_bookings,
)
from booking.bookings.models import Booking, Party
from booking.bookings.requests import Choice, OpenWindow, parts_of, request_of
from booking.bookings.services import create_bookings
from booking.codes import clean_code
from booking.refusals.services import Action, Channel, record_refusal
from booking.statuses import Status as BookingStatus
from core import clock
from core import serializer_fields as fields
from core.api import LARGEST_ID, PAGE_PARAMETERS, conflict, page_of
from core.api import rename_fields as _rename
from core.api import valid_data as _valid
from core.errors import DomainError, InvalidInput
from quotas.waiting_room.headers import KEY_HEADER, KEY_PARAMETER, ROOM_PARAMETER, room_tickets

# A party's bookings that `PartyChangeInput` means when it names none.
OPEN_TO_CHANGE: Final = (BookingStatus.BOOKED, BookingStatus.DISPLACED)


# --- Bookings ------------------------------------------------------------------------------------
class PersonInput(serializers.Serializer):
    """One person of a family, with a service and a slot of their own."""

    applicant = fields.IntegerField(min_value=1, max_value=LARGEST_ID)
    service_type = fields.CharField(max_length=50)
    slot = fields.IntegerField(min_value=1, max_value=LARGEST_ID)


class BookingsInput(serializers.Serializer):
    """Either `slot`, `applicants` and `service_type` for everybody, or `people`."""

    slot = fields.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    applicants = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=LARGEST_ID),
        min_length=1,
        max_length=5,
        required=False,
    )
    service_type = fields.CharField(max_length=50, required=False)
    people = serializers.ListField(
        child=PersonInput(),
        required=False,
        min_length=1,
        max_length=5,
        help_text="Slots of different service groups at one office with the same start.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require one of the two forms, and only one."""
        names = ("slot", "applicants", "service_type")
        if "people" in attrs:
            mixed = [name for name in names if name in attrs]
            if mixed:
                text = _("Kirim people saja, atau slot, applicants, dan service_type.")
                raise serializers.ValidationError({name: [text] for name in mixed})
            return attrs
        missing = [name for name in names if name not in attrs]
        if missing:
            required = serializers.Field.default_error_messages["required"]
            raise serializers.ValidationError({name: [required] for name in missing})
        return attrs


class PartyChangeInput(serializers.Serializer):
    """Who of a party; without `bookings` everybody."""

    bookings = serializers.ListField(
        child=fields.CharField(max_length=20), required=False, min_length=1, max_length=5
    )


class PartyCancelInput(PartyChangeInput):
    reason = fields.CharField(max_length=200, required=False, allow_blank=True)


class PartyRescheduleInput(PartyChangeInput):
    slot = fields.IntegerField(min_value=1, max_value=LARGEST_ID)


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
    code = fields.CharField(
        allow_blank=True, help_text="On the ticket of a family; empty for one person."
    )
    bookings = BookingOutput(many=True)


class BookingsView(APIView):
    """The account's bookings."""

    @extend_schema(
        operation_id="bookings_list",
        tags=["bookings"],
        summary="The bookings of this account, the latest slot first",
        parameters=PAGE_PARAMETERS,
        responses=BookingOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        return page_of(request, selectors.bookings_of(request.user.pk), BookingOutput)

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
            ),
            OpenApiExample(
                "a family",
                value={
                    "people": [
                        {"applicant": 1, "service_type": "replacement", "slot": 1},
                        {"applicant": 2, "service_type": "stay_permit", "slot": 9},
                    ]
                },
                request_only=True,
            ),
        ],
    )
    def post(self, request: SignedInApiRequest) -> Response:
        now = clock.now()
        typed = _wanted(request, now)
        # Without a key each request is independent; law 2 still limits a person to one booking.
        key = request.headers.get(KEY_HEADER)
        choices = _choices(typed)
        try:
            [party] = create_bookings(
                requests=[
                    request_of(
                        parts_of(choices),
                        account_id=request.user.pk,
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
            if "people" in typed:
                _rename(error, dict.fromkeys(("slot", "applicants", "service_type"), "people"))
            _record(request, error, choices[0].slot_id, size=len(choices), now=now)
            raise
        return _party_answer(party, status.HTTP_201_CREATED)


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


class PartyView(APIView):
    """A family of the account."""

    @extend_schema(
        operation_id="parties_read",
        tags=["bookings"],
        summary="A party by its code: everybody's booking",
        responses=PartyOutput,
    )
    def get(self, request: SignedInApiRequest, code: str) -> Response:
        return _party_answer(selectors.party_of(request.user.pk, code))


class PartyCancelView(APIView):
    """Cancel all or some of a party."""

    @extend_schema(
        operation_id="parties_cancel",
        tags=["bookings"],
        summary="Cancel all or some of a party: all of these or none; the others keep their places",
        request=PartyCancelInput,
        responses={200: PartyOutput, 409: conflict("`too_late`, `move_not_allowed`")},
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        party = selectors.party_of(request.user.pk, code)
        typed = _valid(PartyCancelInput(data=request.data))
        cancel_bookings(
            booking_ids=_ids_in(party, typed),
            by=request.user,
            now=clock.now(),
            reason=typed.get("reason", ""),
        )
        return _party_answer(party)


class PartyRescheduleView(APIView):
    """Move all or some of a party."""

    @extend_schema(
        operation_id="parties_reschedule",
        tags=["bookings"],
        summary="Move all or some of a party to another hour: all of these or none",
        description="People of another service group get the slot of their group with the same start.",
        parameters=[ROOM_PARAMETER],
        request=PartyRescheduleInput,
        responses={
            200: PartyOutput,
            409: conflict(
                "`same_slot`, `no_change_left`, `too_late`, `full`, `not_yet_open`, `window_closed`, "
                "`move_not_allowed`"
            ),
        },
    )
    def post(self, request: SignedInApiRequest, code: str) -> Response:
        party = selectors.party_of(request.user.pk, code)
        typed = _valid(PartyRescheduleInput(data=request.data))
        ids, now = _ids_in(party, typed), clock.now()
        try:
            reschedule_bookings(
                booking_ids=ids,
                slot_id=typed["slot"],
                by=request.user,
                now=now,
                room_tickets=room_tickets(request),
            )
        except DomainError as error:
            size = len(ids)
            _record(request, error, typed["slot"], action=Action.RESCHEDULE, size=size, now=now)
            raise
        return _party_answer(party)


def _choices(typed: dict[str, Any]) -> list[Choice]:
    """Return the slot and the service of each person, from either form of the body."""
    if "people" in typed:
        return [
            Choice(row["applicant"], row["slot"], row["service_type"]) for row in typed["people"]
        ]
    return [Choice(pk, typed["slot"], typed["service_type"]) for pk in typed["applicants"]]


def _ids_in(party: Party, typed: dict[str, Any]) -> list[UUID]:
    """Return the ids of the party's live bookings, or of those with the codes. Raises InvalidInput for another code."""
    rows = party.bookings.filter(status__in=OPEN_TO_CHANGE).order_by("pk")
    if "bookings" not in typed:
        return list(rows.values_list("pk", flat=True))
    ids = {booking.code: booking.pk for booking in party.bookings.all()}
    codes = [clean_code(text) for text in typed["bookings"]]
    if not set(codes) <= ids.keys():
        raise InvalidInput(fields={"bookings": [_("Kode ini bukan dari rombongan ini.")]})
    return [ids[code] for code in codes]


def _party_answer(party: Party, http_status: int = status.HTTP_200_OK) -> Response:
    body = {"party": party.pk, "code": party.code, "bookings": selectors.bookings_in(party)}
    return Response(PartyOutput(body).data, http_status)


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
