"""The form of the check at the gate."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields, formats
from core.languages import localized
from counters.screening.temperature import read_temperature
from offices.limits.models import Protocol


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
