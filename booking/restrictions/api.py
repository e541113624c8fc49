"""The API of restrictions: list those of the account's people, appeal against one."""

import datetime as dt
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.restrictions import selectors, services
from booking.restrictions.models import Excuse
from booking.restrictions.selectors import OwnRestriction
from core import clock
from core import serializer_fields as fields
from core.api import PAGE_PARAMETERS, conflict, page_of, valid_data
from core.parsers import JSONParser

APPEAL_STATES: Final = ("waiting", "accepted", "rejected", "unanswered")


class AppealInput(serializers.Serializer):
    """Why the booking was missed."""

    reason = serializers.ChoiceField(Excuse.choices)
    text = fields.CharField(
        max_length=services.APPEAL_LENGTH, help_text="The office's supervisor reads it."
    )


class AppealFormInput(AppealInput):
    evidence = fields.PictureField(
        required=False, help_text="JPEG, PNG or PDF, at most 5 MB. Only as `multipart/form-data`."
    )


class AppealOutput(serializers.Serializer):
    """An appeal. `unanswered`: the restriction ended before an answer."""

    state = serializers.SerializerMethodField()
    submitted_at = serializers.SerializerMethodField()
    answer_by = serializers.SerializerMethodField(
        help_text="A supervisor answers until then at the latest."
    )
    answer = fields.CharField(source="row.answer", allow_blank=True)
    has_evidence = serializers.BooleanField(help_text="This account has sent a file with it.")

    @extend_schema_field(serializers.ChoiceField(APPEAL_STATES))
    def get_state(self, one: OwnRestriction) -> str:
        if one.row.lifted_at is not None:
            return "accepted"
        if one.row.kept_at is not None:
            return "rejected"
        return "waiting" if one.is_in_force else "unanswered"

    def get_submitted_at(self, one: OwnRestriction) -> dt.datetime | None:
        return _local(one, one.row.appealed_at)

    def get_answer_by(self, one: OwnRestriction) -> dt.datetime | None:
        return _local(one, one.row.answer_by)


class RestrictionOutput(serializers.Serializer):
    """A restriction of one of the account's people."""

    id = fields.IntegerField(source="row.pk")
    applicant = fields.IntegerField(source="applicant.pk")
    office = fields.CharField(source="row.office.code")
    booking = serializers.SerializerMethodField(
        help_text="Code of the missed booking; null if another account made it."
    )
    missed_at = serializers.SerializerMethodField(
        help_text="Start of the missed slot; null if another account booked it."
    )
    since = serializers.SerializerMethodField()
    until = serializers.SerializerMethodField()
    instrument = fields.CharField(source="row.instrument", help_text="The legal basis.")
    is_in_force = serializers.BooleanField()
    lifted_at = serializers.SerializerMethodField()
    may_appeal = serializers.BooleanField(help_text="In force and without an appeal.")
    appeal = serializers.SerializerMethodField(help_text="Null without an appeal.")

    def get_booking(self, one: OwnRestriction) -> str | None:
        return one.row.booking.code if one.is_mine else None

    def get_missed_at(self, one: OwnRestriction) -> dt.datetime | None:
        return _local(one, one.row.booking.slot.starts_at if one.is_mine else None)

    def get_since(self, one: OwnRestriction) -> dt.datetime:
        return one.row.made_at.astimezone(one.row.office.zone)

    def get_until(self, one: OwnRestriction) -> dt.datetime:
        return one.row.until_at.astimezone(one.row.office.zone)

    def get_lifted_at(self, one: OwnRestriction) -> dt.datetime | None:
        return _local(one, one.row.lifted_at)

    @extend_schema_field(AppealOutput(allow_null=True))
    def get_appeal(self, one: OwnRestriction) -> Any:
        return None if one.row.appealed_at is None else AppealOutput(one).data


def _local(one: OwnRestriction, moment: dt.datetime | None) -> dt.datetime | None:
    return moment and moment.astimezone(one.row.office.zone)


class RestrictionsView(APIView):
    """The restrictions of the account's people."""

    @extend_schema(
        operation_id="restrictions_list",
        tags=["restrictions"],
        summary="Restrictions of this account's people: in force, or ended within 90 days; the latest first",
        parameters=PAGE_PARAMETERS,
        responses=RestrictionOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        account_id, now = request.user.pk, clock.now()
        rows = selectors.restrictions_of(account_id, now=now)
        return page_of(
            request,
            rows,
            RestrictionOutput,
            shown=lambda page: selectors.as_read_by(account_id, page, now=now),
        )


class AppealView(APIView):
    """Appeal against a restriction."""

    parser_classes = [JSONParser, MultiPartParser]

    @extend_schema(
        operation_id="restrictions_appeal",
        tags=["restrictions"],
        summary="Appeal against a restriction, once; a file goes as `multipart/form-data`",
        description="The answer comes by e-mail and into `appeal`. A second appeal is refused and changes "
        "nothing.",
        request={"application/json": AppealInput, "multipart/form-data": AppealFormInput},
        responses={
            201: RestrictionOutput,
            409: conflict("`restriction_over`: not in force any more, or appealed before"),
        },
        examples=[
            OpenApiExample(
                "ill on that day",
                value={"reason": "ill", "text": "High fever since the evening before."},
                request_only=True,
                media_type="application/json",
            )
        ],
    )
    def post(self, request: SignedInApiRequest, restriction_id: int) -> Response:
        account_id, now = request.user.pk, clock.now()
        restriction = selectors.own_restriction(account_id, restriction_id, now=now)
        typed = valid_data(AppealFormInput(data=request.data))
        services.appeal_restriction(
            restriction_id=restriction.pk, by=request.user, now=now, **typed
        )
        row = selectors.own_restriction(account_id, restriction_id, now=now)
        [shown] = selectors.as_read_by(account_id, [row], now=now)
        return Response(RestrictionOutput(shown).data, status.HTTP_201_CREATED)
