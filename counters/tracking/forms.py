"""The form with which anybody opens the status of a passport."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.people.forms import DayMonthYearField
from core import fields
from core.scans import LONGEST


class FollowForm(forms.Form):
    """The booking code and the birth date of the applicant."""

    code = fields.CharField(
        label=_("Kode booking"),
        help_text=_("Sepuluh karakter pada tiket atau tanda terima."),
        max_length=LONGEST,
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "input--code",
            }
        ),
        error_messages={"required": _("Isi kode booking pada tiket atau tanda terima.")},
    )
    birth_date = DayMonthYearField(
        label=_("Tanggal lahir pemohon"), help_text=_("Misalnya 14 6 1988.")
    )

    def data_of(self) -> tuple[str, dt.date]:
        """Return code and birth date of a valid form."""
        return self.cleaned_data["code"], self.cleaned_data["birth_date"]
