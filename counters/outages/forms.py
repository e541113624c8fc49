"""The form for an outage."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import fields
from core.forms import ClockField


class OutageForm(forms.Form):
    """The device or counter, the start time and the symptom."""

    thing = forms.ChoiceField(
        label=_("Apa yang rusak?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Pilih apa yang rusak."),
            "invalid_choice": _(
                "Pilih salah satu dari daftar; yang sudah tercatat tidak ditampilkan lagi."
            ),
        },
    )
    reason = fields.CharField(
        label=_("Apa yang terlihat?"),
        help_text=_("Misalnya: layar gelap, tidak menyimpan foto."),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "class": "wide"}),
        error_messages={
            "required": _("Tulis penyebabnya atau apa yang terlihat, misalnya: layar gelap."),
            "max_length": _("Paling panjang 200 karakter."),
        },
    )

    def __init__(self, *args: Any, things: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        since = ClockField(label=_("Sejak pukul"))
        since.required = False
        since.help_text = _("Kosongkan bila baru saja.")
        self.fields["since"] = since
        field: Any = self.fields["thing"]
        field.choices = things
        if things:
            field.initial = things[0][0]

    def target(self) -> dict[str, int]:
        """Return the chosen device or counter as arguments of the service."""
        kind, _dash, pk = self.cleaned_data["thing"].partition("-")
        return {f"{kind}_id": int(pk)}
