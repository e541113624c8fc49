"""Forms of the screen of refused bookings."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.refusals.services import KEPT_FOR
from core import fields


class FilterForm(forms.Form):
    """The day and the reason to show."""

    day = fields.DateField(
        label=_("Tanggal"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Pilih tanggalnya, misalnya 2026-12-31.")},
    )
    reason = forms.ChoiceField(
        label=_("Alasan"),
        required=False,
        error_messages={"invalid_choice": _("Pilih salah satu alasan dari daftar.")},
    )

    def __init__(
        self, *args: Any, reasons: list[tuple[str, str]], today: dt.date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        choice: Any = self.fields["reason"]
        choice.choices = [("", _("semua alasan")), *reasons]

    def clean_day(self) -> dt.date | None:
        """Refusals exist of the last 30 days only."""
        day: dt.date | None = self.cleaned_data["day"]
        if day is not None and not self.today - KEPT_FOR <= day <= self.today:
            text = _("Pilih hari ini atau salah satu dari %(days)d hari sebelumnya.")
            raise forms.ValidationError(text, params={"days": KEPT_FOR.days})
        return day


class SearchForm(forms.Form):
    """A booking code or an e-mail address. Posted, so that neither is in an address."""

    text = fields.CharField(
        label=_("Kode booking atau alamat surel akun"),
        max_length=254,
        widget=forms.TextInput({"autocomplete": "off", "class": "wide"}),
        error_messages={
            "required": _("Isi kode booking atau alamat surelnya."),
            "max_length": _("Paling panjang %(limit_value)d karakter."),
        },
    )
