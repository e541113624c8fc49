"""Forms of inspections."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from offices.inspections.models import LONGEST_TEXT


def _day(label: Any) -> fields.DateField:
    return fields.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date", "class": "wide"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Pilih tanggalnya."),
            "invalid": _("Isi tanggal, misalnya 2026-11-23."),
        },
    )


class FindingForm(forms.Form):
    """What an inspection found, and until when it has to be put right."""

    inspected_on = _day(_("Tanggal pemeriksaan"))
    text = fields.CharField(
        label=_("Temuan"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"class": "wide", "rows": 3}),
        help_text=_("Apa yang harus diperbaiki. Jangan menulis data pribadi pemohon."),
        error_messages={"required": _("Tulis temuannya.")},
    )
    due_on = _day(_("Harus diperbaiki paling lambat"))
