"""The applications API: what a person has prepared for each service."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.applications.models import PassportApplication
from booking.applications.selectors import applications_of
from booking.applications.services import ApplicationData, save_application
from booking.people.selectors import person_of
from core import clock
from core import serializer_fields as fields
from core.api import valid_data
from offices.directory.models import Fee


class ApplicationInput(serializers.Serializer):
    reason = serializers.ChoiceField(PassportApplication.Reason.choices)
    purpose = serializers.ChoiceField(PassportApplication.Purpose.choices)
    product = serializers.ChoiceField(Fee.Product.choices)
    documents = serializers.DictField(
        child=serializers.BooleanField(),
        required=False,
        help_text="Codes of the service's documents; true for those that are ready.",
    )


class ApplicationOutput(serializers.Serializer):
    """An application of a person for a service."""

    service_type = fields.CharField(source="service_type.code")
    reason = serializers.ChoiceField(PassportApplication.Reason.choices)
    purpose = fields.CharField(allow_blank=True)
    product = serializers.ChoiceField(Fee.Product.choices)
    documents = serializers.DictField(child=serializers.BooleanField())
    changed_at = fields.DateTimeField()


class ApplicationsView(APIView):
    """The applications of one of the account's people. Another account's person is not found."""

    @extend_schema(
        operation_id="applications_list",
        tags=["applicants"],
        summary="What a person has prepared, the latest first",
        responses=ApplicationOutput(many=True),
    )
    def get(self, request: SignedInApiRequest, applicant_id: int) -> Response:
        person = person_of(request.user.pk, applicant_id)
        return Response(ApplicationOutput(applications_of(person.pk), many=True).data)


class ApplicationView(APIView):
    """One application: of a person, for a service."""

    @extend_schema(
        operation_id="applications_save",
        tags=["applicants"],
        summary="Prepare the application of a person for a service, or change it",
        request=ApplicationInput,
        responses={200: ApplicationOutput},
        examples=[
            OpenApiExample(
                "replacement",
                value={
                    "reason": "expired",
                    "purpose": "holiday",
                    "product": "electronic_10",
                    "documents": {"ktp": True},
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: SignedInApiRequest, applicant_id: int, service_type: str) -> Response:
        person = person_of(request.user.pk, applicant_id)
        typed: dict[str, Any] = valid_data(ApplicationInput(data=request.data))
        application = save_application(
            applicant_id=person.pk,
            by=request.user,
            data=ApplicationData(service_type=service_type, **typed),
            now=clock.now(),
        )
        return Response(ApplicationOutput(application).data)
