"""Forms for managing officers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from offices.officers.services import OFFICE_ROLES

WIDE = {"class": "wide", "autocomplete": "off"}


class InvitationForm(forms.Form):
    """Invitation of a person to become an officer of the office."""

    full_name = fields.CharField(
        label=_("Nama lengkap"),
        max_length=120,
        widget=forms.TextInput(attrs=WIDE),
        error_messages={"required": _("Tulis nama lengkapnya.")},
    )
    email = fields.EmailField(
        label=_("Alamat surel dinas"),
        max_length=254,
        help_text=_("Ke alamat ini dikirim tautan untuk membuat kata sandi."),
        widget=forms.EmailInput(attrs=WIDE),
        error_messages={
            "required": _("Tulis alamat surel dinasnya."),
            "invalid": _("Tulis alamat seperti nama@imigrasi.example."),
        },
    )
    role = forms.ChoiceField(
        label=_("Peran"),
        choices=[(role.value, role.label) for role in OFFICE_ROLES],
        error_messages={"required": _("Pilih peran di kantor ini.")},
    )
    starts_on = fields.DateField(
        label=_("Mulai bertugas"),
        widget=forms.DateInput(attrs={"type": "date", **WIDE}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
        error_messages={
            "required": _("Isi tanggalnya."),
            "invalid": _("Isi tanggal, misalnya 2026-11-23."),
        },
    )

    def add_errors(self, fields: Any) -> None:
        """Add the errors of a service to the fields of the form."""
        for name, texts in fields.items():
            self.add_error(name, [str(text) for text in texts])
