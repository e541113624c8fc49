"""People and bookings by program."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from booking import selectors, services
from booking.api.headers import KEY_HEADER, KEY_PARAMETER, ROOM_PARAMETER, room_tickets
from booking.bookings.requests import BookingRequest
from booking.bookings.rights import OpenWindow
from booking.bookings.services import create_bookings
from booking.models import Applicant, Booking, Sex
from booking.models import Status as BookingStatus
from booking.services.people import data_of
from core import clock
from core.errors import DomainError, InvalidInput

LARGEST_ID: Final = 2**63 - 1
NO_NUMBER: Final = _("Isi NIK, atau nomor paspor dengan kewarganegaraan.")
ERROR: Final[dict[str, str]] = {"$ref": "#/components/schemas/Error"}


def conflict(codes: str) -> OpenApiResponse:
    """Describe a refusal by the codes it can have."""
    return OpenApiResponse(ERROR, description=codes)


# --- People --------------------------------------------------------------------------------------
class ApplicantInput(serializers.Serializer):
    """A person as a program sends it. `nik` is short for identity_kind `nik` and its number."""

    full_name = serializers.CharField(max_length=120)
    nik = serializers.CharField(max_length=40, required=False)
    identity_kind = serializers.ChoiceField(Applicant.IdentityKind.choices, required=False)
    identity_number = serializers.CharField(max_length=40, required=False)
    nationality = serializers.CharField(
        max_length=2, required=False, help_text="ISO 3166, two letters."
    )
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(Sex.choices)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Tell every fault at once: what is well formed is held to the rules even beside what is not."""
        try:
            return super().to_internal_value(data)  # type: ignore[no-any-return]
        except serializers.ValidationError as error:
            if not isinstance(data, Mapping):
                raise
            faults = services.mistakes_in(_sound(self, data), now=clock.now())
            if not self.partial and not {"nik", "identity_number"} & set(data):
                faults["identity_number"] = [NO_NUMBER]
            is_by_number = "nik" not in data and "identity_number" in data
            if "identity_number" in faults and not is_by_number:
                faults["nik"] = faults.pop("identity_number")
            raise serializers.ValidationError(faults | dict(error.detail)) from None


class ApplicantOutput(serializers.Serializer):
    id = serializers.IntegerField()
    full_name = serializers.CharField()
    identity_kind = serializers.ChoiceField(Applicant.IdentityKind.choices)
    identity_number = serializers.CharField()
    nik = serializers.SerializerMethodField()
    nationality = serializers.CharField()
    birth_date = serializers.DateField()
    sex = serializers.ChoiceField(Sex.choices)
    phone = serializers.CharField()
    nik_differs = serializers.BooleanField(
        help_text="The NIK tells another birth date or sex. It warns and never blocks."
    )

    def get_nik(self, person: Applicant) -> str | None:
        is_nik = person.identity_kind == Applicant.IdentityKind.NIK
        return person.identity_number if is_nik else None


PERSON_EXAMPLE = OpenApiExample(
    "citizen",
    value={
        "full_name": "Siti Rahmawati",
        "nik": "1671054602900003",
        "birth_date": "1990-02-06",
        "sex": "female",
        "phone": "0812 3456 7890",
    },
    request_only=True,
)


class ApplicantsView(APIView):
    """The account's people."""

    @extend_schema(
        operation_id="applicants_list",
        tags=["applicants"],
        summary="The people of this account",
        responses=ApplicantOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        people = selectors.people_of(request.user.pk)
        return Response(ApplicantOutput(people, many=True).data)

    @extend_schema(
        operation_id="applicants_create",
        tags=["applicants"],
        summary="Add a person",
        request=ApplicantInput,
        responses={201: ApplicantOutput, 409: conflict("`too_many_people`")},
        examples=[PERSON_EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        typed = _valid(ApplicantInput(data=request.data))
        with _fields_as_sent(typed):
            data = _person(typed)
            person = services.add_applicant(account_id=request.user.pk, data=data, now=clock.now())
        return Response(ApplicantOutput(person).data, status.HTTP_201_CREATED)


class ApplicantView(APIView):
    """One of the account's people. A stranger's is not found."""

    @extend_schema(
        operation_id="applicants_read",
        tags=["applicants"],
        summary="One person",
        responses=ApplicantOutput,
    )
    def get(self, request: Request, applicant_id: int) -> Response:
        return Response(ApplicantOutput(selectors.person_of(request.user.pk, applicant_id)).data)

    @extend_schema(
        operation_id="applicants_change",
        tags=["applicants"],
        summary="Change a person; what is not named stays",
        request=ApplicantInput(partial=True),
        responses={200: ApplicantOutput, 409: conflict("`locked_by_booking`")},
    )
    def patch(self, request: Request, applicant_id: int) -> Response:
        stored = selectors.person_of(request.user.pk, applicant_id)
        typed = _valid(ApplicantInput(data=request.data, partial=True))
        with _fields_as_sent(typed):
            person = services.change_applicant(
                applicant_id=applicant_id,
                account_id=request.user.pk,
                data=_person(typed, stored),
                now=clock.now(),
            )
        return Response(ApplicantOutput(person).data)

    @extend_schema(
        operation_id="applicants_remove",
        tags=["applicants"],
        summary="Remove a person",
        responses={
            204: OpenApiResponse(description="Removed."),
            409: conflict("`locked_by_booking`"),
        },
    )
    def delete(self, request: Request, applicant_id: int) -> Response:
        services.remove_applicant(
            applicant_id=applicant_id, account_id=request.user.pk, now=clock.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


# --- Bookings ------------------------------------------------------------------------------------
class BookingsInput(serializers.Serializer):
    slot = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    applicants = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        min_length=1,
        max_length=5,
    )
    service_type = serializers.CharField(max_length=50)


class RescheduleInput(serializers.Serializer):
    slot = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)


class CancelInput(serializers.Serializer):
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class BookingOutput(serializers.Serializer):
    """A booking. Times carry the offset of its office."""

    code = serializers.CharField()
    status = serializers.ChoiceField(BookingStatus.choices)
    office = serializers.CharField(source="office.code")
    slot = serializers.IntegerField(source="slot_id")
    starts_at = serializers.SerializerMethodField()
    ends_at = serializers.SerializerMethodField()
    service_type = serializers.CharField(source="service_type.code")
    applicant = serializers.IntegerField(source="applicant_id")
    place_number = serializers.SerializerMethodField(
        help_text="The place's number in its hour; null once it was given back."
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
    party = serializers.IntegerField()
    bookings = BookingOutput(many=True)


class BookingsView(APIView):
    """The account's bookings."""

    @extend_schema(
        operation_id="bookings_list",
        tags=["bookings"],
        summary="The bookings of this account, the latest hour first",
        responses=BookingOutput(many=True),
    )
    def get(self, request: Request) -> Response:
        return Response(BookingOutput(selectors.bookings_of(request.user.pk), many=True).data)

    @extend_schema(
        operation_id="bookings_create",
        tags=["bookings"],
        summary="Book an hour for up to five people: all of them or none",
        parameters=[KEY_PARAMETER, ROOM_PARAMETER],
        request=BookingsInput,
        responses={
            201: PartyOutput,
            403: conflict("`restricted`, `limit_reached`"),
            409: conflict(
                "`full`, `already_booked`, `not_yet_open`, `window_closed`, `key_reused`, `product_not_made`"
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
    def post(self, request: Request) -> Response:
        typed = _valid(BookingsInput(data=request.data))
        # Without a key each request stands for itself; law 2 still keeps a person to one booking.
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
                    )
                ],
                right=OpenWindow(room_tickets=room_tickets(request)),
                by=request.user,
                now=clock.now(),
            )
        except InvalidInput as error:
            _rename(error, {"key": KEY_HEADER})
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
    def get(self, request: Request, code: str) -> Response:
        return _booking_answer(request, code)


class CancelView(APIView):
    """Give a booking back."""

    @extend_schema(
        operation_id="bookings_cancel",
        tags=["bookings"],
        summary="Cancel a booking; free of sanction until the visit begins",
        request=CancelInput,
        responses={200: BookingOutput, 409: conflict("`too_late`, `move_not_allowed`")},
    )
    def post(self, request: Request, code: str) -> Response:
        booking = selectors.booking_of(request.user.pk, code)
        typed = _valid(CancelInput(data=request.data))
        services.cancel_booking(
            booking_id=booking.pk, by=request.user, now=clock.now(), reason=typed.get("reason", "")
        )
        return _booking_answer(request, code)


class RescheduleView(APIView):
    """Move a booking to another hour."""

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
    def post(self, request: Request, code: str) -> Response:
        booking = selectors.booking_of(request.user.pk, code)
        typed = _valid(RescheduleInput(data=request.data))
        services.reschedule_booking(
            booking_id=booking.pk,
            slot_id=typed["slot"],
            by=request.user,
            now=clock.now(),
            room_tickets=room_tickets(request),
        )
        return _booking_answer(request, code)


def _booking_answer(request: Request, code: str) -> Response:
    return Response(BookingOutput(selectors.booking_of(request.user.pk, code)).data)


def _valid(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _sound(form: serializers.Serializer, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent in a form that the rules can read, by the service's names."""
    sound: dict[str, Any] = {}
    for name in set(form.fields) & set(data):
        with suppress(serializers.ValidationError):
            sound[name] = form.fields[name].run_validation(data[name])
    if "nik" in sound:
        sound |= {"identity_kind": Applicant.IdentityKind.NIK, "identity_number": sound.pop("nik")}
    elif "identity_kind" not in sound and ("identity_kind" in data or form.partial):
        sound.pop("identity_number", None)  # by which rule, nobody can say yet
    return sound


def _person(typed: dict[str, Any], stored: Applicant | None = None) -> services.ApplicantData:
    """Lay what was sent over what is stored."""
    sent = dict(typed)
    if "nik" in sent:
        sent["identity_number"] = sent.pop("nik")
        sent["identity_kind"] = Applicant.IdentityKind.NIK
    if stored is not None:
        return replace(data_of(stored), **sent)
    if "identity_number" not in sent:
        raise InvalidInput(fields={"identity_number": [NO_NUMBER]})
    return services.ApplicantData(**sent)


@contextmanager
def _fields_as_sent(typed: dict[str, Any]) -> Iterator[None]:
    """Call the number by the name under which it was sent, in the errors too."""
    is_by_number = "nik" not in typed and "identity_number" in typed
    try:
        yield
    except DomainError as error:
        _rename(error, {} if is_by_number else {"identity_number": "nik"})
        raise


def _rename(error: DomainError, names: dict[str, str]) -> None:
    error.fields = {names.get(name, name): texts for name, texts in error.fields.items()}
