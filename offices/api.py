"""API of offices: address, hours, services and admission today."""

from datetime import date, datetime, time
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core import serializer_fields as fields
from offices.directory import selectors as directory_selectors
from offices.directory.models import Lane, Office
from offices.exceptions import exceptions_of
from offices.hours import selectors as hours_selectors
from offices.hours.models import AdmissionRule, Attendance, OpeningHours
from offices.hours.selectors import with_rules

HOUR = "%H:%M"


class BreakOutput(serializers.Serializer):
    starts = serializers.TimeField(format=HOUR)
    ends = serializers.TimeField(format=HOUR)
    name = fields.CharField()


class HoursOutput(serializers.Serializer):
    weekday = fields.IntegerField(min_value=1, max_value=7, help_text="1 Monday … 7 Sunday")
    opens = serializers.TimeField(format=HOUR)
    closes = serializers.TimeField(format=HOUR)
    breaks = BreakOutput(many=True)


class LaneOutput(serializers.Serializer):
    code = fields.CharField()
    name = fields.CharField()
    booked_at = serializers.ChoiceField(choices=Lane.BookedAt.values)


class ServiceTypeOutput(serializers.Serializer):
    code = fields.CharField()
    name = fields.CharField()
    group = fields.CharField(help_text="citizens or foreigners")


class RegionOutput(serializers.Serializer):
    code = fields.CharField()
    name = fields.CharField()


class OfficeOutput(serializers.Serializer):
    code = fields.CharField()
    name = fields.CharField()
    region = RegionOutput()
    address = fields.CharField()
    phone = fields.CharField(allow_blank=True)
    latitude = serializers.FloatField(allow_null=True, help_text="Degrees (WGS 84), or null.")
    longitude = serializers.FloatField(allow_null=True)
    time_zone = fields.CharField(help_text="Asia/Jakarta, Asia/Makassar or Asia/Jayapura")
    zone_name = fields.CharField(help_text="WIB, WITA or WIT")
    today = fields.DateField(help_text="The date at the office now.")
    holiday_today = fields.CharField(allow_blank=True, help_text="The holiday's name, or nothing.")
    hours = HoursOutput(many=True)
    lanes = LaneOutput(many=True)
    service_types = ServiceTypeOutput(many=True)
    admits_walk_ins = serializers.BooleanField(help_text="Today.")
    admits_companions = serializers.BooleanField(help_text="Today.")
    has_drive_thru = serializers.BooleanField(help_text="Today.")
    attendance_percent = serializers.FloatField(help_text="Share of staff in the office today.")
    booking_stopped_reason = fields.CharField(
        allow_blank=True, help_text="Why no new booking is taken at present, or nothing."
    )


class ExceptionOutput(serializers.Serializer):
    code = fields.CharField()
    name = fields.CharField()
    count = fields.IntegerField(min_value=0)


class OfficeDetailOutput(OfficeOutput):
    exceptions = ExceptionOutput(
        many=True,
        help_text="Exceptions for single people in the last 30 days, such as official guests.",
    )


class PublicView(APIView):
    """A public view with the same response for everyone."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]


class OfficesView(PublicView):
    """All offices."""

    @extend_schema(
        operation_id="offices_list",
        tags=["offices"],
        auth=[],
        summary="All offices, with their hours, lanes and services",
        responses={200: OfficeOutput(many=True)},
    )
    def get(self, request: Request) -> Response:
        now = clock.now()
        rows = [
            office_as_dict(office, now)
            for office in with_rules(
                directory_selectors.list_offices_in_full(), AdmissionRule, Attendance
            )
        ]
        return Response(OfficeOutput(rows, many=True).data)


class OfficeView(PublicView):
    """One office."""

    @extend_schema(
        operation_id="offices_show",
        tags=["offices"],
        auth=[],
        summary="One office, with its hours, lanes and services",
        responses={200: OfficeDetailOutput},
    )
    def get(self, request: Request, code: str) -> Response:
        office = directory_selectors.get_office(code)
        now = clock.now()
        exceptions = exceptions_of(office, office.local_day(now))
        values = {**office_as_dict(office, now), "exceptions": exceptions}
        return Response(OfficeDetailOutput(values).data)


def office_as_dict(office: Office, now: datetime) -> dict[str, Any]:
    """Return an office as the API represents it at a given time."""
    today = office.local_day(now)
    admission = hours_selectors.admission_on(office, today)
    holiday = hours_selectors.holiday_on(office, today)
    return {
        "code": office.code,
        "name": office.name,
        "region": {"code": office.region.code, "name": office.region.name},
        "address": office.address,
        "phone": office.phone,
        "latitude": office.latitude,
        "longitude": office.longitude,
        "time_zone": office.time_zone,
        "zone_name": office.zone_name,
        "today": today,
        "holiday_today": str(holiday) if holiday else "",
        "hours": _hours(office, today),
        "lanes": _lanes(office, today),
        "service_types": [
            {"code": row.code, "name": str(row), "group": row.group.code}
            for row in sorted(office.service_types.all(), key=lambda row: row.pk)
        ],
        "admits_walk_ins": bool(admission and admission.admits_walk_ins),
        "admits_companions": bool(admission and admission.admits_companions),
        "has_drive_thru": bool(admission and admission.has_drive_thru),
        "attendance_percent": float(hours_selectors.attendance_on(office, today)),
        "booking_stopped_reason": office.booking_stopped_reason,
    }


def _hours(office: Office, today: date) -> list[dict[str, Any]]:
    rows = sorted(office.opening_hours.all(), key=lambda row: row.weekday)
    return [
        {
            "weekday": row.weekday,
            "opens": row.opens,
            "closes": row.closes,
            "breaks": _breaks(row),
        }
        for row in rows
        if row.is_in_force(today)
    ]


def _breaks(row: OpeningHours) -> list[dict[str, Any]]:
    return [
        {"starts": time.fromisoformat(first), "ends": time.fromisoformat(last), "name": name}
        for first, last, name in row.break_names()
    ]


def _lanes(office: Office, today: date) -> list[dict[str, str]]:
    halls = [hall for hall in office.halls.all() if hall.is_in_use_on(today)]
    lanes = {lane.code: lane for hall in halls for lane in hall.lanes.all()}
    return [
        {"code": code, "name": str(lane), "booked_at": lane.booked_at}
        for code, lane in sorted(lanes.items(), key=lambda pair: pair[1].series)
    ]
