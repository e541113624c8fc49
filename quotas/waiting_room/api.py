"""API endpoints of waiting rooms: a ticket, and its status."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from core import clock
from core import serializer_fields as fields
from core.api import conflict
from quotas.waiting_room import services
from quotas.waiting_room.headers import ROOM_HEADER, ROOM_PARAMETER
from quotas.waiting_room.status import status_of

STATES = ("none", "soon", "apart", "early", "waiting", "admitted", "lapsed", "sold_out", "over")


class RoomStatusOutput(serializers.Serializer):
    """The state of a ticket. Ask again after `ask_again` seconds, give or take a third."""

    state = serializers.ChoiceField(choices=STATES)
    ask_again = fields.IntegerField()
    waiting = fields.IntegerField(required=False, help_text="Tickets given so far.")
    places = fields.IntegerField(required=False)
    left = fields.IntegerField(required=False)
    opens_at = fields.DateTimeField(required=False)
    at = fields.DateTimeField(required=False)
    position = fields.IntegerField(required=False, help_text="From the opening on.")
    let_in = fields.IntegerField(
        required=False, help_text="Position up to which people are admitted."
    )
    ahead = fields.IntegerField(required=False)
    wait_seconds = fields.IntegerField(
        required=False, allow_null=True, help_text="Null while nobody is admitted."
    )
    turn_ends_at = fields.DateTimeField(
        required=False, allow_null=True, help_text="Until then the account may book."
    )


class RoomTicketOutput(RoomStatusOutput):
    """A ticket of this account. Send it as `Room-Ticket` when booking; it opens nothing for others."""

    ticket = fields.CharField()


class RoomView(APIView):
    """The waiting room of a window."""

    def get_permissions(self) -> Any:
        """Anyone can read the status of a ticket; only a signed-in account can get one."""
        return [AllowAny()] if self.request.method == "GET" else super().get_permissions()

    @extend_schema(
        operation_id="windows_room_status",
        tags=["offices"],
        auth=[],
        summary="How a ticket stands: position, estimate, what is left",
        parameters=[ROOM_PARAMETER],
        responses={200: RoomStatusOutput},
    )
    def get(self, request: Request, window: int) -> Response:
        token = request.headers.get(ROOM_HEADER, "")
        return Response(status_of(window, token, now=clock.now()))

    @extend_schema(
        operation_id="windows_room_join",
        tags=["offices"],
        summary="Take a ticket: before the opening chance decides the order, after it the time of coming",
        description="With the ticket you have in `Room-Ticket`, you keep it. One account has one lot.",
        parameters=[ROOM_PARAMETER],
        request=None,
        responses={
            201: RoomTicketOutput,
            409: conflict("`room_not_open`, `window_closed`"),
        },
    )
    def post(self, request: SignedInApiRequest, window: int) -> Response:
        now = clock.now()
        token = services.join_room(
            window_id=window,
            account_id=request.user.pk,
            now=now,
            token=request.headers.get(ROOM_HEADER, ""),
        )
        data = {"ticket": token, **status_of(window, token, now=now)}
        return Response(data, status.HTTP_201_CREATED)
