"""The form for a walk-in."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.people.forms import PersonForm
from booking.people.models import Applicant
from booking.people.services import ApplicantData
from offices.directory.models import Office

FOREIGNERS = "foreigners"


class WalkInForm(PersonForm):
    """Identity and service of a person without a booking."""

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

    def __init__(
        self, *args: Any, office: Office, kind: str, today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, kind=kind, today=today, **kwargs)
        offered = office.service_types.order_by("pk")
        is_foreigner = kind == Applicant.IdentityKind.PASSPORT
        offered = (
            offered.filter(group__code=FOREIGNERS)
            if is_foreigner
            else offered.exclude(group__code=FOREIGNERS)
        )
        field = self.fields["service_type"]
        field.queryset = offered  # type: ignore[attr-defined]
        field.initial = offered.first()
        self.order_fields(["service_type"])
        if not self.is_bound:
            self.fields["full_name"].widget.attrs["autofocus"] = True

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
