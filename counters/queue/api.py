"""Public API of the calls: how many were out of order today."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core import serializer_fields as fields
from counters.queue.selectors import calls_of_day
from offices.api import PublicView
from offices.directory.selectors import get_office


class CallReasonOutput(serializers.Serializer):
    reason = fields.CharField()
    count = fields.IntegerField()


class CallsOutput(serializers.Serializer):
    date = fields.DateField(help_text="The date at the office now.")
    called = fields.IntegerField(help_text="Calls of today, those out of order included.")
    out_of_order_today = fields.IntegerField(
        help_text="People who were called out of order today, each with a recorded reason."
    )
    reasons = CallReasonOutput(many=True, help_text="Of those out of order, by reason.")


class CallsView(PublicView):
    """Today's calls of an office."""

    @extend_schema(
        operation_id="offices_calls",
        tags=["offices"],
        auth=[],
        summary="How many people an office called today, and how many out of order",
        responses={200: CallsOutput},
    )
    def get(self, request: Request, code: str) -> Response:
        office = get_office(code)
        return Response(CallsOutput(calls_of_day(office, now=clock.now())).data)
