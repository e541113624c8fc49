"""The form for an appointment that an officer books for a person at the desk."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.bookings.checks import KEY_LENGTH
from booking.people.forms import PersonForm
from booking.people.models import Applicant
from booking.people.services import ApplicantData
from core import fields

CHOOSE_HOUR = _("Pilih jamnya.")


class AssistForm(PersonForm):
    """Hour and identity of the person. `key` is the same when one submission arrives twice."""

    slot = forms.ChoiceField(
        label=_("Jam"),
        widget=forms.RadioSelect,
        error_messages={"required": CHOOSE_HOUR, "invalid_choice": CHOOSE_HOUR},
    )
    key = fields.CharField(max_length=KEY_LENGTH, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, kind: str, hours: Sequence[dict[str, Any]], **kwargs: Any
    ) -> None:
        super().__init__(*args, kind=kind, **kwargs)
        del self.fields["guardian"]  # a guardian stands at the desk too
        # Also full hours: a repeated submission may have taken the last place itself, and the service says what is full.
        self.fields["slot"].choices = [(str(row["id"]), "") for row in hours]  # type: ignore[attr-defined]
        is_foreigner = kind == Applicant.IdentityKind.PASSPORT
        number = "identity_number" if is_foreigner else "nik"
        for name in (number, "full_name", "birth_date", "phone"):
            self.fields[name].help_text = ""  # for applicants; officers read the card
        self.order_fields(
            ["slot", number, "nationality", "birth_date", "sex", "full_name", "phone"]
        )

    def applicant(self) -> ApplicantData:
        """Return the applicant data from the form."""
        typed = self.cleaned_data
        return ApplicantData(
            full_name=typed["full_name"],
            birth_date=typed["birth_date"],
            sex=typed["sex"],
            identity_number=typed.get("nik") or typed["identity_number"],
            identity_kind=self.kind,
            nationality=typed.get("nationality") or "ID",
            phone=typed["phone"],
        )
