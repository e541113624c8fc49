"""The form for joining the waiting list."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields


def _day(label: Any, text: Any = "") -> fields.DateField:
    return fields.DateField(
        label=label,
        help_text=text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y"],
        error_messages={
            "invalid": _("Isi tanggal, misalnya 2026-11-23."),
            "required": _("Pilih tanggalnya."),
        },
    )


class WaitingForm(forms.Form):
    """The first and the last day for which a place is wanted."""

    first_day = _day(_("Dari tanggal"))
    last_day = _day(
        _("Sampai tanggal"), _("Makin panjang rentangnya, makin besar kemungkinan ada tempat.")
    )
