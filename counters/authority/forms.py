"""The form of a letter of authority."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.people import identity
from core import fields
from core.names import clean_name


class LetterForm(forms.Form):
    """Who may collect the passport."""

    collector_name = fields.CharField(
        label=_("Nama penerima kuasa"),
        help_text=_("Persis seperti di KTP-nya."),
        max_length=120,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("Isi nama orang yang akan mengambil paspor.")},
    )
    collector_identity = fields.CharField(
        label=_("NIK penerima kuasa"),
        help_text=_("16 angka pada KTP-nya. Petugas mencocokkannya saat pengambilan."),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "inputmode": "numeric", "class": "input--code"}
        ),
        error_messages={"required": _("Isi NIK orang yang akan mengambil paspor, 16 angka.")},
    )

    def clean_collector_name(self) -> str:
        return self._checked("collector_name", clean_name)

    def clean_collector_identity(self) -> str:
        return self._checked("collector_identity", identity.clean_nik)

    def _checked(self, name: str, check: Any) -> str:
        try:
            return str(check(self.cleaned_data[name]))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None
