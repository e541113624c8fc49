"""The API of an account's people."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import SignedInApiRequest
from booking.people import guardians, selectors, services
from booking.people.models import Applicant, Sex
from booking.people.services import data_of
from core import clock
from core import serializer_fields as fields
from core.api import conflict
from core.api import rename_fields as _rename
from core.api import valid_data as _valid
from core.errors import DomainError, InvalidInput

NO_NUMBER: Final = _("Isi NIK, atau nomor paspor dengan kewarganegaraan.")


PERSON_EXAMPLE = OpenApiExample(
    "citizen",
    value={
        "full_name": "Siti Rahmawati",
        "nik": "1671054602900003",
        "birth_date": "1990-02-06",
        "sex": "female",
        "phone": "0812 3456 7890",
    },
    request_only=True,
)


# --- People --------------------------------------------------------------------------------------
class ApplicantInput(serializers.Serializer):
    """A person as sent by an API client. `nik` is shorthand for identity_kind `nik` and its number."""

    full_name = fields.CharField(max_length=120)
    nik = fields.CharField(max_length=40, required=False)
    identity_kind = serializers.ChoiceField(Applicant.IdentityKind.choices, required=False)
    identity_number = fields.CharField(max_length=40, required=False)
    nationality = fields.CharField(max_length=2, required=False, help_text="ISO 3166, two letters.")
    birth_date = fields.DateField(first=fields.EARLIEST_BIRTH)
    sex = serializers.ChoiceField(Sex.choices)
    phone = fields.CharField(max_length=30, required=False, allow_blank=True, allow_null=True)
    guardian_consent = serializers.BooleanField(
        required=False,
        help_text="For a child under 18: the account's holder is a parent or guardian and consents. Without it the"
        " child cannot be booked (`guardian_consent_missing`). `false` withdraws it.",
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Report all errors at once: well-formed fields are validated even if others are malformed."""
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            if not isinstance(data, Mapping):
                raise
            faults = services.mistakes_in(_well_formed(self, data), now=clock.now())
            if not self.partial and not {"nik", "identity_number"} & set(data):
                faults["identity_number"] = [NO_NUMBER]
            is_by_number = "nik" not in data and "identity_number" in data
            if "identity_number" in faults and not is_by_number:
                faults["nik"] = faults.pop("identity_number")
            # A serializer of an object reports its errors by field.
            details: Any = error.detail
            raise serializers.ValidationError(faults | dict(details)) from None


class ApplicantOutput(serializers.Serializer):
    id = fields.IntegerField()
    full_name = fields.CharField()
    identity_kind = serializers.ChoiceField(Applicant.IdentityKind.choices)
    identity_number = fields.CharField()
    nik = serializers.SerializerMethodField()
    nationality = fields.CharField()
    birth_date = fields.DateField()
    sex = serializers.ChoiceField(Sex.choices)
    phone = fields.CharField()
    nik_differs = serializers.BooleanField(
        help_text="The NIK names another birth date or sex, or an unknown region. It warns and never blocks."
    )

    def get_nik(self, person: Applicant) -> str | None:
        is_nik = person.identity_kind == Applicant.IdentityKind.NIK
        return person.identity_number if is_nik else None


class ApplicantsView(APIView):
    """The account's people."""

    @extend_schema(
        operation_id="applicants_list",
        tags=["applicants"],
        summary="The people of this account",
        responses=ApplicantOutput(many=True),
    )
    def get(self, request: SignedInApiRequest) -> Response:
        people = selectors.people_of(request.user.pk)
        return Response(ApplicantOutput(people, many=True).data)

    @extend_schema(
        operation_id="applicants_create",
        tags=["applicants"],
        summary="Add a person",
        request=ApplicantInput,
        responses={201: ApplicantOutput, 409: conflict("`too_many_people`")},
        examples=[PERSON_EXAMPLE],
    )
    def post(self, request: SignedInApiRequest) -> Response:
        typed = _valid(ApplicantInput(data=request.data))
        with _fields_as_sent(typed):
            guardian = typed.pop("guardian_consent", None)
            data, now = _person(typed), clock.now()
            person = services.add_applicant(account_id=request.user.pk, data=data, now=now)
            _record_guardian(guardian, person)
        return Response(ApplicantOutput(person).data, status.HTTP_201_CREATED)


class ApplicantView(APIView):
    """One of the account's people. Another account's person is not found."""

    @extend_schema(
        operation_id="applicants_read",
        tags=["applicants"],
        summary="One person",
        responses=ApplicantOutput,
    )
    def get(self, request: SignedInApiRequest, applicant_id: int) -> Response:
        return Response(ApplicantOutput(selectors.person_of(request.user.pk, applicant_id)).data)

    @extend_schema(
        operation_id="applicants_change",
        tags=["applicants"],
        summary="Change a person; what is not named stays",
        request=ApplicantInput(partial=True),
        responses={200: ApplicantOutput, 409: conflict("`locked_by_booking`")},
    )
    def patch(self, request: SignedInApiRequest, applicant_id: int) -> Response:
        stored = selectors.person_of(request.user.pk, applicant_id)
        typed = _valid(ApplicantInput(data=request.data, partial=True))
        with _fields_as_sent(typed):
            guardian = typed.pop("guardian_consent", None)
            person = services.change_applicant(
                applicant_id=applicant_id,
                account_id=request.user.pk,
                data=_person(typed, stored),
                now=clock.now(),
            )
            _record_guardian(guardian, person)
        return Response(ApplicantOutput(person).data)

    @extend_schema(
        operation_id="applicants_remove",
        tags=["applicants"],
        summary="Remove a person",
        responses={
            204: OpenApiResponse(description="Removed."),
            409: conflict("`locked_by_booking`"),
        },
    )
    def delete(self, request: SignedInApiRequest, applicant_id: int) -> Response:
        services.remove_applicant(
            applicant_id=applicant_id, account_id=request.user.pk, now=clock.now()
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


def _record_guardian(guardian: bool | None, person: Applicant) -> None:
    """Give or withdraw the guardian's consent, if the request names it."""
    ids: dict[str, Any] = {"applicant_id": person.pk, "account_id": person.account_id}
    now = clock.now()
    if guardian is False:
        guardians.withdraw_guardian_consent(**ids, now=now)
    elif guardian and guardians.is_minor(person.birth_date, now=now):
        guardians.give_guardian_consent(**ids, way=guardians.Way.API, now=now)


def _well_formed(form: serializers.Serializer, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the well-formed fields under the names used by the service."""
    well_formed: dict[str, Any] = {}
    for name in (set(form.fields) & set(data)) - {"guardian_consent"}:
        with suppress(serializers.ValidationError):
            well_formed[name] = form.fields[name].run_validation(data[name]) or ""
    if "nik" in well_formed:
        well_formed |= {
            "identity_kind": Applicant.IdentityKind.NIK,
            "identity_number": well_formed.pop("nik"),
        }
    elif "identity_kind" not in well_formed and ("identity_kind" in data or form.partial):
        well_formed.pop("identity_number", None)  # without a kind, no rule applies to the number
    return well_formed


def _person(typed: dict[str, Any], stored: Applicant | None = None) -> services.ApplicantData:
    """Merge the sent fields into the stored ones."""
    sent: dict[str, Any] = {name: "" if value is None else value for name, value in typed.items()}
    if "nik" in sent:
        sent["identity_number"] = sent.pop("nik")
        sent["identity_kind"] = Applicant.IdentityKind.NIK
    if stored is not None:
        return replace(data_of(stored), **sent)
    if "identity_number" not in sent:
        raise InvalidInput(fields={"identity_number": [NO_NUMBER]})
    return services.ApplicantData(**sent)


@contextmanager
def _fields_as_sent(typed: dict[str, Any]) -> Iterator[None]:
    """Report errors of the identity number under the field name that the client used."""
    is_by_number = "nik" not in typed and "identity_number" in typed
    try:
        yield
    except DomainError as error:
        _rename(error, {} if is_by_number else {"identity_number": "nik"})
        raise
