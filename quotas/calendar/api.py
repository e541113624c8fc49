"""API endpoints for windows, days and slots: what opens when, what is left, and why something cannot be booked."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core import serializer_fields as fields
from offices.directory.models import Office
from offices.directory.selectors import get_office
from quotas.calendar import forms, selectors
from quotas.calendar.releases import OfficeReleases, releases
from quotas.policies.models import ReleaseRule
from quotas.windows import selectors as windows_selectors

STATUSES = ("past", "closed", "open", "not_yet_open", "full")
SERVICE_TYPE = OpenApiParameter(
    "service_type",
    str,
    required=True,
    description="One of the office's service_types.",
)


def _date_parameter(name: str, description: str, *, required: bool = False) -> OpenApiParameter:
    return OpenApiParameter(name, OpenApiTypes.DATE, required=required, description=description)


class WindowOutput(serializers.Serializer):
    id = fields.IntegerField()
    opens_at = fields.DateTimeField()
    closes_at = fields.DateTimeField()
    first_day = fields.DateField()
    last_day = fields.DateField()
    mode = serializers.ChoiceField(choices=ReleaseRule.Mode.values)
    places = fields.IntegerField()
    left = fields.IntegerField()
    has_waiting_room = serializers.BooleanField(
        help_text="Whoever books while it opens must have been let in: `windows/{window}/room/`."
    )


class DayOutput(serializers.Serializer):
    date = fields.DateField()
    status = serializers.ChoiceField(choices=STATUSES)
    reason = fields.CharField(help_text="In the reader's language, times by the office's clock.")
    opens_at = fields.DateTimeField(allow_null=True)
    places = fields.IntegerField()
    left = fields.IntegerField()
    window = fields.IntegerField(source="window_id", allow_null=True)


class CalendarOutput(serializers.Serializer):
    days = DayOutput(many=True)


class SlotOutput(serializers.Serializer):
    id = fields.IntegerField()
    starts_at = fields.DateTimeField()
    ends_at = fields.DateTimeField()
    lane = fields.CharField()
    places = fields.IntegerField()
    left = fields.IntegerField()
    status = serializers.ChoiceField(choices=STATUSES)
    reason = fields.CharField()


class ClosedDayOutput(serializers.Serializer):
    date = fields.DateField(source="day")
    reason = fields.CharField(help_text="In the reader's language.")


class ReleasesOutput(serializers.Serializer):
    office = fields.CharField(source="code")
    name = fields.CharField()
    time_zone = fields.CharField()
    openings = serializers.SerializerMethodField()
    closed = ClosedDayOutput(many=True)

    @extend_schema_field(WindowOutput(many=True))
    def get_openings(self, releases_of: OfficeReleases) -> Any:
        """Return the openings with times in the UTC offset of the office's zone."""
        with timezone.override(releases_of.office.zone):
            return WindowOutput(releases_of.openings, many=True).data


class OfficeView(APIView):
    """A public call about one office; its times carry the office's own offset."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def answer(self, office: Office, output: type[serializers.Serializer], data: Any) -> Response:
        """Return the rows with times in the UTC offset of the office's zone."""
        with timezone.override(office.zone):
            return Response(output(data, many=isinstance(data, list)).data)


class WindowsView(OfficeView):
    """Windows."""

    @extend_schema(
        operation_id="offices_windows",
        tags=["offices"],
        auth=[],
        summary="The open and the coming windows, the earliest opening first",
        responses={200: WindowOutput(many=True)},
    )
    def get(self, request: Request, code: str) -> Response:
        office = get_office(code)
        return self.answer(office, WindowOutput, windows_selectors.windows(office, now=clock.now()))


class CalendarView(OfficeView):
    """Days."""

    @extend_schema(
        operation_id="offices_calendar",
        tags=["offices"],
        auth=[],
        summary="Each day with its status and the reason for it",
        description="Online lane, for the service type. At most 92 days at once.",
        parameters=[
            _date_parameter("from", "First day; today when left out."),
            _date_parameter("to", "Last day; four weeks when left out."),
            SERVICE_TYPE,
        ],
        responses={200: CalendarOutput},
    )
    def get(self, request: Request, code: str) -> Response:
        office, now = get_office(code), clock.now()
        query = forms.calendar_query(office, request.query_params, today=office.local_day(now))
        days = selectors.calendar(
            office,
            first=query.first,
            last=query.last,
            group=query.group,
            now=now,
            service=query.service.pk,
        )
        return self.answer(office, CalendarOutput, {"days": days})


class SlotsView(OfficeView):
    """Slots."""

    @extend_schema(
        operation_id="offices_slots",
        tags=["offices"],
        auth=[],
        summary="The slots of a day that this service can book online",
        parameters=[_date_parameter("date", "The day.", required=True), SERVICE_TYPE],
        responses={200: SlotOutput(many=True)},
    )
    def get(self, request: Request, code: str) -> Response:
        office, now = get_office(code), clock.now()
        query = forms.slots_query(office, request.query_params, today=office.local_day(now))
        slots = selectors.day_slots(
            office, day=query.day, group=query.group, now=now, service=query.service.pk
        )
        return self.answer(office, SlotOutput, slots)


class ReleasesView(APIView):
    """Releases."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="releases",
        tags=["offices"],
        auth=[],
        summary="What every office opens when, and why a day of the next four weeks has no places",
        responses={200: ReleasesOutput(many=True)},
    )
    def get(self, request: Request) -> Response:
        rows = releases(now=clock.now())
        return Response(ReleasesOutput(rows, many=True).data)
