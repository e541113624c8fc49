"""API of the boards, one public document for every screen; and of kiosks."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.throttles import SignInThrottle
from core import clock
from core import serializer_fields as fields
from core.api import conflict, valid_data
from counters.display.selectors import board_of, current_board, standing_in
from counters.display.services import check_in_at_kiosk
from counters.kiosks.services import pair_kiosk
from offices.api import PublicView

STATES = ("before", "open", "after", "closed")
KIOSK_STATES = ("in", "gate", "served")
HALL_PARAMETER = OpenApiParameter("hall", str, description="Only this hall, by its code.")


class WaitOutput(serializers.Serializer):
    low = fields.IntegerField(help_text="Minutes.")
    high = fields.IntegerField(help_text="Minutes.")
    text = fields.CharField()


class BoardHallOutput(serializers.Serializer):
    code = fields.CharField()
    name = fields.CharField()
    floor = fields.CharField()


class CallOutput(serializers.Serializer):
    number = fields.CharField(help_text="A-041")
    counter = fields.IntegerField()
    hall = fields.CharField()
    place = fields.CharField(help_text="Hall and floor in the reader's language.")
    floor = fields.CharField()
    called_at = fields.DateTimeField(help_text="Changes when the number is called again.")
    times = fields.IntegerField(help_text="How often it has been called.")
    is_called = serializers.BooleanField(help_text="False once the person is being served.")
    spoken = fields.CharField(help_text="The call as an Indonesian voice reads it.")


class BoardPersonOutput(serializers.Serializer):
    number = fields.CharField()
    hall = fields.CharField(allow_blank=True)
    ahead = fields.IntegerField(help_text="People before this one in the hall.")
    wait = WaitOutput(allow_null=True, help_text="Null while no counter serves.")


class BoardOutput(serializers.Serializer):
    office = fields.CharField()
    name = fields.CharField()
    hall = fields.CharField(allow_blank=True)
    halls = BoardHallOutput(many=True)
    day = fields.DateField()
    time_zone = fields.CharField()
    zone_name = fields.CharField()
    state = serializers.ChoiceField(choices=STATES)
    state_text = fields.CharField(allow_blank=True)
    calls = CallOutput(many=True, help_text="Called or being served, the latest call first.")
    waiting = BoardPersonOutput(many=True, help_text="In the order in which they will be called.")
    counters_open = fields.IntegerField()
    wait = WaitOutput(allow_null=True, help_text="For somebody who joins the queue now.")
    out_of_order_today = fields.IntegerField(
        help_text="How many people the office has called out of order today."
    )
    news = serializers.ListField(child=fields.CharField())


class BoardView(PublicView):
    """The board of an office or of one hall."""

    @extend_schema(
        operation_id="offices_board",
        tags=["offices"],
        auth=[],
        summary="What the board shows: calls, order, waits, outages",
        description="The same for everyone and without personal data. Ask at most every two "
        "seconds, with If-None-Match: an unchanged board is answered with 304.",
        parameters=[HALL_PARAMETER],
        responses={200: BoardOutput},
    )
    def get(self, request: Request, code: str) -> Response:
        document = board_of(code, request.query_params.get("hall", ""), now=clock.now())
        return Response(BoardOutput(document).data)


# --- Kiosks ---------------------------------------------------------------------------------------
class DeviceToken(BaseAuthentication):
    """`Authorization: Token …` with the token of a kiosk, which the service checks."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        scheme, _space, token = get_authorization_header(request).decode("latin-1").partition(" ")
        return (None, token.strip()) if scheme.lower() == "token" else None

    def authenticate_header(self, request: Request) -> str:
        return "Token"


class DeviceTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the token of a kiosk in the API schema."""

    target_class = "counters.display.api.DeviceToken"
    name = "device"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Authorization: Token <token>` of a kiosk, from `POST kiosk/pair/`.",
        }


class PairInput(serializers.Serializer):
    office = fields.SlugField(max_length=12)
    code = fields.CharField(max_length=40, help_text="From the supervisor; valid for 15 minutes.")


class PairOutput(serializers.Serializer):
    office = fields.CharField()
    token = fields.CharField(help_text="Shown once. It works until a supervisor revokes it.")


class KioskInput(serializers.Serializer):
    ticket = fields.CharField(max_length=60, help_text="The booking code, scanned or typed.")


class KioskOutput(serializers.Serializer):
    """`in`: checked in, with a number. `gate`: recorded; identity is checked at the gate. `served`."""

    state = serializers.ChoiceField(choices=KIOSK_STATES)
    number = fields.CharField(allow_null=True)
    place = fields.CharField(allow_blank=True, help_text="Hall and floor.")
    ahead = fields.IntegerField(allow_null=True)
    wait = fields.CharField(allow_blank=True, help_text="A range of minutes as text.")
    counter = fields.IntegerField(allow_null=True, help_text="Once called.")


class PairView(PublicView):
    """Pairing a kiosk."""

    throttle_classes = [SignInThrottle]

    @extend_schema(
        operation_id="kiosk_pair",
        tags=["kiosk"],
        auth=[],
        summary="Exchange a pairing code for a device token",
        request=PairInput,
        responses={200: PairOutput, 400: conflict("`wrong_pairing_code`, `invalid`")},
    )
    def post(self, request: Request) -> Response:
        data = valid_data(PairInput(data=request.data))
        token = pair_kiosk(office=data["office"], code=data["code"], now=clock.now())
        return Response(PairOutput({"office": data["office"], "token": token}).data)


class KioskCheckInView(PublicView):
    """Check-in at a kiosk."""

    authentication_classes = [DeviceToken]

    @extend_schema(
        operation_id="kiosk_check_in",
        tags=["kiosk"],
        summary="Check a booking in; the token decides the office",
        description="A second call returns the number of the first. A code of another office is "
        "answered like an unknown one; ten unknown codes within five minutes are the limit.",
        request=KioskInput,
        responses={
            200: KioskOutput,
            401: conflict("`kiosk_not_paired`"),
            403: conflict("`kiosk_revoked`"),
            404: conflict("`unknown_ticket`"),
            409: conflict("`too_early`, `wrong_day`, `booking_ended`"),
        },
    )
    def post(self, request: Request) -> Response:
        now = clock.now()
        data = valid_data(KioskInput(data=request.data))
        token = str(request.auth or "")
        kiosk, answer = check_in_at_kiosk(token=token, code=data["ticket"], now=now)
        number = str(answer.visit.ticket) if answer.visit else None
        standing = (
            standing_in(current_board(kiosk.office.code, now=now), number) if number else None
        )
        return Response(
            KioskOutput(
                {
                    "state": answer.state,
                    "number": number,
                    "place": standing.place if standing else "",
                    "ahead": standing.ahead if standing else None,
                    "wait": standing.wait if standing else "",
                    "counter": standing.counter if standing else None,
                }
            ).data
        )
