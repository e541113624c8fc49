"""API of the boards: one public document for screens, ticket pages and other programs."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core import serializer_fields as fields
from counters.display.selectors import board_of
from offices.api import PublicView

STATES = ("before", "open", "after", "closed")
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


class WaitingOutput(serializers.Serializer):
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
    waiting = WaitingOutput(many=True, help_text="In the order in which they will be called.")
    counters_open = fields.IntegerField()
    wait = WaitOutput(allow_null=True, help_text="For somebody who joins the queue now.")
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
