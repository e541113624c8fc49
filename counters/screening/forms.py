"""The form of the check at the gate."""

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields, formats
from core.languages import localized
from counters.screening.temperature import read_temperature
from offices.limits.models import Protocol

NAME_LENGTH: Final = 120
MOST_ITEMS: Final = 10


class TemperatureField(fields.CharField):
    """A temperature as typed; the value is in tenths of a degree."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return read_temperature(typed)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class ItemsField(fields.CharField):
    """One item a line, `Indonesian | English`; the value is a list of pairs."""

    widget = forms.Textarea

    def clean(self, value: Any) -> Any:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        pairs = [tuple(part.strip() for part in line.split("|", 1)) for line in lines]
        if len(pairs) > MOST_ITEMS:
            raise forms.ValidationError(_("Paling banyak sepuluh hal."))
        if any(not pair[0] or max(map(len, pair)) > NAME_LENGTH for pair in pairs):
            raise forms.ValidationError(_("Tiap baris berisi nama, paling panjang 120 karakter."))
        return [(pair[0], pair[1] if len(pair) > 1 else "") for pair in pairs]


def _text(label: Any, *, required: bool = True, text: Any = "") -> fields.CharField:
    return fields.CharField(
        label=label,
        max_length=NAME_LENGTH,
        required=required,
        help_text=text,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={
            "required": _("Isi bagian ini."),
            "max_length": _("Paling panjang 120 karakter."),
        },
    )


def _day(label: Any, *, required: bool = True, text: Any = "") -> fields.DateField:
    return fields.DateField(
        label=label,
        required=required,
        help_text=text,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": _("Pilih tanggal mulainya."),
            "invalid": _("Tanggal itu tidak ada di kalender. Isi misalnya 2026-12-07."),
        },
    )


class ProtocolForm(forms.Form):
    """What is checked at the gate, from which day on, and who is informed."""

    name = _text(_("Nama protokol"))
    name_en = _text(_("Nama dalam bahasa Inggris"))
    items = ItemsField(
        label=_("Yang diperiksa"),
        required=False,
        help_text=_("Satu hal tiap baris, dengan bahasa Inggrisnya: Memakai masker | Mask worn"),
        widget=forms.Textarea({"rows": 4, "class": "wide"}),
    )
    temperature_limit = TemperatureField(
        label=_("Batas suhu badan (°C)"),
        required=False,
        max_length=10,
        help_text=_("Misalnya 37,0. Kosong: suhu tidak diukur."),
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    task_force_email = fields.EmailField(
        label=_("Surel Satgas"),
        required=False,
        help_text=_(
            "Diberi tahu lewat surel begitu suhu seseorang melewati batas. Kosongkan bila tidak diperlukan."
        ),
        error_messages={"invalid": _("Isi alamat surel, misalnya satgas@imigrasi.go.id.")},
    )
    valid_from = _day(_("Mulai"))
    valid_until = _day(_("Sampai"), required=False, text=_("Kosong: sampai dimatikan."))
    instrument = fields.CharField(
        label=_("Dasar hukum"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={
            "required": _("Isi surat keputusan atau edaran yang menetapkannya."),
            "max_length": _("Paling panjang 200 karakter."),
        },
    )

    @staticmethod
    def start(protocol: Protocol | None, *, today: dt.date) -> dict[str, Any]:
        """Return the initial values: those of the latest protocol, from today on."""
        if protocol is None:
            return {"valid_from": today}
        limit = protocol.temperature_limit
        lines = [f"{row['name']} | {row['name_en']}" for row in protocol.items]
        return {
            "name": protocol.name,
            "name_en": protocol.name_en,
            "items": "\n".join(lines),
            "temperature_limit": "" if limit is None else formats.number(Decimal(limit) / 10, 1),
            "task_force_email": protocol.task_force_email,
            "valid_from": today,
        }


class ScreeningForm(forms.Form):
    """The items and the temperature that the protocol of the day asks for. Nothing is ticked beforehand."""

    temperature = TemperatureField(
        label=_("Suhu badan (°C)"),
        max_length=10,
        widget=forms.TextInput(
            {"class": "temp", "inputmode": "decimal", "autocomplete": "off", "autofocus": True}
        ),
        error_messages={"required": _("Isi suhu badan, misalnya 36,5 atau 365.")},
    )
    items = forms.MultipleChoiceField(
        label=_("Sudah terpenuhi"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Pilih dari daftar protokol hari ini.")},
    )

    def __init__(self, *args: Any, protocol: Protocol, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items: Any = self.fields["items"]
        items.choices = [(item["code"], localized(item)) for item in protocol.items]
        if not protocol.items:
            del self.fields["items"]
        if protocol.temperature_limit is None:
            del self.fields["temperature"]
        else:
            self.fields["temperature"].help_text = _(
                "Paling tinggi %(limit)s. Koma boleh ditinggalkan: 365 dibaca 36,5."
            ) % {"limit": formats.temperature(protocol.temperature_limit)}

    def values(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        typed = self.cleaned_data
        return {"temperature": typed.get("temperature"), "ticked": typed.get("items", [])}
