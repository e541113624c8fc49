"""The form for a person without a booking."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from booking.people.forms import PersonForm
from booking.people.identity import read_nik
from booking.people.models import Applicant, Sex
from booking.people.services import ApplicantData
from core import fields
from counters.gate.ages import birth_date_of
from counters.walk_in.selectors import DeskLane
from offices.directory.models import Office, ServiceType
from offices.reasons.models import Reason

DATE_BOXES = ("birth_date_day", "birth_date_month", "birth_date_year")
BEFORE_NUMBER = ("lane", "reason")
AFTER_NUMBER = (
    "nationality",
    "birth_date",
    "sex",
    "full_name",
    "service_type",
    "phone",
    "note",
    "extra_reason",
    "proposed",
)
NO_LANE = _("Pilih salah satu jalur dari daftar.")


def filled_from_nik(typed: QueryDict, today: dt.date) -> QueryDict:
    """Return the submitted values with an empty birth date and sex filled from the NIK."""
    data = typed.copy()
    try:
        nik = read_nik(data.get("nik", ""))
    except ValueError:
        return data  # the form says what is wrong with the number
    if not any(data.get(box, "").strip() for box in DATE_BOXES):
        born = birth_date_of(nik.day, nik.month, nik.year, today)
        if born is not None:
            parts = (born.day, born.month, born.year)
            for box, part in zip(DATE_BOXES, parts, strict=True):
                data[box] = str(part)
    if not data.get("sex"):
        data["sex"] = Sex.FEMALE if nik.is_woman else Sex.MALE
    return data


class WalkInForm(PersonForm):
    """Lane, reason, identity and service of a person without a booking.

    `proposed` is the priority reason that the officer has already been shown for this birth date.
    """

    lane = forms.ChoiceField(
        label=_("Jalur"),
        widget=forms.RadioSelect,
        error_messages={"required": NO_LANE, "invalid_choice": NO_LANE},
    )
    reason = forms.ChoiceField(
        label=_("Alasan prioritas"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Pilih alasan dari daftar.")},
    )
    extra_reason = forms.ChoiceField(
        label=_("Alasan menambah satu tempat"),
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Pilih alasan dari daftar.")},
    )
    note = fields.CharField(
        label=_("Catatan"),
        required=False,
        max_length=200,
        help_text=_("Wajib untuk tamu dinas, dan untuk alasan yang memintanya."),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"max_length": _("Paling panjang 200 karakter.")},
    )
    service_type: Any = forms.ModelChoiceField(
        label=_("Layanan"),
        queryset=None,
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": _("Pilih layanan yang diminta."),
            "invalid_choice": _("Pilih salah satu layanan kantor ini."),
        },
    )
    proposed = fields.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        office: Office,
        kind: str,
        today: dt.date,
        lanes: Sequence[DeskLane],
        services: Sequence[ServiceType],
        reasons: Sequence[Reason],
        extra_reasons: Sequence[Reason],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, kind=kind, today=today, **kwargs)
        del self.fields["guardian"]  # a guardian comes along; nothing is booked online
        is_foreigner = kind == Applicant.IdentityKind.PASSPORT
        service: Any = self.fields["service_type"]
        service.queryset = office.service_types.filter(pk__in=[row.pk for row in services])
        service.choices = [(row.pk, str(row)) for row in services]
        service.initial = services[0].pk if services else None
        self._offer("lane", [(row.code, row.lane) for row in lanes])
        usual = next((row.code for row in lanes if row.is_open), None)
        self.fields["lane"].initial = usual
        self._offer("reason", [(row.code, row) for row in reasons])
        self._offer("extra_reason", [(row.code, row) for row in extra_reasons])
        if not extra_reasons:
            del self.fields["extra_reason"]
        number = "identity_number" if is_foreigner else "nik"
        for name in (number, "full_name", "birth_date", "phone"):
            self.fields[name].help_text = ""  # for applicants; officers read the card
        self.order_fields([*BEFORE_NUMBER, number, *AFTER_NUMBER])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def applicant(self) -> ApplicantData:
        """Return the applicant data from the form."""
        typed = self.cleaned_data
        number = (
            typed["nik"] if self.kind == Applicant.IdentityKind.NIK else typed["identity_number"]
        )
        return ApplicantData(
            full_name=typed["full_name"],
            birth_date=typed["birth_date"],
            sex=typed["sex"],
            identity_number=number,
            identity_kind=self.kind,
            nationality=typed.get("nationality") or "ID",
            phone=typed["phone"],
        )

    def values(self) -> dict[str, Any]:
        """Return the arguments of the service that come from the form."""
        typed = self.cleaned_data
        return {
            "applicant": self.applicant(),
            "service_type_id": typed["service_type"].pk,
            "lane": typed["lane"],
            "reason": typed["reason"],
            "note": typed["note"],
        }
