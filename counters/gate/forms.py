"""The forms for people without a booking."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.bookings.selectors import hours_at_office
from booking.people.forms import PersonForm
from booking.people.models import Applicant
from booking.people.selectors import FOREIGNERS
from booking.people.services import ApplicantData
from offices.directory.models import Office
from offices.labels import slot_text


class DeskForm(PersonForm):
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


class HourForm(DeskForm):
    """A person without a booking who takes one of the next online hours."""

    slot = forms.ChoiceField(
        label=_("Jam"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih jamnya."),
            "invalid_choice": _("Jam ini baru saja terisi. Pilih jam lain."),
        },
    )

    def __init__(self, *args: Any, office: Office, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, office=office, **kwargs)
        groups = {service.group_id for service in self.fields["service_type"].queryset}  # type: ignore[attr-defined]
        slots = [
            slot
            for group_id in sorted(groups)
            for slot in hours_at_office(office, group_id=group_id, service_id=None, now=now)
        ]
        choices = [
            (str(slot.pk), slot_text(slot.starts_at, slot.ends_at, office)) for slot in slots
        ]
        self.fields["slot"].choices = choices  # type: ignore[attr-defined]
        if choices:
            self.fields["slot"].initial = choices[0][0]
        self.order_fields(["slot", "service_type"])

    @property
    def has_hours(self) -> bool:
        """False if no hour has room."""
        return bool(self.fields["slot"].choices)  # type: ignore[attr-defined]
