"""The API of contested identity numbers: report one, list and withdraw the reports."""

import datetime as dt

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.integrity import selectors
from booking.integrity.contests import OPEN_DAYS, open_contest, withdraw_contest
from booking.integrity.models import Contest, ContestStatus
from booking.people import selectors as people_selectors
from core import clock
from core import serializer_fields as fields
from core.api import LARGEST_ID, PAGE_PARAMETERS, conflict, page_of, valid_data
from core.errors import InvalidInput, NotFound
from offices.directory.models import Office
from offices.directory.selectors import get_office


class ContestInput(serializers.Serializer):
    """Whose number is blocked, and where the identity card will be shown."""

    applicant = fields.IntegerField(min_value=1, max_value=LARGEST_ID)
    office = fields.CharField(
        max_length=12, help_text="Any office; its officers look at the identity card."
    )


class ContestOutput(serializers.Serializer):
    """A contest. Nothing says what blocked the number, or who."""

    id = fields.IntegerField()
    number = serializers.SerializerMethodField(help_text="The person names it at the office.")
    status = serializers.ChoiceField(ContestStatus.choices)
    applicant = fields.IntegerField(source="applicant_id")
    office = fields.CharField(source="office.code")
    opened_at = serializers.SerializerMethodField()
    show_by = serializers.SerializerMethodField(
        help_text="Until then the identity card is shown; null once it is decided."
    )

    def get_number(self, contest: Contest) -> str:
        return f"S-{contest.pk}"

    def get_opened_at(self, contest: Contest) -> dt.datetime:
        return contest.opened_at.astimezone(contest.office.zone)

    def get_show_by(self, contest: Contest) -> dt.datetime | None:
        if contest.status != ContestStatus.OPEN:
            return None
        return self.get_opened_at(contest) + dt.timedelta(days=OPEN_DAYS)


class ContestsView(APIView):
    """The account's contests."""

    @extend_schema(
        operation_id="contests_list",
        tags=["contests"],
        summary="The contested identity numbers of this account, the latest first",
        parameters=PAGE_PARAMETERS,
        responses=ContestOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        return page_of(request, selectors.contests_by(request.user.pk), ContestOutput)

    @extend_schema(
        operation_id="contests_open",
        tags=["contests"],
        summary="Report that something somebody else did blocks a person's identity number",
        description="The person then shows the identity card at the office. The answer reveals nothing "
        "about other accounts. A second report for the same number is refused while the first is open.",
        request=ContestInput,
        responses={
            201: ContestOutput,
            404: conflict("`not_found`: there is no such person in this account"),
            409: conflict("`nothing_to_contest`, `already_contested`"),
        },
        examples=[
            OpenApiExample(
                "one person", value={"applicant": 1, "office": "palembang"}, request_only=True
            )
        ],
    )
    def post(self, request: SignedInApiRequest) -> Response:
        typed = valid_data(ContestInput(data=request.data))
        person = people_selectors.person_of(request.user.pk, typed["applicant"])
        contest = open_contest(
            applicant_id=person.pk,
            office_id=_office(typed["office"]).pk,
            by=request.user,
            now=clock.now(),
        )
        return Response(ContestOutput(contest).data, status.HTTP_201_CREATED)


class ContestView(APIView):
    """One of the account's contests. Another account's contest is not found."""

    @extend_schema(
        operation_id="contests_read",
        tags=["contests"],
        summary="One contest",
        responses=ContestOutput,
    )
    def get(self, request: SignedInApiRequest, contest_id: int) -> Response:
        return Response(ContestOutput(selectors.contest_of(request.user.pk, contest_id)).data)


class ContestWithdrawView(APIView):
    """Withdraw a contest."""

    @extend_schema(
        operation_id="contests_withdraw",
        tags=["contests"],
        summary="Withdraw a contest",
        request=None,
        responses={200: ContestOutput, 409: conflict("`contest_decided`, also by withdrawal")},
    )
    def post(self, request: SignedInApiRequest, contest_id: int) -> Response:
        contest = selectors.contest_of(request.user.pk, contest_id)
        contest = withdraw_contest(contest_id=contest.pk, by=request.user, now=clock.now())
        return Response(ContestOutput(contest).data)


def _office(code: str) -> Office:
    """Return the office with this code. Raises InvalidInput that names the field."""
    try:
        return get_office(code)
    except NotFound:
        text = _("Pilih salah satu kantor dari daftar.")
        raise InvalidInput(fields={"office": [text]}) from None
