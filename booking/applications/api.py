"""The applications API: what a person has prepared for each service."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.applications.models import PassportApplication
from booking.applications.selectors import applications_of
from booking.applications.services import AdultData, ApplicationData, save_application
from booking.people.selectors import person_of
from core import clock
from core import serializer_fields as fields
from core.api import valid_data
from offices.directory.models import Fee


class AdultInput(serializers.Serializer):
    """A parent or guardian; errors name their fields `adult_1_name`, `adult_1_number` and so on."""

    full_name = fields.CharField(max_length=120)
    identity_number = fields.CharField(max_length=40, help_text="NIK, or number of a passport.")


class ApplicationInput(serializers.Serializer):
    """The answers of one person for one service. Answers to questions that do not concern the person stay empty."""

    reason = serializers.ChoiceField(PassportApplication.Reason.choices)
    purpose = serializers.ChoiceField(PassportApplication.Purpose.choices)
    product = serializers.ChoiceField(Fee.Product.choices)
    documents = serializers.DictField(
        child=serializers.BooleanField(),
        required=False,
        help_text="Codes of the service's documents; true for those that are ready.",
    )
    is_married = serializers.BooleanField(
        required=False, help_text="Asked of people under 17: the married count as adults."
    )
    issued = serializers.ChoiceField(
        PassportApplication.Issued.choices,
        required=False,
        help_text="When the last passport was issued. Needed by adults for the reasons expired and full.",
    )
    parents = serializers.ChoiceField(
        PassportApplication.Parents.choices,
        required=False,
        help_text="Who is responsible for a child. Needed for a child's passport.",
    )
    adults = serializers.ListField(
        child=AdultInput(),
        required=False,
        max_length=2,
        help_text="The parents or the guardian of a child, as many as `parents` says.",
    )
    permit = serializers.ChoiceField(
        PassportApplication.Permit.choices,
        required=False,
        help_text="The present permit to stay. Needed for a stay permit.",
    )
    permit_until = fields.DateField(
        required=False, help_text="The last day of the present permit. Needed for a stay permit."
    )
    declaration = serializers.BooleanField(
        source="is_declared",
        required=False,
        help_text="True: the account's holder declares that the answers are true and the documents original.",
    )


class ApplicationOutput(serializers.Serializer):
    """An application of a person for a service."""

    service_type = fields.CharField(source="service_type.code")
    reason = serializers.ChoiceField(PassportApplication.Reason.choices)
    purpose = fields.CharField(allow_blank=True)
    product = serializers.ChoiceField(Fee.Product.choices)
    documents = serializers.DictField(child=serializers.BooleanField())
    is_married = serializers.BooleanField()
    issued = fields.CharField(allow_blank=True)
    parents = fields.CharField(allow_blank=True)
    permit = fields.CharField(allow_blank=True)
    permit_until = fields.DateField(allow_null=True)
    declared_at = fields.DateTimeField(allow_null=True)
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
                    "issued": "since_2009",
                    "declaration": True,
                },
                request_only=True,
            )
        ],
    )
    def put(self, request: SignedInApiRequest, applicant_id: int, service_type: str) -> Response:
        person = person_of(request.user.pk, applicant_id)
        typed: dict[str, Any] = valid_data(ApplicationInput(data=request.data))
        typed["adults"] = [AdultData(**adult) for adult in typed.get("adults", ())]
        application = save_application(
            applicant_id=person.pk,
            by=request.user,
            data=ApplicationData(service_type=service_type, **typed),
            now=clock.now(),
        )
        return Response(ApplicationOutput(application).data)
