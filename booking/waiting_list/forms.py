"""The days for which somebody waits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def _day(label: Any, text: Any = "") -> forms.DateField:
    return forms.DateField(
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
    """From which day on, and until when, a place would do."""

    first_day = _day(_("Dari tanggal"))
    last_day = _day(
        _("Sampai tanggal"), _("Makin panjang rentangnya, makin besar kemungkinan ada tempat.")
    )
