"""API of reports."""

from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from core import serializer_fields as fields
from core.errors import InvalidInput, NotAllowed
from offices.directory.models import Office
from offices.permissions import Right, offices_with
from reports.load.columns import FIGURES, Column
from reports.load.forms import USUAL_DAYS, wrong_span
from reports.load.selectors import daily_load
from reports.tables.definition import Kind


class DailyLoadInput(serializers.Serializer):
    office = fields.SlugField(required=False, max_length=12)
    to = fields.DateField(required=False)

    def get_fields(self) -> dict[str, Any]:
        """Add `from` here, because it is a Python keyword and cannot be a class attribute."""
        return {**super().get_fields(), "from": fields.DateField(required=False)}


def _field_of(column: Column) -> serializers.Field:
    if column.kind is Kind.COUNT:
        return fields.IntegerField(allow_null=True, min_value=0)
    if column.kind is Kind.MINUTES:
        return serializers.FloatField(allow_null=True, min_value=0, help_text="Minutes.")
    return serializers.FloatField(
        allow_null=True, min_value=0, max_value=1, help_text="Share of finished visits, 0 to 1."
    )


class DailyLoadOutput(serializers.Serializer):
    office = fields.CharField()
    date = fields.DateField()

    def get_fields(self) -> dict[str, Any]:
        """Add a field for each public figure."""
        figures = {column.name: _field_of(column) for column in FIGURES if column.is_public}
        return {**super().get_fields(), **figures}


class DailyLoadView(APIView):
    """The daily load of the offices that the user may read."""

    @extend_schema(
        operation_id="reports_daily_load",
        tags=["reports"],
        summary="Planned, booked, arrived and served, by office and day",
        description=(
            "For supervisors (their office), regional staff (their region) and national staff. "
            "A figure that has no source yet is null, never 0."
        ),
        parameters=[
            OpenApiParameter(
                "office", str, description="Code of an office; without it, all you may read."
            ),
            OpenApiParameter(
                "from", date, description="First day; two weeks before the last without it."
            ),
            OpenApiParameter(
                "to", date, description="Last day; today without it. At most 92 days."
            ),
        ],
        responses=DailyLoadOutput(many=True),
        examples=[
            OpenApiExample(
                "a day",
                response_only=True,
                value={
                    "office": "balikpapan",
                    "date": "2026-11-25",
                    "planned": 75,
                    "released": 75,
                    "booked": 73,
                    "arrived": 66,
                    "served": 85,
                    "no_show": 7,
                    "walk_in": 12,
                    "priority": 8,
                    "wait_p50": 38.0,
                    "wait_p95": 82.0,
                    "visit_p50": 74.0,
                    "visit_p95": 131.0,
                    "within_two_hours": 0.906,
                    "overtime_minutes": 50,
                    "outage_minutes": 95,
                    "backlog": 4,
                    "official_guests": 0,
                    "accelerated": 0,
                    "screened": 0,
                    "referred": 0,
                    "sent_home": 0,
                    "unserved_late": 0,
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        now = clock.now()
        readable = list(offices_with(request.user, Right.READ_REPORTS, now=now).order_by("code"))  # type: ignore[arg-type]
        if not readable:
            raise NotAllowed
        data = _valid(request)
        offices = _chosen(readable, data.get("office"))
        first, last = _span(data, today=max(office.local_day(now) for office in offices))
        loads = daily_load(offices, first, last, now)
        return Response([load.as_dict() for load in loads])


def _valid(request: Request) -> dict[str, Any]:
    serializer = DailyLoadInput(data=request.query_params)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _chosen(readable: list[Office], code: str | None) -> list[Office]:
    """Return the requested offices. Unknown and forbidden offices give the same error."""
    if not code:
        return readable
    chosen = [office for office in readable if office.code == code]
    if not chosen:
        raise NotAllowed
    return chosen


def _span(data: dict[str, Any], *, today: date) -> tuple[date, date]:
    last = data.get("to") or max(today, data.get("from") or today)
    first = data.get("from") or _weeks_before(last)
    if problem := wrong_span(first, last):
        raise InvalidInput(fields={"to": [problem]})
    return first, last


def _weeks_before(last: date) -> date:
    try:
        return last - timedelta(days=USUAL_DAYS - 1)
    except OverflowError as error:
        raise InvalidInput(fields={"to": [_("Isi tahun yang benar, misalnya 2026.")]}) from error
