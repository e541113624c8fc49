"""The API of moves by the office: read the proposal, accept it, choose another hour."""

import datetime as dt

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.bookings.api import BookingOutput
from booking.bookings.models import Displacement
from booking.closures import selectors
from booking.closures.moves import accept_move, choose_another
from core import clock
from core import serializer_fields as fields
from core.api import LARGEST_ID, conflict, valid_data
from core.errors import NotFound


class ChooseInput(serializers.Serializer):
    slot = fields.IntegerField(min_value=1, max_value=LARGEST_ID)


class MoveOutput(serializers.Serializer):
    """A move by the office. Until it is answered, another hour can be chosen."""

    id = fields.IntegerField()
    reason = serializers.SerializerMethodField()
    displaced_at = fields.DateTimeField()
    is_answered = serializers.SerializerMethodField()
    was_at = serializers.SerializerMethodField(help_text="The start of the old slot.")
    bookings = serializers.SerializerMethodField()

    def get_reason(self, move: Displacement) -> str:
        return move.reason_in()

    def get_is_answered(self, move: Displacement) -> bool:
        return not any(row.answered_at is None for row in selectors.members_of(move))

    def get_was_at(self, move: Displacement) -> dt.datetime:
        slot = selectors.members_of(move)[0].place_from.slot
        return slot.starts_at.astimezone(slot.office.zone)

    def get_bookings(self, move: Displacement) -> list[str]:
        return [row.booking.code for row in selectors.members_of(move)]


class AnsweredMoveOutput(serializers.Serializer):
    move = MoveOutput()
    bookings = BookingOutput(many=True)


class MovesView(APIView):
    """The moves of the account's bookings."""

    @extend_schema(
        operation_id="moves_list",
        tags=["bookings"],
        summary="Moves by the office that this account has not answered yet",
        responses=MoveOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        return Response(MoveOutput(selectors.open_moves_of(request.user.pk), many=True).data)


class MoveAcceptView(APIView):
    """Accept the office's proposal."""

    @extend_schema(
        operation_id="moves_accept",
        tags=["bookings"],
        summary="Accept the hour that the office proposes; twice changes nothing",
        request=None,
        responses={
            200: AnsweredMoveOutput,
            409: conflict("`already_answered`, `move_not_allowed` while there is no new hour"),
        },
    )
    def post(self, request: SignedInApiRequest, move_id: int) -> Response:
        accept_move(displacement_id=_own(request, move_id).pk, now=clock.now())
        return _answer(request, move_id)


class MoveChooseView(APIView):
    """Choose another hour instead of the office's proposal."""

    @extend_schema(
        operation_id="moves_choose",
        tags=["bookings"],
        summary="Choose another hour for everybody who was moved, without using up the own change",
        request=ChooseInput,
        responses={
            200: AnsweredMoveOutput,
            409: conflict(
                "`already_answered`, `same_slot`, `too_late`, `full`, `not_yet_open`, `window_closed`, "
                "`move_not_allowed`"
            ),
        },
    )
    def post(self, request: SignedInApiRequest, move_id: int) -> Response:
        move = _own(request, move_id)
        typed = valid_data(ChooseInput(data=request.data))
        choose_another(displacement_id=move.pk, slot_id=typed["slot"], now=clock.now())
        return _answer(request, move_id)


def _own(request: SignedInApiRequest, move_id: int) -> Displacement:
    """Return a move of the account. Raises NotFound, also for another account's."""
    move = selectors.get_displacement(move_id)
    if move.party.account_id != request.user.pk:
        raise NotFound
    return move


def _answer(request: SignedInApiRequest, move_id: int) -> Response:
    move = _own(request, move_id)
    bookings = [row.booking for row in selectors.members_of(move)]
    return Response(AnsweredMoveOutput({"move": move, "bookings": bookings}).data)
